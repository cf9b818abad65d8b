"""Error pages: the site's own, and a database that cannot be written is a 503 that says so."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.middleware.common import CommonMiddleware
from django.test import Client

from films import triggers
from filmsite import errors
from reviews.models import Vote


@pytest.fixture
def answering():
    """A client that is answered as a browser is, instead of given the error."""
    return Client(raise_request_exception=False)


@contextmanager
def read_only() -> Iterator[None]:
    """The database refuses every write, as when its disk is mounted read-only."""
    on, off = {
        "sqlite": ("PRAGMA query_only=ON", "PRAGMA query_only=OFF"),
        "postgresql": (
            "SET default_transaction_read_only=on",
            "SET default_transaction_read_only=off",
        ),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(off)


def test_unknown_page_is_a_404_in_the_site_layout(client, db):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert '<main id="main"' in answer.text


def test_form_without_its_token_is_a_403_in_the_site_layout(member):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    answer = strict.post("/account/logout/")
    assert answer.status_code == 403
    assert "This form is too old" in answer.text


def test_unknown_host_is_a_400_in_the_site_layout(client, db):
    answer = client.get("/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "This request makes no sense" in answer.text
    assert "evil" not in answer.text


def test_fault_of_ours_is_a_500_that_tells_nothing(answering, film, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(CommonMiddleware, "process_request", fail)
    answer = answering.get("/")
    assert answer.status_code == 500
    assert "Something broke here" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_vote_on_a_read_only_database_is_a_503_and_reading_goes_on(film, member, answering):
    answering.force_login(member)
    address = film.get_absolute_url()
    with read_only():
        answer = answering.post(f"{address}vote/", {"score": "9"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert "was not kept" in answer.text
        assert "private" in answer.headers["Cache-Control"]
        assert answering.get(address).status_code == 200
        assert Client().get(address).status_code == 200
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (sqlite3.SQLITE_BUSY, "SQLITE_BUSY"),
        (sqlite3.SQLITE_LOCKED, "SQLITE_LOCKED"),
        (sqlite3.SQLITE_READONLY, "SQLITE_READONLY"),
        (sqlite3.SQLITE_FULL, "SQLITE_FULL"),
        (sqlite3.SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"),
        (sqlite3.SQLITE_CANTOPEN, "SQLITE_CANTOPEN"),
    ],
)
def test_database_in_trouble_cannot_store(code, name):
    cause = sqlite3.OperationalError("it says so")
    cause.sqlite_errorcode, cause.sqlite_errorname = code, name
    error = OperationalError("it says so")
    error.__cause__ = cause
    assert errors.cannot_store(error)


def test_faults_of_ours_are_no_trouble_of_the_database():
    missing_table = OperationalError("no such table")
    missing_table.__cause__ = cause = sqlite3.OperationalError("no such table")
    cause.sqlite_errorname = "SQLITE_ERROR"
    for error in (missing_table, IntegrityError("unique"), ValueError("x"), None):
        assert not errors.cannot_store(error)


def test_full_disk_cannot_store():
    assert errors.cannot_store(OSError(errno.ENOSPC, "No space left on device"))
    assert not errors.cannot_store(FileNotFoundError(errno.ENOENT, "No such file"))


def test_health_answers_without_a_database(client):
    answer = client.get("/healthz")  # this test has no access to one
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_where_all_is_in_place(client, db):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_not_ready_without_a_trigger(client, db):
    keeper = triggers.keepers["reviews"][0]
    keeper.triggers[0].drop(connection)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "triggers are missing\n")


def test_not_ready_with_a_migration_to_apply(client, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reviews'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "migrations are not applied\n")
