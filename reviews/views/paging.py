"""One page of a list, and the links to the others: numbered, by `?page=`."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest


def page_of(rows: Any, request: HttpRequest, size: int, known: dict[str, str]) -> dict[str, Any]:
    """What `films/_pagination.html` wants, for `size` rows a page; two queries.

    Nonsense in `?page=` is the first page, a number past the end the last. `known` are the other
    parts of the query, which the links and the canonical address carry on.
    """
    paginator = Paginator(rows, size)
    asked = request.GET.get("page", "")
    number = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
    page = paginator.get_page(max(1, number))
    query = urlencode(known)
    prefix = f"?{query}&page=" if query else "?page="
    canonical = query if page.number == 1 else f"{prefix[1:]}{page.number}"
    numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {
        "page": page,
        "links": [(number, isinstance(number, int)) for number in numbers],
        "prefix": prefix,
        "canonical": f"{request.path}?{canonical}" if canonical else request.path,
    }
