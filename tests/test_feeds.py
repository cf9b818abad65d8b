"""Atom feeds: films, reviews, one film's reviews, one collection; nothing sealed in any."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from films.models import Collection, Film
from reviews.models import Review, Vote

ATOM = "{http://www.w3.org/2005/Atom}"
NEEDED = ("id", "title", "updated", "link", "summary")


@pytest.fixture
def collection(film: Film) -> Collection:
    made = Collection.objects.create(title="Quiet & sad", published_at=timezone.now())
    made.entries.create(film=film, note="Slow. >!They die.!<")
    return made


@pytest.fixture
def review(film: Film, member: Any) -> Review:
    Vote.objects.cast(film, member, 9)
    return Review.objects.create(
        film=film, author=member, headline="Fine <b>", body="Good. >!They die.!<"
    )


FEEDS = [
    "/feeds/films.atom",
    "/feeds/reviews.atom",
    "/films/never-let-me-go-2010/reviews.atom",
    "/collections/quiet-and-sad/films.atom",
]


def read(client: Any, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not response.cookies
    return ElementTree.fromstring(response.content)


def texts(feed: Any, tag: str) -> list[str]:
    return [entry.findtext(ATOM + tag) or "" for entry in feed.findall(f"{ATOM}entry")]


@pytest.mark.parametrize("address", FEEDS)
def test_feed_has_all_that_atom_asks_for(client, collection, review, address):
    feed = read(client, address)
    assert feed.findtext(f"{ATOM}id").startswith("tag:testserver,2026:")
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == f"http://testserver{address}"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Filmsite"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert all(entry.find(ATOM + tag) is not None for tag in NEEDED)
    assert entry.find(f"{ATOM}link").get("href").startswith("http://testserver/")


@pytest.mark.parametrize("address", FEEDS)
def test_feed_holds_nothing_sealed_and_nothing_unpublished(client, collection, review, address):
    Film.objects.update(synopsis="A school. >!They die.!<")
    assert b"They die" not in client.get(address).content
    later = timezone.now() + timedelta(days=1)
    Film.objects.update(published_at=later)
    Collection.objects.update(published_at=later)
    response = client.get(address)
    assert response.status_code == 404 or b"<entry>" not in response.content


def test_review_that_gives_away_the_ending_stands_without_its_words(client, review):
    Review.objects.update(gives_away_ending=True)
    feed = read(client, "/feeds/reviews.atom")
    assert texts(feed, "title") == ["Never Let Me Go (2010), 4½ ★"]
    assert texts(feed, "summary") == ["<p>This review gives away the ending.</p>"]


def test_hidden_review_is_in_no_feed(client, review):
    Review.objects.update(status="hidden", reason="Spam")
    for address in FEEDS[1:3]:
        assert texts(read(client, address), "title") == []


def test_words_of_members_are_text_and_no_markup(client, review):
    Review.objects.update(body="<script>alert(1)</script> & more")
    (summary,) = texts(read(client, "/feeds/reviews.atom"), "summary")
    assert "<script>" not in summary
    assert "&lt;script&gt;" in summary


def test_control_characters_do_not_break_the_feed(client, review):
    Review.objects.update(headline="A\x0bB\x1f", body="C\x08D")
    assert "AB" in texts(read(client, "/feeds/reviews.atom"), "title")[0]


def test_number_of_an_entry_stays_when_its_address_changes(client, film):
    before = texts(read(client, FEEDS[0]), "id")
    Film.objects.update(slug="another-address")
    assert texts(read(client, FEEDS[0]), "id") == before


def test_newest_come_first_and_no_more_than_thirty(client, db):
    for n in range(40):
        moment = datetime(2026, 1, 1 + n % 28, n % 24, tzinfo=UTC)
        Film.objects.create(title=f"Film {n}", published_at=moment)
    updated = texts(read(client, FEEDS[0]), "published")
    assert len(updated) == 30
    assert updated == sorted(updated, reverse=True)


@pytest.mark.parametrize("address", FEEDS)
def test_feed_asks_at_most_three_queries(
    client, collection, review, address, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        client.get(address)


def test_draft_collection_and_film_have_no_feed(client, draft, db):
    Collection.objects.create(title="Not yet")
    assert client.get("/collections/not-yet/films.atom").status_code == 404
    assert client.get(f"/films/{draft.slug}/reviews.atom").status_code == 404


@pytest.mark.parametrize(
    ("page", "feed"), [("/films/", FEEDS[0]), ("/reviews/", FEEDS[1]), ("/films/{}/", FEEDS[2])]
)
def test_page_names_its_feed(client, film, page, feed):
    html = client.get(page.format(film.slug)).content.decode()
    assert f'type="application/atom+xml" href="http://testserver{feed}"' in html
