"""A person's page."""

from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from films import structured
from films.models import Film, Person
from films.models.film import may_edit_films
from films.models.people import Department
from films.posters import portrait_address


class Work(NamedTuple):
    """One published film of a person, and what they did on it in one department."""

    film: Film
    did: str


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody's dates, biography, and published films by department, newest first.

    404 for who has worked on unpublished films alone, but to editors.
    """
    found = get_object_or_404(Person, slug=slug)
    portrait, departments = portrait_address(found, 300), _filmography(found)
    if not departments and not may_edit_films(request.user) and found.credits.exists():
        raise Http404
    films = {work.film.pk: work.film for _label, works in departments for work in works}
    context = {
        "person": found,
        "portrait": portrait,
        "departments": departments,
        "json_ld": structured.person(found, portrait, films.values()),
    }
    return render(request, "films/person.html", context)


def _filmography(person: Person) -> list[tuple[str, list[Work]]]:
    """Departments in their own order, films newest first, jobs on one film together; one query."""
    departments: dict[str, dict[int, Work]] = {department: {} for department in Department.values}
    billed = (
        person.credits.filter(film__in=Film.objects.published())
        .select_related("film__audience_score")
        .defer("film__synopsis", "film__essay")
        .order_by("position", "pk")
    )
    for credit in billed:
        works = departments[credit.department]
        before = works.get(credit.film_id, Work(credit.film, "")).did
        did = ", ".join(filter(None, (before, credit.character or credit.job)))
        works[credit.film_id] = Work(credit.film, did)
    return [
        (str(Department(department).label), sorted(works.values(), key=_newest_first))
        for department, works in departments.items()
        if works
    ]


def _newest_first(work: Work) -> tuple[int, str]:
    """Unknown years come last, films of one year by title."""
    return -(work.film.known_year or 0), work.film.title
