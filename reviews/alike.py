"""Which films are alike: what they share in people, genres, and members who rated both high.

Worked out some hundred films at a time, in a few queries for all of them together, and stored by
`find_alike`, so that a page only reads. What a shared person weighs falls with the number of their
films: somebody of two films ties them more closely than somebody of two hundred. Genres alone make
nothing alike; they only add. Films that are not published take no part: they are in nobody's
number of films, and take no place among the likest.

However busy somebody is, the work has a bound: of a film its latest 400 high votes are looked at,
of a member the latest 1,000, and who has more than 1,000 credits ties nothing.
"""

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from django.db import transaction
from django.db.models import Count, Q, Window
from django.db.models.functions import RowNumber

from films.importing.credits import chunks
from films.models import Credit, Film, Likeness
from films.models.film import published_now
from films.models.likeness import FEWEST
from films.models.people import Department
from reviews.models import AudienceScore, Vote
from reviews.models.vote import SCORES

SHOWN = 6  # films that a page shows
LEAST = 1.0  # what a pair must weigh
HIGH = 8  # a vote of 4 stars or more
VOTERS_ASKED = 400  # the latest high votes of a film that are looked at
VOTES_ASKED = 1_000  # the latest high votes of a member that are looked at
VOTERS_NEEDED = 5  # members who rated both high
MEMBERS_AT_ONCE = 20_000  # whose high votes are in memory
TOP_BILLED = 10  # of a cast
MOST_CREDITS = 1_000  # somebody with more, on whatever films, ties nothing
WEIGHTS: dict[str, float] = {
    Department.DIRECTING: 4.0,
    Department.WRITING: 2.0,
    Department.CAST: 1.5,
}
KINDS: dict[str, str] = {
    Department.DIRECTING: "directors",
    Department.WRITING: "writers",
    Department.CAST: "cast",
}
GENRE_WEIGHT = 0.4  # a shared genre
VOTERS_WEIGHT = 6.0  # times the cosine of the two films' high voters
NAMES = 2  # people that a reason names
AT_ONCE = 500  # films worked out together, and stored in one transaction

Numbers: TypeAlias = "array[int]"  # of members or of films: votes are many
Part = tuple[str, int]  # what makes films alike: a department, and who worked in it
Shared = dict[str, Any]


class Credits(NamedTuple):
    """Who made some films, and what else they made."""

    of: dict[int, list[tuple[Part, str]]]  # by film: with their names, in their order
    films: dict[Part, set[int]]  # published ones; none of who has no other film

    def weights(self, film: int) -> dict[int, float]:
        """What the people of a film that others share with it weigh, by the other film."""
        weights: dict[int, float] = defaultdict(float)
        for part, _name in self.of[film]:
            films = self.films[part]
            if len(films) > 1:
                weight = WEIGHTS[part[0]] / math.log2(len(films))
                for other in films:
                    weights[other] += weight
        weights.pop(film, None)
        return weights

    def shared(self, film: int, other: int) -> Shared:
        """The names of those who made both."""
        shared: Shared = {}
        for part, name in self.of[film]:
            if other in self.films[part]:
                names = shared.setdefault(KINDS[part[0]], [])
                names += [name] if len(names) < NAMES else []
        return shared


def alike(films: list[int]) -> dict[int, list[tuple[int, Shared]]]:
    """The published films most like each of these and what they share, likest first.

    At most 6 of each film; one of which fewer than 2 can be told is left out.
    """
    people, voters, genres = _credits(films), _voters(films), _genres(films)
    near: dict[int, dict[int, float]] = {}
    for film in films:
        weights = people.weights(film)
        for other, (_n, weight) in voters[film].items():
            weights[other] = weights.get(other, 0) + weight
        near[film] = _near(weights, GENRE_WEIGHT * len(genres[film]))
    genres |= _genres(set().union(*near.values()) - genres.keys())
    found = {}
    for film in films:
        likest = _likest(near[film], genres[film], genres)
        if len(likest) >= FEWEST:
            found[film] = [
                (other, _shared(people.shared(film, other), voters[film].get(other), both))
                for other, both in likest
            ]
    return found


def _near(weights: dict[int, float], most: float) -> dict[int, float]:
    """Those that can still be among the likest when shared genres add at most so much."""
    best = heapq.nlargest(SHOWN, weights.values())
    least = max(LEAST, best[-1]) if len(best) == SHOWN else LEAST
    return {other: weight for other, weight in weights.items() if weight + most >= least}


def _likest(
    near: dict[int, float], own: set[str], genres: dict[int, set[str]]
) -> list[tuple[int, set[str]]]:
    """The likest films, likest first, with the genres they share."""
    ranked = []
    for other, weight in near.items():
        both = own & genres[other]
        whole = weight + GENRE_WEIGHT * len(both)
        if whole >= LEAST:
            ranked.append((-whole, other, both))
    return [(other, both) for _whole, other, both in sorted(ranked)[:SHOWN]]


def _shared(people: Shared, voters: tuple[int, float] | None, genres: set[str]) -> Shared:
    shared = dict(people)
    if voters:
        shared["voters"] = voters[0]
    if genres:
        shared["genres"] = sorted(genres)
    return shared


def _credits(films: list[int]) -> Credits:
    """The directors, writers and top-billed cast of these films, with all films of theirs."""
    kept = Credit.objects.filter(
        Q(department__in=[Department.DIRECTING, Department.WRITING])
        | Q(department=Department.CAST, position__lt=TOP_BILLED)
    ).order_by()
    columns = "film", "department", "person", "person__name"
    of: dict[int, list[tuple[Part, str]]] = defaultdict(list)
    for film, department, person, name in set(kept.filter(film__in=films).values_list(*columns)):
        of[film].append(((department, person), name))
    order = list(WEIGHTS)
    for parts in of.values():
        parts.sort(key=lambda item: (order.index(item[0][0]), item[1], item[0]))
    theirs: dict[Part, set[int]] = defaultdict(set)
    for some in chunks(_who_tie(of.values())):
        rows = kept.filter(published_now("film"), person__in=some)
        for department, person, film in rows.values_list("department", "person", "film"):
            theirs[department, person].add(film)
    return Credits(of, theirs)


def _who_tie(credited: Iterable[list[tuple[Part, str]]]) -> list[int]:
    """Those people who have another credit, and not too many."""
    people = sorted({person for parts in credited for (_department, person), _name in parts})
    found: list[int] = []
    for some in chunks(people):
        counted = Credit.objects.filter(person__in=some).order_by().values("person")
        tie = counted.annotate(n=Count("pk")).filter(n__gte=2, n__lte=MOST_CREDITS)
        found += tie.values_list("person", flat=True)
    return found


def _voters(films: list[int]) -> dict[int, dict[int, tuple[int, float]]]:
    """By film the others that enough of those who rated it high rated high, too.

    With the number of these members and what that weighs.
    """
    fans = _latest_high("film", films, "member", VOTERS_ASKED)
    voters: dict[int, dict[int, tuple[int, float]]] = defaultdict(dict)
    for some in _groups({film: fans[film] for film in fans if len(fans[film]) >= VOTERS_NEEDED}):
        met = _met(some)
        high = _high(set(chain(*met.values())))
        for film, others in met.items():
            for other in others.keys() & high.keys():
                size = math.sqrt(len(fans[film]) * high[other])
                voters[film][other] = others[other], VOTERS_WEIGHT * others[other] / size
    return voters


def _groups(fans: dict[int, Numbers]) -> Iterator[dict[int, Numbers]]:
    """The films with who rated them high, so few at a time that all votes of these fit."""
    group: dict[int, Numbers] = {}
    for film, members in fans.items():
        group[film] = members
        if sum(map(len, group.values())) > MEMBERS_AT_ONCE:
            yield group
            group = {}
    yield group


def _met(fans: dict[int, Numbers]) -> dict[int, dict[int, int]]:
    """By film how many of these members rated each of the others high, where enough did."""
    liked: dict[int, Numbers] = {}
    for some in chunks(sorted(set(chain(*fans.values())))):
        liked |= _latest_high("member", some, "film", VOTES_ASKED)
    met = {}
    for film, members in fans.items():
        counted = Counter(chain.from_iterable(liked.get(member, ()) for member in members))
        met[film] = {
            other: n for other, n in counted.items() if n >= VOTERS_NEEDED and other != film
        }
    return met


def _latest_high(by: str, these: list[int], of: str, most: int) -> dict[int, Numbers]:
    """The members of these films, or the films of these members, of at most so many high votes."""
    place = Window(RowNumber(), partition_by=by, order_by=["-changed_at", "-pk"])
    high = Vote.objects.counted().filter(score__gte=HIGH, **{f"{by}__in": these})
    latest = high.annotate(place=place).filter(place__lte=most).order_by()
    found: dict[int, Numbers] = defaultdict(lambda: array("q"))
    for one, other in latest.values_list(by, of).iterator(2_000):
        found[one].append(other)
    return found


def _high(films: Collection[int]) -> dict[int, int]:
    """How many rated each of these high, of the published ones; 1 at least, as it is divided by."""
    counts = [f"n{score}" for score in SCORES if score >= HIGH]
    high = {}
    for some in chunks(sorted(films)):
        scores = AudienceScore.objects.filter(published_now("film"), film__in=some)
        for film, *numbers in scores.values_list("film", *counts):
            high[film] = max(1, sum(numbers))
    return high


def _genres(films: Collection[int]) -> dict[int, set[str]]:
    genres: dict[int, set[str]] = {film: set() for film in films}
    for some in chunks(sorted(films)):
        links = Film.genres.through.objects.filter(film__in=some)
        for film, name in links.values_list("film", "genre__name"):
            genres[film].add(name)
    return genres


def store_all() -> Iterator[tuple[int, int]]:
    """Work out every published film anew and store it; yields films done and pairs stored so far.

    Some hundred films a transaction, of which only those are written that changed: whoever reads
    meanwhile sees the old or the new of each.
    """
    after = done = pairs = 0
    published = Film.objects.published().order_by("pk").values_list("pk", flat=True)
    while films := list(published.filter(pk__gt=after)[:AT_ONCE]):
        between = Likeness.objects.filter(film__gt=after, film__lte=films[-1])
        between.exclude(film__in=films).delete()
        pairs += _store(films)
        after, done = films[-1], done + len(films)
        yield done, pairs
    Likeness.objects.filter(film__gt=after).delete()


def _store(films: list[int]) -> int:
    """Write what changed of these films; how many pairs they have."""
    found = alike(films)
    before: dict[int, list[tuple[int, Shared]]] = defaultdict(list)
    stored = Likeness.objects.filter(film__in=films).order_by("film", "position")
    for film, other, shared in stored.values_list("film", "other", "shared"):
        before[film].append((other, shared))
    changed = [film for film in films if found.get(film, []) != before.get(film, [])]
    rows = [
        Likeness(film_id=film, other_id=other, position=position, shared=shared)
        for film in changed
        for position, (other, shared) in enumerate(found.get(film, []), 1)
    ]
    if changed:
        with transaction.atomic():
            rows = _still_there(rows)
            Likeness.objects.filter(film__in=changed).delete()
            Likeness.objects.bulk_create(rows)
    return sum(map(len, found.values()))


def _still_there(rows: list[Likeness]) -> list[Likeness]:
    """Those whose films nobody has deleted meanwhile; the films stay until the transaction ends."""
    numbers = {number for row in rows for number in (row.film_id, row.other_id)}
    known: set[int] = set()
    for some in chunks(sorted(numbers)):
        there = Film.objects.filter(pk__in=some).select_for_update(no_key=True).order_by("pk")
        known |= set(there.values_list("pk", flat=True))
    return [row for row in rows if {row.film_id, row.other_id} <= known]
