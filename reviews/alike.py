"""Which films are alike: what they share in people, genres, and members who rated both high.

Worked out film by film in plain queries, stored by `find_alike`, so that a page only reads. What a
shared person weighs falls with the number of their films: somebody of two films ties them more
closely than somebody of two hundred. Genres alone make nothing alike; they only add.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count

from films.models import Credit, Film, Likeness
from films.models.likeness import FEWEST
from films.models.people import Department
from reviews.models import AudienceScore, Vote

SHOWN = 6  # films that a page shows
LEAST = 1.0  # what a pair must weigh
HIGH = 8  # a vote of 4 stars or more
VOTERS_ASKED = 400  # the latest high votes of a film that are looked at
VOTERS_NEEDED = 5  # members who rated both high
TOP_BILLED = 10  # of a cast
WEIGHTS = {Department.DIRECTING: 4.0, Department.WRITING: 2.0, Department.CAST: 1.5}
KINDS = {
    Department.DIRECTING: "directors",
    Department.WRITING: "writers",
    Department.CAST: "cast",
}
GENRE_WEIGHT = 0.4  # a shared genre
VOTERS_WEIGHT = 6.0  # times the cosine of the two films' high voters
NAMES = 2  # people that a reason names
AT_ONCE = 100  # films a transaction


class Pair(NamedTuple):
    weight: float
    shared: dict[str, Any]


NOTHING = Pair(0, {})


def alike(film: int) -> list[tuple[int, Pair]]:
    """The films most like this one, likest first: at most 6, none where fewer than 2 are."""
    people, voters = _people(film), _voters(film)
    genres = _genres([film, *people, *voters])
    pairs: dict[int, Pair] = {}
    for other in people.keys() | voters.keys():
        by_people, by_voters = people.get(other, NOTHING), voters.get(other, NOTHING)
        both = sorted(genres[film] & genres[other])
        weight = by_people.weight + by_voters.weight + GENRE_WEIGHT * len(both)
        if weight >= LEAST:
            kinds = {"genres": both} if both else {}
            pairs[other] = Pair(weight, by_people.shared | by_voters.shared | kinds)
    likest = sorted(pairs.items(), key=lambda item: (-item[1].weight, item[0]))[:SHOWN]
    return likest if len(likest) >= FEWEST else []


def _people(film: int) -> dict[int, Pair]:
    """Films that share directors, writers or top-billed cast, by what that weighs."""
    weights: dict[int, float] = defaultdict(float)
    shared: dict[int, dict[str, Any]] = defaultdict(dict)
    for department, weight in WEIGHTS.items():
        kept = Credit.objects.filter(department=department)
        if department == Department.CAST:
            kept = kept.filter(position__lt=TOP_BILLED)
        own = kept.filter(film=film).values("person")
        met = set(kept.filter(person__in=own).values_list("film", "person", "person__name"))
        films_of = Counter(person for _film, person, _name in met)
        for other, person, name in sorted(met, key=itemgetter(2)):
            if other != film:
                weights[other] += weight / math.log2(films_of[person])
                names = shared[other].setdefault(KINDS[department], [])
                names += [name] if len(names) < NAMES else []
    return {other: Pair(weight, shared[other]) for other, weight in weights.items()}


def _voters(film: int) -> dict[int, Pair]:
    """Films that enough of those who rated this one high rated high, too."""
    high = Vote.objects.counted().filter(score__gte=HIGH)
    fans = high.filter(film=film).order_by("-changed_at").values_list("member", flat=True)
    members = list(fans[:VOTERS_ASKED])
    if len(members) < VOTERS_NEEDED:
        return {}
    met = high.filter(member__in=members).exclude(film=film).order_by().values("film")
    found = dict(met.annotate(n=Count("pk")).filter(n__gte=VOTERS_NEEDED).values_list("film", "n"))
    scores = AudienceScore.objects.in_bulk(found)
    return {
        other: Pair(
            VOTERS_WEIGHT * n / math.sqrt(len(members) * _high(scores[other])), {"voters": n}
        )
        for other, n in found.items()
    }


def _high(score: AudienceScore) -> int:
    """How many rated a film high; 1 at least, as it is divided by."""
    return max(1, sum(score.histogram[HIGH - 1 :]))


def _genres(films: list[int]) -> dict[int, set[str]]:
    genres: dict[int, set[str]] = defaultdict(set)
    links = Film.genres.through.objects.filter(film__in=films)
    for film, name in links.values_list("film", "genre__name"):
        genres[film].add(name)
    return genres


def store_all() -> Iterator[tuple[int, int]]:
    """Work out every published film anew and store it; yields films done and pairs stored so far.

    Some hundred films a transaction: whoever reads meanwhile sees the old or the new of each.
    """
    films = list(Film.objects.published().order_by("pk").values_list("pk", flat=True))
    Likeness.objects.exclude(film__in=Film.objects.published()).delete()
    done = pairs = 0
    for start in range(0, len(films), AT_ONCE):
        some = films[start : start + AT_ONCE]
        rows = [
            Likeness(film_id=film, other_id=other, position=position, shared=pair.shared)
            for film in some
            for position, (other, pair) in enumerate(alike(film), 1)
        ]
        with transaction.atomic():
            Likeness.objects.filter(film__in=some).delete()
            Likeness.objects.bulk_create(_still_there(rows))
        done, pairs = done + len(some), pairs + len(rows)
        yield done, pairs


def _still_there(rows: list[Likeness]) -> list[Likeness]:
    """Those whose films nobody has deleted meanwhile; the films stay until the transaction ends."""
    numbers = {number for row in rows for number in (row.film_id, row.other_id)}
    there = Film.objects.filter(pk__in=numbers).select_for_update().order_by("pk")
    known = set(there.values_list("pk", flat=True))
    return [row for row in rows if {row.film_id, row.other_id} <= known]
