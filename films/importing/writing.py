"""The plan of one batch carried out: a few statements for all its films, in one transaction."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Max
from django.utils import timezone

from films import posters
from films.importing.credits import chunks, free_slugs, insert, rows_of
from films.importing.planning import PLAIN_FIELDS, Decision, Outcome, Plan
from films.models import (
    Collection,
    CollectionEntry,
    Credit,
    Film,
    FilmCertificate,
    FilmSlug,
    Genre,
    Tagline,
)
from films.slugs import make_slug


def write(plan: Plan, publish: bool) -> None:
    """Make and change the films of a plan; all of them or, where anything fails, none.

    With `publish` the films made go live, unless their source says that they are not released.
    """
    decisions = [decision for decision in plan.decisions if decision.writes]
    with posters.all_or_nothing():
        _make_films(decisions, publish)
        _change_films(decisions)
        _write_links(decisions, "genres", _genres(decisions))
        _write_links(decisions, "countries", {})
        _write_taglines(decisions)
        _write_certificates(decisions)
        _write_credits(decisions, plan)
        _write_collections(decisions)
        for film, picture in _given(decisions, "poster"):
            posters.store(film, picture)


def _make_films(decisions: list[Decision], publish: bool) -> None:
    new = [decision for decision in decisions if decision.outcome == Outcome.CREATED]
    now = timezone.now()
    for decision in new:
        released = bool(decision.row and decision.row.released)
        decision.film = Film(published_at=now if publish and released else None)
        _set_columns(decision.film, decision.writes)
    films = [decision.film for decision in new if decision.film]
    wanted = [make_slug(film.title, "film", film.known_year) for film in films]
    for film, slug in zip(films, free_slugs(Film, wanted, FilmSlug), strict=True):
        film.slug = slug
    Film.objects.bulk_create(films)


def _change_films(decisions: list[Decision]) -> None:
    for decision in decisions:
        if decision.film and decision.outcome != Outcome.CREATED:
            changed = _set_columns(decision.film, decision.writes)
            decision.film.save(update_fields=[*changed, "changed_at"])


def _set_columns(film: Film, writes: dict[str, Any]) -> list[str]:
    """Set the plain columns and the release; the names of those set."""
    columns = {name: writes[name] for name in PLAIN_FIELDS if name in writes}
    if release := writes.get("release"):
        known = isinstance(release, date)
        columns |= {
            "release_date": release if known else None,
            "release_year": None if known else release,
        }
    for name, value in columns.items():
        setattr(film, name, value)
    return list(columns)


def _genres(decisions: list[Decision]) -> dict[str, Genre]:
    """The genres that the films are given, by name in small letters; missing ones are made."""
    wanted = {
        name.casefold(): name for _film, names in _given(decisions, "genres") for name in names
    }
    if not wanted:
        return {}
    have = {genre.name.casefold(): genre for genre in Genre.objects.all()}
    new = [name for folded, name in wanted.items() if folded not in have]
    slugs = free_slugs(Genre, [make_slug(name[:50], "genre") for name in new])
    made = Genre.objects.bulk_create(
        Genre(name=name, slug=slug) for name, slug in zip(new, slugs, strict=True)
    )
    return have | {genre.name.casefold(): genre for genre in made}


def _write_links(decisions: list[Decision], name: str, by_name: dict[str, Any]) -> None:
    """Rows between films and their genres or countries, in place of those they had."""
    field = Film._meta.get_field(name)
    if not isinstance(field, models.ManyToManyField):
        raise TypeError(name)
    links: Any = field.remote_field.through
    _delete_old(links, decisions, name)
    links.objects.bulk_create(
        links(**{"film_id": film.pk, field.m2m_reverse_field_name() + "_id": item.pk})
        for film, items in _given(decisions, name)
        for item in [by_name[x.casefold()] if isinstance(x, str) else x for x in items]
    )


def _write_taglines(decisions: list[Decision]) -> None:
    _delete_old(Tagline, decisions, "taglines")
    Tagline.objects.bulk_create(
        Tagline(film=film, text=text, position=position)
        for film, texts in _given(decisions, "taglines")
        for position, text in enumerate(texts)
    )


def _write_certificates(decisions: list[Decision]) -> None:
    """One a board; the advice that an editor wrote stays when the label is replaced."""
    FilmCertificate.objects.bulk_create(
        [
            FilmCertificate(film=film, certificate=certificate, board=board)
            for film, certificates in _given(decisions, "certificates")
            for board, certificate in certificates.items()
        ],
        update_conflicts=True,
        unique_fields=["film", "board"],
        update_fields=["certificate"],
    )


def _write_credits(decisions: list[Decision], plan: Plan) -> None:
    given = list(_given(decisions, "credits"))
    plan.people.create(line for _film, lines in given for line in lines)
    _delete_old(Credit, decisions, "credits")
    insert(row for film, lines in given for row in rows_of(film, lines, plan.people))


def _write_collections(decisions: list[Decision]) -> None:
    """The films join their collections, at the end; a collection that is not there is a draft."""
    given = list(_given(decisions, "collections"))
    wanted: dict[str, str] = {}
    for title in (title for _film, titles in given for title in titles):
        wanted.setdefault(title.casefold(), title)
    if not wanted:
        return
    have = {found.title.casefold(): found for found in Collection.objects.select_for_update()}
    new = [title for folded, title in wanted.items() if folded not in have]
    slugs = free_slugs(Collection, [make_slug(title, "collection") for title in new])
    made = Collection.objects.bulk_create(
        Collection(title=title, slug=slug) for title, slug in zip(new, slugs, strict=True)
    )
    have |= {collection.title.casefold(): collection for collection in made}
    last = dict(
        CollectionEntry.objects.values_list("collection").annotate(last=Max("position")).order_by()
    )
    entries = []
    for film, titles in given:
        for collection in (have[title.casefold()] for title in titles):
            last[collection.pk] = last.get(collection.pk, 0) + 1
            place = last[collection.pk]
            entries.append(CollectionEntry(collection=collection, film=film, position=place))
    CollectionEntry.objects.bulk_create(entries)


def _given(decisions: list[Decision], name: str) -> Iterable[tuple[Film, Any]]:
    """Each film that is given this field, with the field's new value."""
    return (
        (decision.film, decision.writes[name])
        for decision in decisions
        if decision.film and name in decision.writes
    )


def _delete_old(model: Any, decisions: list[Decision], name: str) -> None:
    old = [
        decision.film.pk
        for decision in decisions
        if decision.film and decision.outcome != Outcome.CREATED and name in decision.writes
    ]
    for some in chunks(old):
        model.objects.filter(film_id__in=some).delete()
