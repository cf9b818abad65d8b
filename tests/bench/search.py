"""What a search costs the database: `SIZE=1000000 python -m tests.bench search`.

Kinds of queries as readers type them, made from the catalogue itself, on 10,000 films and on SIZE:
the time of the SQL of each (the median of three), its 95th percentile by kind, and how that grew.
On a catalogue that is there already: `python -m tests.bench.search` with its DATABASE_URL.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.catalogue import COMMON
from tests.site import scratch_site

EACH, ROUNDS = 60, 3  # queries of a kind, times each is asked


def main() -> None:
    for size in dict.fromkeys((10_000, int(os.environ.get("SIZE", "100000")))):
        with scratch_site(SIZE=str(size)) as site:
            site.python("tests.bench.catalogue")
            site.manage("rebuild_search")
            print(site.python("tests.bench.search"), end="", flush=True)


def measure() -> None:
    import django

    django.setup()
    from films.models import Film
    from films.search.finding import find

    print(f"{Film.objects.count():,} films: SQL of a search, ms")
    for kind, queries in kinds().items():
        spent: list[float] = []
        found = 0
        for query in queries:
            times = []
            for _ in range(ROUNDS):
                with sql_time() as took:
                    result = find(query)
                times.append(took[0] * 1000)
            spent.append(statistics.median(times))
            found += any(vars(result).values())
        spent.sort()
        print(
            f"  {kind:<22} p50 {spent[len(spent) // 2]:6.1f}  p95 {at(spent, 0.95):6.1f}"
            f"  found {found}/{len(queries)}"
        )


def at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def sql_time() -> Iterator[list[float]]:
    """The seconds that the block spends in the database."""
    from django.db import connection

    took = [0.0]

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            took[0] += time.perf_counter() - started

    with connection.execute_wrapper(timed):
        yield took


def kinds() -> dict[str, list[str]]:
    """Queries by kind, always the same for the same catalogue."""
    from films.models import Film, Person

    dice = random.Random("searches")
    last = Film.objects.order_by("-pk").values_list("pk", flat=True)[0]
    some = dice.sample(range(1, last + 1), 20 * EACH)
    titles = list(Film.objects.published().filter(pk__in=some).values_list("title", flat=True))
    dice.shuffle(titles)
    names = list(
        Person.objects.filter(pk__in=dice.sample(range(1, last // 3), EACH)).values_list(
            "name", flat=True
        )
    )
    long = [title for title in titles if len(title) > 5]
    words = [word for title in titles for word in title.split()]
    return {
        "common words": COMMON[:EACH],
        "rare words": [word for word in words if word.lower() not in COMMON][:EACH],
        "one letter": [word[0] for word in words[:EACH]],
        "two letters": [word[:2] for word in words[:EACH]],
        "three letters": [word[:3] for word in words[:EACH]],
        "two common words": [" ".join(dice.sample(COMMON[:40], 2)) for _ in range(EACH)],
        "titles": titles[:EACH],
        "titles half typed": [title[: len(title) // 2 + 1] for title in long[:EACH]],
        "people": names[:EACH],
        "family names": [name.split()[-1] for name in names[:EACH]],
        "titles misspelt": [misspelt(title, dice) for title in long[:EACH]],
        "names misspelt": [misspelt(name, dice) for name in names[:EACH]],
        "nothing of the kind": [f"qx{word}zzq" for word in words[:EACH]],
    }


def misspelt(text: str, dice: random.Random) -> str:
    """With one letter changed, left out, or swapped with the next."""
    place = dice.randrange(len(text) - 1)
    kept = text[:place]
    return dice.choice(
        (
            f"{kept}{dice.choice('abcdefghijklmnopqrstuvwxyz')}{text[place + 1 :]}",
            f"{kept}{text[place + 1 :]}",
            f"{kept}{text[place + 1]}{text[place]}{text[place + 2 :]}",
        )
    )


if __name__ == "__main__":
    measure()
