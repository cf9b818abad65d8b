"""Storing what was planned: all of it or nothing, and a note of what was made."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from films.models import Film
from reviews.models import Member, OwnImport, OwnImportEntry, Review, Vote, WatchlistEntry
from reviews.models.moderation import AT_ONCE
from reviews.own_imports.brought import Item, What
from reviews.own_imports.planning import Plan


def store(member: Any, source: str, plan: Plan) -> OwnImport | None:
    """Store the plan's new votes, reviews and films to see; the import, or None if none was new
    or the member is deleted meanwhile.

    What came to be there since the plan was made stays as it is. Votes are of this moment, as all
    votes are when they are cast; reviews keep their day. Raises IntegrityError, and stores nothing,
    where a film is deleted meanwhile.
    """
    with transaction.atomic():
        # Whoever deletes a member locks the row first; a second import of theirs waits too.
        if not Member.objects.select_for_update(no_key=True).filter(pk=member.pk):
            return None
        moment = timezone.now()
        scores = {film: item.score for film, item in plan.new[What.VOTE].items()}
        made = {
            What.VOTE: Vote.objects.cast_new(scores, member, moment),
            What.REVIEW: _store_reviews(member, plan.new[What.REVIEW], moment),
            What.WATCHLIST: _store_films_to_see(member, plan.new[What.WATCHLIST], moment),
        }
        if not any(made.values()):
            return None
        own_import = OwnImport.objects.create(member=member, source=source, made_at=moment)
        OwnImportEntry.objects.bulk_create(
            (
                OwnImportEntry(own_import=own_import, film_id=film, what=what)
                for what, films in made.items()
                for film in sorted(films)
            ),
            batch_size=AT_ONCE,
        )
    return own_import


def _store_reviews(member: Any, items: dict[Film, Item], moment: datetime) -> set[int]:
    """The films whose review is now that of the file, and not one written meanwhile."""
    written = {film.pk: item.moment(moment) for film, item in items.items()}
    reason = Review.objects.reason_to_hold(member) if items else ""
    Review.objects.bulk_create(
        (
            Review(
                film=film,
                author=member,
                body=item.text,
                gives_away_ending=item.gives_away,
                status=Review.Status.HELD if reason else Review.Status.PUBLISHED,
                reason=reason,
                written_at=written[film.pk],
            )
            for film, item in sorted(items.items(), key=lambda pair: pair[0].pk)
        ),
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )
    found = Review.objects.filter(author=member).values_list("film_id", "written_at")
    return {film for film, moment in found if written.get(film) == moment}


def _store_films_to_see(member: Any, items: dict[Film, Item], moment: datetime) -> set[int]:
    """The films that are on the list now and were not. The latest of the file stays the latest."""
    in_order = sorted(items.items(), key=lambda pair: pair[1].day)
    WatchlistEntry.objects.bulk_create(
        (WatchlistEntry(film=film, member=member, added_at=moment) for film, _item in in_order),
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )
    added = WatchlistEntry.objects.filter(member=member, added_at=moment)
    return set(added.values_list("film_id", flat=True))
