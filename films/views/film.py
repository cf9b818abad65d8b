"""The film page."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from films import structured
from films.models import Film, Likeness
from films.models.facts import Facts
from films.models.film import may_edit_films
from films.models.people import Billing, Department
from films.slugs import address

PLAIN_JOBS = {"Director", "Writer"}  # said by the label beside the name already
ON_POSTER = 3  # directors
CAST_SHOWN = 12
REVIEWS_SHOWN = 3


class Part(NamedTuple):
    """What one person did in one department of a film: jobs or characters, `Kathy H.`."""

    name: str
    address: str
    did: str


@require_safe
def film(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a film this reader may see; an earlier address of it answers 301."""
    films = Film.objects.visible_to(request.user)
    found = films.for_page(request.user).filter(slug=slug).first()
    if found is None:
        moved = get_object_or_404(films, earlier_slugs__slug=slug)
        return redirect(moved, permanent=True)
    facts, score = found.facts(), getattr(found, "audience_score", None)
    billed = found.credits.billing()
    context = {
        "film": found,
        "score": score,
        "own_vote": getattr(found, "own_vote", None),
        "own_review": getattr(found, "own_review", None),
        "facts": facts,
        "description": structured.description(found, facts),
        "alike": Likeness.objects.for_page(found),
        "breadcrumbs": structured.breadcrumbs(
            (gettext("Films"), reverse("films:list")), (found.title, found.get_absolute_url())
        ),
        "json_ld": structured.movie(found, facts, billed, score),
        "reviews": _reviews(found, request),
        "review_count": getattr(found, "review_count", 0),
        "may_edit": may_edit_films(request.user),
        "has_details": _has_details(found, facts, score) or bool(billed),
        **_people(found, billed),
    }
    return render(request, "films/film.html", context)


def _has_details(film: Film, facts: Facts, score: Any) -> bool:
    """Whether anything stands under the heading of the details."""
    fields = "runtime known_year original_language original_title trailer_url website imdb_id"
    known = [getattr(film, name) for name in fields.split()]
    lists = [facts.taglines, facts.countries, facts.titles, facts.other_certificates]
    return any(known) or any(lists) or bool(score and score.is_shown)


def _reviews(film: Film, request: HttpRequest) -> list[Any]:
    """The reviews that most found helpful, with authors and their votes; one query."""
    return list(film.reviews.most_helpful(film).for_reading(request.user)[:REVIEWS_SHOWN])


def _people(film: Film, billed: list[Billing]) -> dict[str, Any]:
    """Directors, writers, cast (12, then the rest), and the other departments with anybody."""
    parts: dict[str, dict[int, Part]] = {department: {} for department in Department.values}
    for credit in billed:
        people = parts[credit.department]
        before = people[credit.person_id].did if credit.person_id in people else ""
        job = "" if credit.job in PLAIN_JOBS else credit.job
        did = ", ".join(filter(None, (before, credit.character or job)))
        people[credit.person_id] = Part(credit.name, address("films:person", credit.slug), did)
    directors, writers, cast = (
        list(parts.pop(department).values())
        for department in (Department.DIRECTING, Department.WRITING, Department.CAST)
    )
    names = ", ".join(part.name for part in directors[:ON_POSTER])
    if len(directors) > ON_POSTER:
        names = gettext("%(names)s and others") % {"names": names}
    return {
        "directors": directors,
        "writers": writers,
        "cast": cast[:CAST_SHOWN],
        "rest_of_cast": cast[CAST_SHOWN:],
        "cast_size": len(cast),
        "crews": [
            (Department(department).label, list(people.values()))
            for department, people in parts.items()
            if people
        ],
        "poster_line": " · ".join(filter(None, (str(film.known_year or ""), names))),
    }
