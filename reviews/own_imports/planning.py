"""What would become of each row of a file. Reads the database, writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from films.models import Film
from reviews.models import Review, Vote, WatchlistEntry
from reviews.own_imports.brought import Brought, Item, Named, Skipped, What
from reviews.own_imports.matching import Films
from reviews.templatetags.stars import day


@dataclass
class Plan:
    """`new` has, of each kind, the items to store by their film; `there` counts those of which the
    member has one already, which stays as it is: `have` are the films of these. `missing` are the
    names that no film answers to, with what the file has of them.
    """

    films: Films
    have: dict[str, set[int]]
    new: dict[str, dict[Film, Item]] = field(default_factory=lambda: {what: {} for what in What})
    there: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    missing: dict[Named, list[Item]] = field(default_factory=lambda: defaultdict(list))


def plan(
    member: Any,
    brought: Brought,
    chosen: Mapping[Named, int] | None = None,
    leave_out: frozenset[str] = frozenset(),
) -> Plan:
    """What this member's file would bring. `chosen` are films that the member named themselves,
    by their number; `leave_out` the kinds of items that are not wanted.
    """
    chosen = chosen or {}
    items = [item for item in brought.items if item.what not in leave_out]
    films = Films(dict.fromkeys(item.named for item in items), chosen.values())
    planned = Plan(films, _films_of(member), skipped=list(brought.skipped))
    for item in items:
        film = films.of(item.named) or films.numbered(chosen.get(item.named, 0))
        if film is None:
            planned.missing[item.named].append(item)
        elif film.pk in planned.have[item.what]:
            planned.there[item.what] += 1
        elif reason := _why_not(item, film, planned):
            planned.skipped.append(Skipped(item.place, str(item.named), reason))
        else:
            planned.new[item.what][film] = item
    return planned


def _films_of(member: Any) -> dict[str, set[int]]:
    """The films on which the member has a vote, a review, or which they want to see."""
    kinds: dict[str, QuerySet[Any]] = {
        What.VOTE: Vote.objects.filter(member=member),
        What.REVIEW: Review.objects.filter(author=member),
        What.WATCHLIST: WatchlistEntry.objects.filter(member=member),
    }
    return {what: set(rows.values_list("film_id", flat=True)) for what, rows in kinds.items()}


def _why_not(item: Item, film: Film, planned: Plan) -> str:
    if film in planned.new[item.what]:
        return _("Another row means the same film.")
    if item.what == What.VOTE and film.voting_opens_on and not film.voting_is_open:
        return _("Voting opens on %(day)s") % {"day": day(film.voting_opens_on)} + "."
    return ""
