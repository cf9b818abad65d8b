"""Races: a real server in a process of its own, on a database file or on PostgreSQL.

Many members at once vote, change and withdraw on one film while somebody reads its score; members
and a film are deleted meanwhile. Nothing may be lost, doubled, wrong, or answered with an error.
"""

import json
import logging
import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from films.models import Film
from reviews.models import Vote
from tests.site import Site

TOKEN = "t" * 32
MEMBERS, ROUNDS = 32, 15

SETUP = """
from datetime import datetime, UTC
from films.models import Film
from reviews.models import Member
film = Film.objects.create(title="Races", published_at=datetime(2026, 1, 1, tzinfo=UTC))
Member.objects.bulk_create(Member(username=f"f{film.pk}-{n}") for n in range(COUNT))
Member.objects.create_superuser(f"superuser-{film.pk}")
members = Member.objects.filter(username__startswith=f"f{film.pk}-").order_by("pk")
answer = {"film": film.pk, "slug": film.slug, "pks": [member.pk for member in members]}
"""

STATE = """
from django.db import connection
from reviews import tally
from reviews.models import AudienceScore, Vote
answer = {
    "votes": list(Vote.objects.filter(film=FILM).values_list("member_id", "score")),
    "scores": [score.histogram for score in AudienceScore.objects.filter(film=FILM)],
    "differences": list(tally.differences(connection)),
}
"""


class Races(Site):
    """A site under way: how to ask it for a page, and how to run a script on its database."""

    def ask(self, path: str, session: str = "", **posted: Any) -> tuple[int, str, str]:
        """Status, Location and body of an answer. With values, they are posted."""
        headers = {"Cookie": f"csrftoken={TOKEN}; {session}"}
        body = None
        if posted:
            body = urlencode({**posted, "csrfmiddlewaretoken": TOKEN})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        server = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            server.request("POST" if posted else "GET", path, body, headers)
            answer = server.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            server.close()

    def run(self, script: str, **values: int) -> dict[str, Any]:
        """What a script leaves in `answer`, run on the site's database."""
        named = "".join(f"{name} = {value}\n" for name, value in values.items())
        printed = self.shell(f"import json\n{named}{script}\nprint(json.dumps(answer))")
        answer: dict[str, Any] = json.loads(printed)
        return answer

    def cast(self, count: int) -> dict[str, Any]:
        """A new film, and so many members and a superuser who are signed in."""
        cast = self.run(SETUP, COUNT=count)
        cookies = self.cookies(f"Member.objects.filter(username__startswith='f{cast['film']}-')")
        cast["members"] = [
            {"pk": pk, "session": cookie} for pk, cookie in zip(cast["pks"], cookies, strict=True)
        ]
        return cast


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of a new, empty database of the kind that the tests run on."""
    configured = settings.DATABASES["default"]
    if configured["ENGINE"] == "django.db.backends.sqlite3":
        yield "sqlite:///" + quote(str(folder / "db.sqlite3"))
        return
    import psycopg

    name = f"filmsite_races_{os.getpid()}"
    server: dict[str, Any] = {
        "host": configured["HOST"] or None,
        "port": configured["PORT"] or None,
        "user": configured["USER"] or None,
        "password": configured["PASSWORD"] or None,
    }
    user = quote(configured["USER"] or "", safe="")
    if configured["PASSWORD"]:
        user += ":" + quote(configured["PASSWORD"], safe="")
    port = f":{configured['PORT']}" if configured["PORT"] else ""
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgres://{user}@{configured['HOST']}{port}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Races]:
    folder = tmp_path_factory.mktemp("races")
    with own_database(folder) as address:
        site = Races(folder, DATABASE_URL=address)
        site.manage("migrate", "--verbosity=0")
        site.manage("collectstatic", "--noinput", "--verbosity=0")
        with site.server():
            yield site


def at_once(jobs: list[Callable[[], None]]) -> None:
    """Run all jobs in threads that start together; raise what the first of them raised."""
    start, raised = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], None]) -> None:
        start.wait(60)
        try:
            job()
        except Exception as error:  # noqa: BLE001 (it is raised again below)
            raised.append(error)

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def check_score(text: str) -> None:
    """Votes, points and percentage of one answer must belong to one and the same moment."""
    score = json.loads(text)
    histogram = score["histogram"]
    points = sum(number * votes for number, votes in enumerate(histogram, 1))
    votes = sum(histogram)
    assert 0 <= votes <= MEMBERS
    assert (score["votes"], score["points"]) == (votes, points)
    assert score["votes_needed"] == max(0, 5 - votes)
    shown = (points * 2000 + votes) // (votes * 2) if votes >= 5 else None
    assert score["percent"] == shown


@contextmanager
def reader(site: Races, slug: str) -> Iterator[list[int]]:
    """Somebody who asks for the score over and over meanwhile; the statuses they saw."""
    seen: list[int] = []
    wrong: list[AssertionError] = []
    stop = threading.Event()

    def poll() -> None:
        while not stop.is_set():
            status, _location, body = site.ask(f"/films/{slug}/score.json")
            seen.append(status)
            try:
                if status == 200:
                    check_score(body)
            except AssertionError as error:
                wrong.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
    assert not wrong


def test_32_members_vote_change_and_withdraw_at_once(site, record_property):
    cast = site.cast(MEMBERS)
    address = f"/films/{cast['slug']}/"
    last: dict[int, int] = {}
    waits: list[float] = []

    def member(number: int) -> Callable[[], None]:
        me = cast["members"][number]
        chance = random.Random(number)

        def play() -> None:
            for _round in range(ROUNDS):
                score = chance.randint(1, 10)
                withdraws = chance.random() < 0.25
                path, data = ("vote/withdraw/", {"yes": 1}) if withdraws else ("vote/", {})
                began = monotonic()
                answer = site.ask(address + path, me["session"], **(data or {"score": score}))
                waits.append(monotonic() - began)
                assert answer[:2] == (302, address)
                last.pop(me["pk"], None)
                if not withdraws:
                    last[me["pk"]] = score

        return play

    with reader(site, cast["slug"]) as seen:
        at_once([member(number) for number in range(MEMBERS)])
    state = site.run(STATE, FILM=cast["film"])
    assert len(waits) == MEMBERS * ROUNDS
    assert set(seen) == {200}
    assert sorted(map(tuple, state["votes"])) == sorted(last.items())
    counted = Counter(last.values())
    assert state["scores"] == [[counted[score] for score in range(1, 11)]]
    assert state["differences"] == []
    p95 = sorted(waits)[len(waits) * 95 // 100]
    record_property("p95", p95)
    logging.getLogger(__name__).info(
        "%d acts, p95 %.2f s, slowest %.2f s; %d readings", len(waits), p95, max(waits), len(seen)
    )


def test_eight_connections_of_one_member_leave_one_vote(site):
    cast = site.cast(1)
    me = cast["members"][0]
    address = f"/films/{cast['slug']}/"

    def connection(number: int) -> Callable[[], None]:
        def play() -> None:
            for score in range(1, 6):
                answer = site.ask(address + "vote/", me["session"], score=score + number % 5)
                assert answer[:2] == (302, address)

        return play

    at_once([connection(number) for number in range(8)])
    state = site.run(STATE, FILM=cast["film"])
    assert [member for member, _score in state["votes"]] == [me["pk"]]
    assert sum(state["scores"][0]) == 1
    assert state["differences"] == []


def test_members_and_film_deleted_meanwhile_show_nobody_an_error(site):
    cast = site.cast(MEMBERS)
    address = f"/films/{cast['slug']}/"
    boss = site.cookies(f"Member.objects.filter(username='superuser-{cast['film']}')")[0]
    gone = cast["members"][: MEMBERS // 2]
    statuses: Counter[int] = Counter()

    def voter(me: dict[str, Any]) -> Callable[[], None]:
        def play() -> None:
            for score in range(1, 5):  # a new vote each time: only that asks who and what it names
                statuses[site.ask(address + "vote/withdraw/", me["session"], yes=1)[0]] += 1
                statuses[site.ask(address + "vote/", me["session"], score=score)[0]] += 1

        return play

    def delete_members() -> None:
        for member in gone:
            page = f"/admin/reviews/member/{member['pk']}/delete/"
            assert site.ask(page, boss, post="yes")[0] == 302

    def delete_film() -> None:
        page = f"/admin/films/film/{cast['film']}/delete/"
        assert site.ask(page, boss, post="yes")[0] == 302

    with reader(site, cast["slug"]) as seen:
        at_once([delete_members, *(voter(member) for member in cast["members"])])
        state = site.run(STATE, FILM=cast["film"])
        left = {member["pk"] for member in cast["members"]} - {member["pk"] for member in gone}
        assert {member for member, _score in state["votes"]} == left
        assert state["scores"] == [[0] * 3 + [len(left)] + [0] * 6]
        at_once([delete_film, *(voter(member) for member in cast["members"][MEMBERS // 2 :])])
    assert set(seen) == {200, 404}
    assert set(statuses) <= {302, 400, 404}  # 400: deleted in the middle of the request
    assert site.run(STATE, FILM=cast["film"]) == {"votes": [], "scores": [], "differences": []}


REVIEW_STATE = """
from django.db import connection
from reviews import review_tally, tally
from reviews.models import Helpful, Member, Review, ReviewTally, Session, Vote
reviews = Review.objects.filter(film=FILM)
answer = {
    "scores": list(tally.differences(connection)),
    "reviews": review_tally.differences(connection),
    "written": reviews.count(),
    "tallies": ReviewTally.objects.filter(film=FILM).count(),
    "helpful": Helpful.objects.filter(review__film=FILM).count(),
    "members": list(Member.objects.filter(username__startswith=f"f{FILM}-")
        .order_by("pk").values_list("pk", "is_active")),
    "sessions": list(Session.objects.exclude(member_id=None).values_list("member_id", flat=True)),
    "votes": Vote.objects.filter(film=FILM).count(),
}
"""


def test_members_write_vote_are_suspended_and_deleted_at_once(site):
    """Half of 32 members write on; a quarter is suspended meanwhile, a quarter deletes itself."""
    cast = site.cast(MEMBERS)
    address = f"/films/{cast['slug']}/"
    boss = site.cookies(f"Member.objects.filter(username='superuser-{cast['film']}')")[0]
    suspended, deleted = cast["members"][:8], cast["members"][8:16]
    gone = {member["pk"] for member in suspended + deleted}
    statuses: Counter[tuple[str, int]] = Counter()

    def member(number: int) -> Callable[[], None]:
        me, chance = cast["members"][number], random.Random(number)

        def do(what: str, path: str, **data: Any) -> None:
            who = "gone" if me["pk"] in gone else "there"
            statuses[f"{who} {what}", site.ask(path, me["session"], **data)[0]] += 1

        def play() -> None:
            for turn in range(6):
                score = chance.randint(1, 10)
                do("vote", address + "vote/", score=score)
                do("write", address + "reviews/write/", body=f"Text {turn}", score=score)
                page = site.ask(address + "reviews/", me["session"])[2]
                for review in re.findall(r"/reviews/(\d+)/helpful/", page)[:4]:
                    do("helpful", f"/reviews/{review}/helpful/", helpful=chance.choice("10"))
                if chance.random() < 0.3:
                    do("withdraw", address + "vote/withdraw/", yes=1)

        return play

    def act(members: list[dict[str, Any]], path: str, **data: Any) -> Callable[[], None]:
        def play() -> None:
            for member in members:
                pk = str(member["pk"])
                posted = {name: value.replace("PK", pk) for name, value in data.items()}
                assert site.ask(path.replace("PK", pk), boss, **posted)[0] == 302

        return play

    asked = {"action": "suspend", "_selected_action": "PK", "shown": "1", "reason": "Races"}
    suspend = act(suspended, "/admin/reviews/member/", **asked)
    delete = act(deleted, "/admin/reviews/member/PK/delete/", post="yes")
    with reader(site, cast["slug"]) as seen:
        at_once([suspend, delete, *(member(number) for number in range(MEMBERS))])
    state = site.run(REVIEW_STATE, FILM=cast["film"])
    # Who goes in the middle of a request is told so, as 400 or 409; nobody else is bothered.
    there = {status for what, status in statuses if what.startswith("there")}
    assert there <= {302, 404}, statuses  # 404: a review that is gone was found helpful
    assert max(status for _what, status in statuses) < 500, statuses
    assert set(seen) == {200}
    assert state["scores"] == state["reviews"] == []
    assert state["written"] == state["tallies"] > 0
    assert not gone & set(state["sessions"])
    active = dict(state["members"])
    assert [active.get(member["pk"]) for member in suspended] == [False] * 8
    assert [active.get(member["pk"]) for member in deleted] == [None] * 8


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_vote_under_way_and_deletion_of_its_film_do_not_wait_for_each_other(
    film, member, other_member
):
    Vote.objects.cast(film, other_member, 5)
    raised: list[DatabaseError] = []

    def delete_film() -> None:
        try:
            with transaction.atomic():
                Film.objects.select_for_update().get(pk=film.pk).delete()
        except DatabaseError as error:
            raised.append(error)
        finally:
            connection.close()

    deletion = threading.Thread(target=delete_film)
    with transaction.atomic(), connection.cursor() as cursor:
        Vote.objects.cast(film, member, 8)
        deletion.start()
        blocked = "pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        patience = monotonic() + 30
        while monotonic() < patience:  # until the deletion waits for this vote
            cursor.execute(f"SELECT count(*) FROM pg_locks WHERE {blocked}")
            if cursor.fetchone()[0]:
                break
        else:
            pytest.fail("The deletion did not come to wait for the vote.")
    deletion.join()
    assert raised == []
    assert not Vote.objects.exists()
