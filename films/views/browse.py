"""The list of all films, with its filters and sorts, and a genre's films."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from films.counts import Found, count
from films.filters import Filter, Narrowing, narrowing
from films.listing import DEFAULT_SORT, FILMS_A_PAGE, SORTS, page_query, read_page
from films.models import Film, FilmQuerySet, Genre
from films.models.film import on_watchlist


class Chosen(NamedTuple):
    """A filter that narrows the list, and where the list is without it."""

    words: str
    address: str
    films: int  # how many are left then; 0 where that is not counted


@require_safe
def film_list(request: HttpRequest) -> HttpResponse:
    """All published films; the filters, `sort`, and `page` or `after` in the query.

    What is not on offer is ignored, so nobody's words reach the database as anything but values.
    """
    member = request.user.pk if request.user.is_authenticated else None
    choice = narrowing(request.GET.dict(), member)
    found = count(choice)
    sorts = Filter("sort", _("Sort by"), {name: str(sort.label) for name, sort in SORTS.items()})
    sorts.choose(request.GET.get("sort", ""))
    known = {each.name: each.chosen for each in choice.chosen}
    if sorts.chosen not in ("", DEFAULT_SORT):
        known["sort"] = sorts.chosen
    chosen = chosen_filters(request.path, choice, known, found.without)
    listing = listed(request, choice, found, sorts.chosen or DEFAULT_SORT, known)
    context = {
        "filters": choice.filters,
        "sorts": sorts,
        "found": found,
        "chosen": chosen,
        "ways_on": [each for each in chosen if each.films],
        "all": list_address(request.path, {name: known[name] for name in known if name == "sort"}),
        # One filter is a page to find; their combinations have no end.
        "is_for_robots": len(chosen) == len(known) <= 1 and listing["page"].number,
        **listing,
    }
    return render(request, "films/list.html", context)


@require_safe
def genre(request: HttpRequest, slug: str) -> HttpResponse:
    """A genre's published films, newest first."""
    choice = narrowing({"genre": slug})
    if not choice.chosen:  # none that is published
        empty = get_object_or_404(Genre, slug=slug)
        context: dict[str, Any] = {"genre": empty, "films": [], "canonical": request.path}
        return render(request, "films/genre.html", context)
    films = count(choice, each_value=False)
    context = {
        "genre": Genre(name=choice.chosen[0].chosen_words, slug=slug),
        "found": films,
        **listed(request, choice, films, DEFAULT_SORT, {}),
    }
    return render(request, "films/genre.html", context)


def listed(
    request: HttpRequest, choice: Narrowing, found: Found, sort: str, known: dict[str, str]
) -> dict[str, Any]:
    """One page of a list, and where the pages about it are; a query, and one for a member.

    `known` are the parts of the query that the links carry on.
    """
    page = read_page(choice, found, sort, request.GET.get("page", ""), request.GET.get("after", ""))
    links = {name: list_address(request.path, known, more) for name, more in page.links.items()}

    def numbered(number: int | str) -> str:
        """A page's address; none for what stands for those left out."""
        more = page_query(number) if isinstance(number, int) else None
        return list_address(request.path, known, more) if more is not None else ""

    return {
        "page": page,
        "films": page.films,
        "watchlist": on_watchlist(request.user, page.films),
        "links": links,
        "numbers": [
            (
                number,
                list_address(request.path, known, page_query(number))
                if type(number) is int
                else "",
            )
            for number in page.numbers
        ],
        "canonical": links["canonical"],
    }


def chosen_filters(
    path: str, choice: Narrowing, known: dict[str, str], without: Mapping[str, int]
) -> list[Chosen]:
    """The filters that narrow a list; `without` tells how many films there are without each."""
    return [
        Chosen(
            each.chosen_words,
            list_address(path, {name: known[name] for name in known if name != each.name}),
            without.get(each.name, 0),
        )
        for each in choice.chosen
    ]


def list_address(path: str, known: dict[str, str], more: dict[str, str] | None = None) -> str:
    """A list's one address: its filters in their order, the sort, the page; defaults left out."""
    query = urlencode({**known, **(more or {})})
    return f"{path}?{query}" if query else path


def page_of(films: FilmQuerySet, request: HttpRequest, known: dict[str, str]) -> dict[str, Any]:
    """One page of 48 films of a short list, as a member's own, and the links to the others; two
    queries, and one for a member.

    Nonsense in `?page=` is the first page, a number past the end the last. `known` are the parts
    of the query that the links carry on.
    """
    paginator = Paginator(films.for_cards(), FILMS_A_PAGE)
    page: Page[Film] = paginator.page(_page_number(request, paginator.num_pages))
    query = urlencode(known)
    prefix = f"?{query}&page=" if query else "?page="
    numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    canonical = query if page.number == 1 else f"{prefix[1:]}{page.number}"
    return {
        "page": page,
        "films": page.object_list,
        "watchlist": on_watchlist(request.user, page.object_list),
        "links": [(number, isinstance(number, int)) for number in numbers],
        "prefix": prefix,
        "canonical": f"{request.path}?{canonical}" if canonical else request.path,
    }


def _page_number(request: HttpRequest, last: int) -> int:
    asked = request.GET.get("page", "")
    if not (asked.isascii() and asked.isdigit()):
        return 1
    number = last if len(asked) > 9 else int(asked)
    return max(1, min(number, last))
