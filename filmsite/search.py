"""The pages of the search: what it found, and what it suggests while somebody types.

They stand here because they count who asks how often, as `reviews` does; what finds is
`films.search`.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from films.models import Film, Person
from films.models.film import on_watchlist
from films.search.finding import LONGEST, Found, find
from reviews import limits

FILMS, NEAR_FILMS = 48, 12
SUGGESTED_FILMS, SUGGESTED_PEOPLE = 5, 3


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Films and people for `?q=`; without it the box alone. Of a long query the start counts."""
    asked = _asked(request)
    if not asked:
        return render(request, "films/search.html")
    if wait := limits.too_many(
        "search", limits.asker(request), settings.SEARCHES_A_MINUTE, limits.MINUTE
    ):
        return limits.refuse(request, wait)
    found = find(asked, FILMS)
    found.near_films = found.near_films[:NEAR_FILMS]
    found.part_films = found.part_films[:NEAR_FILMS]
    shown = [*found.films, *found.near_films, *found.their_films, *found.part_films]
    context = {
        "query": asked[:LONGEST],
        "is_cut": len(asked) > LONGEST,
        "longest": LONGEST,
        "found": found,
        "is_full": len(found.films) == FILMS,
        "watchlist": on_watchlist(request.user, shown),
    }
    return render(request, "films/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """At most eight films and people for `?q=`, as JSON: `text`, `note` and `address` of each."""
    if wait := limits.too_many(
        "suggest", limits.asker(request), settings.SUGGESTIONS_A_MINUTE, limits.MINUTE
    ):
        return JsonResponse({"suggestions": []}, status=429, headers={"Retry-After": str(wait)})
    suggestions = _suggestions(find(_asked(request), SUGGESTED_FILMS, SUGGESTED_PEOPLE, few=1))
    status = ngettext("%(count)d suggestion", "%(count)d suggestions", len(suggestions))
    spoken = status % {"count": len(suggestions)} if suggestions else gettext("No suggestion")
    return JsonResponse({"suggestions": suggestions, "status": spoken})


def _asked(request: HttpRequest) -> str:
    """What was typed, on one line."""
    return " ".join(request.GET.get("q", "").replace("\0", " ").split())


def _suggestions(found: Found) -> list[dict[str, Any]]:
    films = found.films or found.their_films or found.near_films or found.part_films
    people = found.people or found.near_people or found.part_people
    return [_suggestion(film.title, film.caption, film) for film in films[:SUGGESTED_FILMS]] + [
        _suggestion(person.name, gettext("Person"), person) for person in people[:SUGGESTED_PEOPLE]
    ]


def _suggestion(text: str, note: str, leads_to: Film | Person) -> dict[str, str]:
    return {"text": text, "note": note, "address": leads_to.get_absolute_url()}
