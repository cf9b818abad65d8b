"""What lists and charts cost in a catalogue of 10,000, 100,000 … films, first page and last.

SIZE is the largest catalogue (100,000 unless set; a million takes some minutes to make). With
SITE_DATABASE_URL naming an empty PostgreSQL database, that size alone is made there. For each page:
the server's CPU as a ratio to an empty view (the database's own is not in it on PostgreSQL), the
median milliseconds until the answer, and how many times the first page's they are.
"""

import html
import http.client
import os
import re
import statistics
import time
from urllib.parse import urlsplit

from tests.bench.pages import cpu, fetch, worker_of
from tests.site import Site, scratch_site

ROUNDS, PAGES, EMPTY = 5, 10, 500
SMALLEST = 10_000
SORTS = ("newest", "score", "votes", "title")
FILTERS = (
    "genre=drama", "genre=noir", "decade=1950", "country=US", "country=NZ", "language=lv",
    "age=13", "runtime=150-", "min_score=80", "genre=noir&country=NZ",
    "genre=drama&decade=1990&country=FR", "genre=war&min_score=70&decade=2000",
)  # fmt: skip

CHARTS = ("favourites", "most-voted", "most-divisive")


def main() -> None:
    size = int(os.environ.get("SIZE", "100000"))
    smaller = [SMALLEST * 10**power for power in range(3) if SMALLEST * 10**power < size]
    sizes = [size] if "SITE_DATABASE_URL" in os.environ else [*smaller, size]
    first: dict[str, float] = {}
    for each in sizes:
        with scratch_site(PAGE_CACHE_SECONDS="0", SIZE=str(each)) as site:
            print(f"-- {site.python('tests.bench.catalogue').strip()}", flush=True)
            site.manage("collectstatic", "--noinput", "--verbosity=0")
            with site.server("tests.bench.bare:application") as process:
                measure(site, worker_of(process.pid), first)


def measure(site: Site, worker: int, smallest: dict[str, float]) -> None:
    """Print a line a page; `smallest` keeps the milliseconds of the first catalogue measured."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    for name, pages in lists(connection):
        first = 0.0
        for place, address in pages:
            ratio, took = cost(worker, connection, address)
            first = first or took
            before = smallest.setdefault(f"{name} {place}", took)
            print(
                f"{name + ' ' + place:52} {ratio:.3f} of bare, {took * 1000:7.1f} ms,"
                f" {took / first:5.2f} of its first page, {took / before:5.2f} of the smallest",
                flush=True,
            )


def lists(connection: http.client.HTTPConnection) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each list's name, with the places in it that are measured and their addresses."""
    found = []
    for sort in SORTS:
        address = f"/films/?sort={sort}"
        hundredth = f"{address}&page=100"
        places = [("first page", address), ("page 100", hundredth)]
        places += [("page 101", link(connection, hundredth, "Next"))]
        places += [("last page", link(connection, address, "Last"))]
        found.append((f"all by {sort}", places))
    for query in FILTERS:
        for sort in ("newest", "score"):
            address = f"/films/?{query}&sort={sort}"
            places = [("first page", address), ("last page", link(connection, address, "Last"))]
            found.append((f"{query} by {sort}", places))
    found.append(("a genre's page", [("", "/genres/drama/")]))
    found.append(("the home page", [("", "/")]))
    found.append(("all charts", [("", "/charts/")]))
    for name in CHARTS:
        queries = ("", "?genre=drama", "?genre=noir&decade=1950")
        found += [(f"{name} {query}", [("", f"/charts/{name}/{query}")]) for query in queries]
    return [(name, [place for place in places if place[1]]) for name, places in found]


def link(connection: http.client.HTTPConnection, address: str, words: str) -> str:
    """Where a page's link of these words leads; empty where it has none, as a short list."""
    page = fetch(connection, address, {})[0].decode()
    found = re.search(rf'<a href="([^"]+)"[^>]*>{words}</a>', page)
    if not found:
        return ""
    parts = urlsplit(html.unescape(found[1]))
    return f"{parts.path}?{parts.query}"


def cost(worker: int, connection: http.client.HTTPConnection, address: str) -> tuple[float, float]:
    """CPU of an empty view over CPU of the page, and the page's seconds: medians of the rounds."""

    def page() -> None:
        started = time.perf_counter()
        fetch(connection, address, {})
        waits.append(time.perf_counter() - started)

    def bare() -> None:
        fetch(connection, "/bare/", {})

    waits: list[float] = []
    page()
    waits.clear()
    ratios = []
    for _ in range(ROUNDS):
        empty = cpu(worker, bare, EMPTY) / EMPTY
        ratios.append(empty / (cpu(worker, page, PAGES) / PAGES))
    return statistics.median(ratios), statistics.median(waits)
