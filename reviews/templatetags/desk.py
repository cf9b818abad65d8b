"""What the moderators' lists need to be read on a narrow screen."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.simple_tag
def labelled(row: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> SafeString:
    """`{% labelled result result_headers %}`: the cells of a row, each with its column's name.

    The admin hands over each cell as HTML that it has written itself, `<td class="field-…">…`.
    """
    return mark_safe("".join(_cells(row, headers)))  # noqa: S308 (safe cells, escaped names)


def _cells(row: Iterable[SafeString], headers: Iterable[dict[str, Any]]) -> Iterator[str]:
    for cell, header in zip(row, headers, strict=True):
        start = cell[:3]
        if "action-checkbox" in header["class_attrib"] or start not in ("<td", "<th"):
            yield cell
        else:
            yield f'{start} data-label="{escape(capfirst(header["text"]))}"{cell[3:]}'
