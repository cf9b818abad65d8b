"""What a vote costs at 100 and at a million votes on the film, by one member after another.

CPU time of `Vote.objects.cast`, new votes and changed ones, on one connection with
synchronous=FULL, in alternating rounds on two films of the same database.
"""

import os
import statistics
import time
from typing import Any

from tests.site import scratch_site

ROUNDS, VOTES = 30, 100


def main() -> None:
    size = int(os.environ.get("SIZE", "1000000"))
    with scratch_site() as site:
        print(site.python("tests.bench.votes", str(size)), end="", flush=True)


def fill(film: int, votes: int) -> None:
    """Give a film votes from its first members, without the triggers, then recount."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reviews_vote (film_id, member_id, score, cast_at, changed_at)"
            " SELECT %s, id, id %% 10 + 1, '2026-01-01', '2026-01-01' FROM reviews_member"
            " ORDER BY id LIMIT %s",
            [film, votes],
        )


def make_members(count: int) -> None:
    from django.db import connection

    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
        if connection.vendor == "sqlite"
        else "WITH n(i) AS (SELECT generate_series(1, %s))"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            numbers + " INSERT INTO reviews_member (username, password, email, display_name,"
            " about, imported_as, is_superuser, is_staff, is_active, shows_votes, shows_reviews,"
            " shows_watchlist, date_joined) SELECT 'voter-' || i, '', '', '', '', '',"
            " false, false, true, false, true, false, '2026-01-01' FROM n",
            [count],
        )


def cost(film: Any, members: list[Any]) -> float:
    """CPU seconds for the members' votes on the film, one transaction each."""
    from reviews.models import Vote

    started = time.process_time()
    for number, member in enumerate(members):
        Vote.objects.cast(film, member, number % 10 + 1)
    return time.process_time() - started


def measure(size: int) -> None:
    import django

    django.setup()
    from django.db import connection

    from films import triggers
    from films.models import Film
    from reviews import tally
    from reviews.models import Member

    make_members(size + ROUNDS * VOTES)
    small, large = (Film.objects.create(title=title) for title in ("Few votes", "Many votes"))
    triggers.remove(tally.TRIGGERS, connection)
    fill(small.pk, 100)
    fill(large.pk, size)
    triggers.install(tally.TRIGGERS, connection)
    tally.recount(connection)
    newcomers = list(Member.objects.order_by("-pk")[: ROUNDS * VOTES])
    results: dict[str, list[float]] = {"small": [], "large": []}
    for number in range(ROUNDS):
        members = newcomers[number * VOTES : (number + 1) * VOTES]
        for name, film in (("small", small), ("large", large)):
            results[name].append(cost(film, members) / VOTES)
    few, many = (statistics.median(results[name]) * 1e6 for name in ("small", "large"))
    print(
        f"a vote, CPU: {few:.0f} µs at 100 votes, {many:.0f} µs at {size}: ratio {many / few:.3f}"
    )
    wrong = len(list(tally.differences(connection)))
    print(f"recount: {wrong} differences")


if __name__ == "__main__":
    import sys

    measure(int(sys.argv[1]))
