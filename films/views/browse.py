"""The list of all films, with its filters and sorts, and a genre's films."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from films.filters import Filter, offered_filters
from films.models import Film, FilmQuerySet, Genre
from films.models.film import on_watchlist

FILMS_A_PAGE = 48
SORTS: dict[str, tuple[Any, Callable[[FilmQuerySet], FilmQuerySet]]] = {
    "newest": (_("Newest here"), FilmQuerySet.newest),
    "score": (_("Audience score"), FilmQuerySet.by_rank),
    "votes": (_("Most votes"), FilmQuerySet.by_votes),
    "title": (_("Title"), lambda films: films.order_by("title", "pk")),
}
DEFAULT_SORT = "newest"


@require_safe
def film_list(request: HttpRequest) -> HttpResponse:
    """All published films; `genre decade certificate country language sort page` in the query.

    What is not on offer is ignored, so nobody's words reach the database.
    """
    filters = offered_filters()
    films = Film.objects.published()
    for each in filters:
        each.choose(request.GET.get(each.name, ""))
        films = each.narrow(films)
    sorts = Filter(
        "sort", _("Sort by"), {name: str(label) for name, (label, _order) in SORTS.items()}
    )
    sorts.choose(request.GET.get("sort", ""))
    known = {each.name: each.chosen for each in [*filters, sorts] if each.chosen}
    films = SORTS[sorts.chosen or DEFAULT_SORT][1](films)
    context = {
        "filters": filters,
        "sorts": sorts,
        "is_narrowed": any(each.chosen for each in filters),
        **page_of(films, request, known),
    }
    return render(request, "films/list.html", context)


@require_safe
def genre(request: HttpRequest, slug: str) -> HttpResponse:
    """A genre's published films, newest first."""
    found = get_object_or_404(Genre, slug=slug)
    films = Film.objects.published().of_genre(found.slug).newest()
    context = {"genre": found, **page_of(films, request, {})}
    return render(request, "films/genre.html", context)


def page_of(films: FilmQuerySet, request: HttpRequest, known: dict[str, str]) -> dict[str, Any]:
    """One page of 48 films, and the links to the others; two queries, and one for a member.

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
