"""The cast of every test: a film, a member, another, an editor, a moderator, a superuser."""

import os
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection

from films.models import Film
from reviews.models import Member


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL does not name a PostgreSQL database")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Under FILMSITE_TEST_ALL=1 a skipped test fails: CI has the means for every test.

    The exception is a test for the other database, which CI runs there.
    """
    report = yield
    if (
        report.skipped
        and os.environ.get("FILMSITE_TEST_ALL") == "1"
        and not item.get_closest_marker("postgresql")
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped under FILMSITE_TEST_ALL=1: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Limits are counted in the cache: none may leak into the next test."""
    cache.clear()


def make_member(username: str, group: str = "", **fields: Any) -> Member:
    """A member with a verified address, whose password is `password`."""
    member = Member.objects.create_user(username, f"{username}@example.org", "password", **fields)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    if group:
        member.groups.add(Group.objects.get(name=group))
        member.is_staff = True
        member.save()
    return member


@pytest.fixture
def member(db: None) -> Member:
    return make_member("member")


@pytest.fixture
def other_member(db: None) -> Member:
    return make_member("other_member")


@pytest.fixture
def editor(db: None) -> Member:
    return make_member("editor.ed", "Editors")


@pytest.fixture
def moderator(db: None) -> Member:
    return make_member("moderator.mo", "Moderators")


@pytest.fixture
def superuser(db: None) -> Member:
    return Member.objects.create_superuser("superuser", "superuser@example.org", "password")


@pytest.fixture
def film(db: None) -> Film:
    """A published film with a synopsis, nothing else."""
    return Film.objects.create(
        title="Never Let Me Go",
        runtime=104,
        release_date=date(2010, 3, 18),
        synopsis="Three friends grow up at a school in the country.",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def draft(db: None) -> Film:
    return Film.objects.create(title="Not Yet", release_year=2027)
