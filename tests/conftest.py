"""The cast of every test: a film, a member, another, an editor, a moderator, a superuser."""

import os
import shutil
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection

from films.models import Film
from reviews.models import Member

# CI has the means for every test: there a skipped test fails.
ALL = os.environ.get("FILMSITE_TEST_ALL") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of PostgreSQL alone are skipped on SQLite; CI runs them where they belong."""
    if connection.vendor == "postgresql":
        return
    theirs = [item for item in items if item.get_closest_marker("postgresql")]
    if ALL:
        items[:] = [item for item in items if item not in theirs]
        config.hook.pytest_deselected(items=theirs)
    for item in theirs:
        item.add_marker(pytest.mark.skip(reason="DATABASE_URL names no PostgreSQL database"))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    return _without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    return _without_skips((yield))


def _without_skips(report: Any) -> Any:
    if report.skipped and ALL:
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
