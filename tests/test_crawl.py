"""Whoever only reads changes nothing: every link of the site, followed, and the database compared.

The crawl starts where a reader does, so that a page that nothing links is found out as well.
"""

import re
from collections import Counter
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.core.cache import cache
from django.utils import timezone

from films.models import Collection, Credit, Film, Genre, Person
from reviews.models import Helpful, Report, Review, Session, Vote, WatchlistEntry
from tests.conftest import make_member

MOST = 400  # pages; the site of this test has fewer
OF_A_SHAPE = 3
START = ["/", "/films/", "/account/email/", "/robots.txt", "/sitemap.xml"]
LINK = re.compile(r'(?:href|src)="([^"]+)"|<loc>([^<]+)</loc>')


@pytest.fixture
def site(film: Film, draft: Film, member: Any, other_member: Any, moderator: Any) -> None:
    person = Person.objects.create(name="Carey Mulligan")
    Credit.objects.create(film=film, person=person, department="cast")
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    Collection.objects.create(title="Quiet", published_at=timezone.now(), home_position=1)
    Collection.objects.get().entries.create(film=film)
    for n in range(8):
        Vote.objects.cast(film, make_member(f"voter{n}"), n + 2)
    Vote.objects.cast(film, member, 7)
    mine = Review.objects.create(film=film, author=member, headline="Mine", body="Mine.")
    Review.objects.filter(pk=mine.pk).update(body="Mine, again.", edited_at=timezone.now())
    theirs = Review.objects.create(film=film, author=other_member, body="Theirs.")
    Helpful.objects.create(review=theirs, member=member)
    Report.objects.create(review=theirs, member=member, why="spoiler")
    WatchlistEntry.objects.create(film=film, member=member)


def everything() -> dict[str, list[Any]]:
    """Every row of every table but the sessions: the form for a second step keeps its key there."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model is not Session
    }


def links(page: str, html: str) -> list[str]:
    """The addresses of this site that a page leads to, without fragments."""
    found = []
    for match in LINK.finditer(html):
        address = urlsplit(urljoin(page, unescape(match[1] or match[2])))
        if address.netloc in {"", "testserver"} and address.scheme in {"", "http"}:
            found.append(address.path + (f"?{address.query}" if address.query else ""))
    return found


def crawl(client: Any, start: list[str]) -> dict[str, int]:
    """Every page that can be reached by links, with the status of its answer.

    Of pages that differ by numbers or by their queries alone, three are enough.
    """
    waiting = list(start)
    seen: dict[str, int] = {}
    shapes: Counter[str] = Counter()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        shape = re.sub(r"\d+|/[A-Z]{2}/|\?.*", "", path)
        if path in seen or path.startswith("/static/") or shapes[shape] >= OF_A_SHAPE:
            continue
        shapes[shape] += 1
        cache.clear()
        response = client.get(path)
        seen[path] = response.status_code
        if response.status_code in (301, 302):
            waiting += links(path, f'href="{response["Location"]}"')
        elif response.get("Content-Type", "").startswith(("text/html", "application/xml")):
            waiting += links(path, response.content.decode())
    assert len(seen) < MOST, "the crawl does not end"
    return seen


@pytest.mark.parametrize("who", [None, "member", "editor", "moderator", "superuser"])
def test_no_get_changes_anything_and_no_link_is_broken(db, client, site, who, request):
    if who:
        client.force_login(request.getfixturevalue(who))
    before = everything()
    seen = crawl(client, [*START, "/admin/"] if who in ("editor", "moderator") else START)
    assert {path: status for path, status in seen.items() if status not in (200, 301, 302)} == {}
    after = everything()
    assert [label for label in before if before[label] != after[label]] == []
    assert "/films/never-let-me-go-2010/" in seen


def test_member_reaches_all_that_is_theirs_by_links(client, site, member):
    client.force_login(member)
    seen = crawl(client, START)
    wanted = ("/account/password/change/", "/films/never-let-me-go-2010/reviews/write/")
    assert [path for path in wanted if path not in seen] == []
