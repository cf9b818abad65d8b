"""128 members voting for one film at once over HTTP: errors, votes a second, p95, and the score.

Each has a session and a token of their own and sends votes as the page's form does. The server
acknowledges a vote only when it is on disk (SQLite with synchronous=FULL).
"""

import http.client
import statistics
import threading
import time
from urllib.parse import urlencode

from tests.site import Site, scratch_site

VOTERS, ROUNDS = 128, 8
TOKEN = "x" * 32
SLUG = "the-one-film"


def main() -> None:
    with scratch_site() as site:
        cookies = open_accounts(site, VOTERS)
        with site.server():
            started = time.monotonic()
            voters = [Voter(site, number, cookie) for number, cookie in enumerate(cookies)]
            for voter in voters:
                voter.start()
            for voter in voters:
                voter.join()
            took = time.monotonic() - started
        waits = sorted(wait for voter in voters for wait in voter.waits)
        errors = [error for voter in voters for error in voter.errors]
        print(f"{len(waits)} votes by {VOTERS} voters at once: {len(waits) / took:.0f} a second")
        print(f"median {statistics.median(waits):.2f} s, p95 {waits[len(waits) * 95 // 100]:.2f} s")
        print(f"{len(errors)} errors {errors[:3]}")
        print(site.manage("recount_scores", "--check").strip())


class Voter(threading.Thread):
    """One member who votes again and again, and notes each answer."""

    def __init__(self, site: Site, number: int, cookie: str, rounds: int = ROUNDS) -> None:
        super().__init__()
        self.site, self.number, self.cookie, self.rounds = site, number, cookie, rounds
        self.waits: list[float] = []
        self.errors: list[str] = []
        self.acknowledged = 0  # the score of the last vote that was answered
        self.sent = 0  # the score of the last vote that was sent

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        for turn in range(self.rounds):
            started = time.monotonic()
            self.sent = (self.number + turn) % 10 + 1
            try:
                status = post_vote(connection, self.cookie, self.sent)
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(repr(error))
                return
            self.waits.append(time.monotonic() - started)
            if status != 302:
                self.errors.append(str(status))
                continue
            self.acknowledged = self.sent


def post_vote(connection: http.client.HTTPConnection, cookie: str, score: int) -> int:
    """Send one vote as the page's form does; the answer's status, 302 when it was taken."""
    body = urlencode({"score": score, "csrfmiddlewaretoken": TOKEN})
    headers = {
        "Host": f"127.0.0.1:{connection.port}",
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", f"/films/{SLUG}/vote/", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def open_accounts(site: Site, count: int) -> list[str]:
    """A film, and members who are signed in: their session cookies, in the order of their ids."""
    site.shell(f"from tests.bench.voters import make_voters; make_voters({count})")
    return site.cookies("Member.objects.all()")


def make_voters(count: int) -> None:
    from django.utils import timezone

    from films.models import Film
    from reviews.models import Member

    Film.objects.create(title="The One Film", slug=SLUG, published_at=timezone.now())
    for number in range(count):
        Member.objects.create_user(f"voter-{number:05}", password=None)
