"""Feeds of films: the newest here, and a collection's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from films.feeds import ENTRIES, SUMMARY, Entry, atom
from films.models import Collection, Film
from films.models.film import published_now
from films.text import plain_text


@require_safe
def film_feed(request: HttpRequest) -> HttpResponse:
    """The films published last, with their synopses."""
    films = Film.objects.published().newest().defer("essay")[:ENTRIES]
    entries = (_entry(film, film.synopsis) for film in films)
    return atom(_("Films"), reverse("films:list"), request.path, entries)


@require_safe
def collection_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """A published collection's films, those put into it last first, with the editors' notes."""
    collection = get_object_or_404(Collection.objects.published(), slug=slug)
    found = collection.entries.filter(published_now("film")).select_related("film")
    entries = (
        _entry(entry.film, entry.note or entry.film.synopsis)
        for entry in found.defer("film__essay").order_by("-pk")[:ENTRIES]
    )
    return atom(collection.title, collection.get_absolute_url(), request.path, entries)


def _entry(film: Film, text: str) -> Entry:
    published_at = film.published_at or film.created_at  # a published film has the first
    return Entry(
        number=f"film/{film.pk}",
        title=str(film),
        address=film.get_absolute_url(),
        text=plain_text(text, SUMMARY),
        author="",
        published_at=published_at,
        updated_at=max(published_at, film.changed_at),
    )
