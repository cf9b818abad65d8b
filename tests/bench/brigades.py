"""How often `watch_votes` cries wolf, and how many brigades it finds, over made-up votes.

Films of 1 to 1,000 votes a day, more of them in the evening, each with a taste and an opening day
of its own; a few per cent of the voters joined within the last three days. Into each film's last
day a brigade of 20 new accounts votes 1 within an hour or two. Then what one look costs.
"""

import math
import random
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.site import scratch_site

if TYPE_CHECKING:
    from reviews.watching import Ballot

FILMS, DAYS = 180, 30  # 5,400 film-days
START = datetime(2026, 1, 1, tzinfo=UTC)
EVENING = [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5, 7, 8, 8, 6, 4, 2]


def main() -> None:
    with scratch_site() as site:
        print(site.python("tests.bench.brigades"), end="", flush=True)


def simulate(share: float) -> None:
    """Print what the rules make of a site on which this share of the votes is of young accounts."""
    from reviews.watching import Ballot

    chance = random.Random(2026)
    wrong = {"burst": 0, "drip": 0}
    caught = {60: {"burst": 0, "drip": 0}, 120: {"burst": 0, "drip": 0}}
    for _film in range(FILMS):
        votes = film_of_votes(chance, share)
        for day in range(DAYS):
            for kind in alarms(votes, START + timedelta(days=14 + day)):
                wrong[kind] += 1
        for minutes, kinds in caught.items():
            begin = START + timedelta(days=14 + DAYS - 1, hours=chance.uniform(1, 20))
            brigade = [
                Ballot(begin + timedelta(minutes=chance.uniform(0, minutes)), 1, True)
                for _account in range(20)
            ]
            last_day = START + timedelta(days=14 + DAYS - 1)
            for kind in alarms(sorted([*votes, *brigade]), last_day, low_only=True):
                kinds[kind] += 1
    print(
        f"{share:.0%} of the votes by newcomers: in {FILMS * DAYS} film-days {wrong['burst']} false"
        f" bursts, {wrong['drip']} false drips; of {FILMS} brigades of 20 found as burst, as drip:"
    )
    for minutes, kinds in caught.items():
        found = ", ".join(f"{number / FILMS:.0%}" for number in kinds.values())
        print(f"  within {minutes} minutes: {found}")


def film_of_votes(chance: random.Random, share: float) -> list["Ballot"]:
    """44 days of one film's votes, in order."""
    from reviews.watching import Ballot

    rate, taste = math.exp(chance.uniform(0, math.log(1000))), chance.uniform(4, 8.5)
    opening = chance.randrange(14 + DAYS)
    votes = []
    for day in range(14 + DAYS):
        boost = 1 + 12 * math.exp(day_after / -2) if (day_after := day - opening) >= 0 else 1
        for _vote in range(poisson(chance, rate * boost / 3)):
            moment = START + timedelta(
                days=day,
                hours=chance.choices(range(24), EVENING)[0],
                seconds=chance.uniform(0, 3600),
            )
            score = min(10, max(1, round(chance.gauss(taste, 1.8))))
            votes.append(Ballot(moment, score, chance.random() < share))
    return sorted(votes)


def poisson(chance: random.Random, mean: float) -> int:
    return max(0, round(chance.gauss(mean, math.sqrt(mean)))) if mean > 30 else _few(chance, mean)


def _few(chance: random.Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def alarms(votes: list["Ballot"], day: datetime, low_only: bool = False) -> set[str]:
    """The kinds of alert that the votes of one day raise."""
    from reviews.models import Alert
    from reviews.watching import MEAN_OVER, bursts, drips

    moments = [vote.moment for vote in votes]

    def before(moment: datetime) -> int:
        return bisect_left(moments, moment) - bisect_left(moments, moment - MEAN_OVER)

    begin, end = (bisect_left(moments, day + timedelta(days=days)) for days in (0, 1))
    today = votes[begin:end]
    ends = [Alert.End.LOW] if low_only else list(Alert.End)
    return {str(one.kind) for at in ends for one in [*bursts(today, at, before), *drips(today, at)]}


def measure() -> None:
    """A film of a million votes, 5,000 newcomers of two days who voted for it, and one look."""
    from django.db import connection
    from django.utils import timezone

    from films import triggers
    from films.models import Film
    from reviews import review_tally, tally, watching
    from reviews.models import Member, Vote
    from tests.bench.votes import fill, make_members

    make_members(1_000_000)
    film = Film.objects.create(title="Many votes")
    kept = tally.TRIGGERS + review_tally.TRIGGERS
    triggers.remove(kept, connection)
    fill(film.pk, 1_000_000)
    now = timezone.now()
    newcomers = Member.objects.filter(pk__lte=5_000)
    newcomers.update(date_joined=now - timedelta(hours=40))
    Vote.objects.filter(member__lte=5_000).update(changed_at=now - timedelta(hours=3), score=5)
    triggers.install(kept, connection)
    tally.recount(connection)
    for look in ("of nothing suspicious", "that raises an alert"):
        started = time.process_time()
        watched = watching.watch(now)
        print(
            f"a look at a million votes, 5,000 of newcomers, {look}:"
            f" {(time.process_time() - started) * 1000:.0f} ms of CPU, {len(watched.raised)} raised"
        )
        Vote.objects.filter(member__lte=5_000).update(score=1)


if __name__ == "__main__":
    import django

    django.setup()
    for newcomers in (0.02, 0.05, 0.10, 0.20):
        simulate(newcomers)
    measure()
