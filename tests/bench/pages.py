"""What each page costs, as a ratio to an empty view on the same server: 1 is as cheap as nothing.

The server's CPU time (its own and its kernel's) for batches of requests over one kept-alive
connection, pages and the empty view alternating; the median of the rounds is printed.
"""

import gzip
import http.client
import os
import re
import statistics
from collections.abc import Callable
from typing import Any

from tests.site import Site, scratch_site

ROUNDS = 7
FILM = "/films/never-let-me-go-2010/"
LISTS = ("/", "/films/", "/charts/", FILM)


def main() -> None:
    for seconds in ("60", "0"):
        with scratch_site(PAGE_CACHE_SECONDS=seconds) as site:
            site.manage("demo", "--load-only", DEBUG="1", SITE_URL="http://127.0.0.1:8000")
            more_films(site)
            site.manage("collectstatic", "--noinput", "--verbosity=0")
            with site.server("tests.bench.bare:application") as process:
                measure(site, worker_of(process.pid), warm=seconds != "0")


def more_films(site: Site) -> None:
    """Fill the lists: the demo's 24 films do not fill one page of 48."""
    site.shell("from tests.bench.pages import fill; fill()")


def fill() -> None:
    from django.utils import timezone

    from films.models import Film

    for number in range(100):
        Film.objects.create(
            title=f"Filler {number}", release_year=1950 + number % 70, published_at=timezone.now()
        )


def measure(site: Site, worker: int, warm: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    if warm:
        for path in LISTS:
            report(worker, connection, f"{path} warm, a stranger", path, {}, 1500)
            etag = fetch(connection, path, {})[1]["ETag"] or ""
            report(worker, connection, f"{path} 304", path, {"If-None-Match": etag}, 1500)
        sizes(connection)
        return
    voters = "Member.objects.filter(username='ottoline')"
    session = {"Cookie": site.cookies(voters)[0]}
    for path in LISTS:
        report(worker, connection, f"{path} cold, a stranger", path, {}, 60)
        report(worker, connection, f"{path} signed in", path, session, 60)


def report(
    worker: int,
    connection: http.client.HTTPConnection,
    name: str,
    path: str,
    headers: dict[str, str],
    count: int,
) -> None:
    def page() -> None:
        fetch(connection, path, headers)

    def bare() -> None:
        fetch(connection, "/bare/", {})

    page()
    ratios = []
    for _ in range(ROUNDS):
        empty = cpu(worker, bare, 1500) / 1500
        ratios.append(empty / (cpu(worker, page, count) / count))
    print(f"{name:45} {statistics.median(ratios):.3f} of bare", flush=True)


def fetch(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str]
) -> tuple[bytes, Any]:
    connection.request("GET", path, headers={"Host": f"127.0.0.1:{connection.port}", **headers})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status not in (200, 304):
        raise SystemExit(f"{path}: {answer.status}")
    return body, answer.headers


def cpu(process: int, act: Callable[[], None], count: int) -> float:
    """CPU seconds that the process spent while `act` ran `count` times."""
    before = spent(process)
    for _ in range(count):
        act()
    return spent(process) - before


def spent(process: int) -> float:
    """CPU seconds of all the process's threads, to the nanosecond that the kernel keeps."""
    total = 0
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def worker_of(master: int) -> int:
    """gunicorn's one worker: the child that serves."""
    for _ in range(50):
        with open(f"/proc/{master}/task/{master}/children") as file:
            children = file.read().split()
        if children:
            return int(children[0])
    raise SystemExit("gunicorn has no worker")


def sizes(connection: http.client.HTTPConnection) -> None:
    """Compressed sizes: the HTML of each page, and all CSS and JavaScript of the film page."""
    for path in LISTS:
        body = fetch(connection, path, {})[0]
        print(f"{path:45} {len(gzip.compress(body))} bytes of HTML, compressed")
    page = fetch(connection, FILM, {})[0].decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page))
    total = sum(len(gzip.compress(fetch(connection, file, {})[0])) for file in files)
    print(f"{'CSS and JavaScript of the film page':45} {total} bytes, compressed")


if __name__ == "__main__":
    main()
