"""The score over time, as a line that is drawn on the server and told in words."""

from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.history import History, Point

register = template.Library()

WIDTH, HEIGHT = 1000, 300  # units of the drawing; it is stretched to the column
TENTH = 1000  # hundredths of a per cent between the lines that the scale may begin and end at


@register.inclusion_tag("reviews/_score_history.html")
def score_history(history: History) -> dict[str, Any]:
    """`{% score_history history %}`: the line, its scale and its days, the same in words."""
    points = history.points
    low, high = _scale([point.percent for point in points])
    first, last = points[0], points[-1]
    length = (last.day - first.day).days
    line = " ".join(
        f"{(point.day - first.day).days * WIDTH // length},"
        f"{HEIGHT - (point.percent - low) * HEIGHT // (high - low)}"
        for point in points
    )
    return {
        "line": line,
        "scale": [f"{percent // 100} %" for percent in (high, (high + low) // 2, low)],
        "first": first,
        "last": last,
        "words": _words(history),
    }


def _scale(percents: list[int]) -> tuple[int, int]:
    """The lowest and highest line of the scale: whole tens of per cent, at least ten apart."""
    low = min(percents) // TENTH * TENTH
    high = -(-max(percents) // TENTH) * TENTH
    if low == high:
        low -= TENTH
    return low, high


def _words(history: History) -> list[str]:
    first, last = history.points[0], history.points[-1]
    told = [_("From %(first)s to %(last)s.") % {"first": _said(first), "last": _said(last)}]
    if history.highest.percent > max(first.percent, last.percent):
        told.append(_("The highest was %(point)s.") % {"point": _said(history.highest)})
    if history.lowest.percent < min(first.percent, last.percent):
        told.append(_("The lowest was %(point)s.") % {"point": _said(history.lowest)})
    return told


def _said(point: Point) -> str:
    said = ngettext(
        "%(percent)s %% on %(day)s (%(votes)d vote)",
        "%(percent)s %% on %(day)s (%(votes)d votes)",
        point.votes,
    )
    day = date_format(point.day, "j F Y")
    return said % {"percent": point.percent_text, "day": day, "votes": point.votes}
