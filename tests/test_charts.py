"""Charts: which films they hold, in which order, and what they tell of how they are made."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from films.models import Film, Genre
from reviews.models import AudienceScore, Vote
from tests.conftest import make_member

LIVE = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["favourites", "most-voted", "most-divisive"]


def make_film(title: str, genre: str = "", **fields: Any) -> Film:
    """A film with a tally; `n7=5` are five votes of 7."""
    counts = {name: fields.pop(name) for name in [*fields] if re.fullmatch(r"n\d+", name)}
    film = Film.objects.create(**{"title": title, "published_at": LIVE} | fields)
    if genre:
        film.genres.add(Genre.objects.get_or_create(name=genre, slug=genre.lower())[0])
    if counts:
        AudienceScore.objects.create(film=film, **counts)
    return film


def page(client: Any, name: str = "", **query: str) -> str:
    answer = client.get(f"/charts/{name}/" if name else "/charts/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def titles(client: Any, name: str, **query: str) -> list[str]:
    """The films of a chart, as its page lists them."""
    links = re.findall(r'<li><span><a href="[^"]+">(.*?)</a>', page(client, name, **query))
    return [re.sub(r"<[^>]+>", "", link) for link in links]


def test_favourites_are_ordered_by_rank(client, db):
    make_film("Few But Fond", n10=5)
    make_film("Many", n8=500)
    make_film("Middling", n6=500)
    assert titles(client, "favourites") == ["Many", "Few But Fond", "Middling"]


def test_most_voted_are_ordered_by_votes(client, db):
    make_film("Less", n10=6)
    make_film("More", n1=7)
    assert titles(client, "most-voted") == ["More", "Less"]


def test_most_divisive_are_ordered_by_spread(client, db):
    make_film("Agreed", n7=60)
    make_film("Split", n1=30, n10=30)
    make_film("Mixed", n4=30, n8=30)
    assert titles(client, "most-divisive") == ["Split", "Mixed", "Agreed"]


def test_handful_of_votes_does_not_lead_the_divisive(client, db):
    make_film("Handful", n1=3, n10=3)
    make_film("Crowd", n2=300, n9=300)
    assert titles(client, "most-divisive") == ["Crowd", "Handful"]


@pytest.mark.parametrize("name", NAMES)
def test_films_alike_stand_as_they_came(client, db, name):
    make_film("Second", n1=3, n9=3)
    make_film("First", n1=3, n9=3)
    assert titles(client, name) == ["Second", "First"]


@pytest.mark.parametrize("name", NAMES)
def test_chart_holds_published_films_with_an_audience_score(client, db, name):
    make_film("Shown", n5=4, n6=1)
    make_film("Too Few", n1=2, n10=2)
    make_film("None")
    make_film("Draft", published_at=None, n1=30, n10=30)
    make_film("Scheduled", published_at=timezone.now() + timedelta(days=1), n1=30, n10=30)
    assert titles(client, name) == ["Shown"]


def test_votes_set_aside_are_in_no_chart(client, film):
    for number in range(6):
        Vote.objects.cast(film, make_member(f"voter{number}"), 1 + 9 * (number % 2))
    assert titles(client, "most-divisive") == [film.title]
    Vote.objects.filter(score=10).update(status=Vote.Status.HELD, reason="A burst")
    assert titles(client, "most-divisive") == []


@pytest.mark.parametrize("name", NAMES)
def test_chart_is_narrowed_by_genre_and_decade(client, db, name):
    make_film("War 1950", "War", release_year=1950, n2=5, n8=5)
    make_film("War 1965", "War", release_year=1965, n2=5, n8=5)
    make_film("Noir 1951", "Noir", release_year=1951, n2=5, n8=5)
    assert titles(client, name, genre="war") == ["War 1950", "War 1965"]
    assert titles(client, name, decade="1950") == ["War 1950", "Noir 1951"]
    assert titles(client, name, genre="war", decade="1960") == ["War 1965"]
    assert titles(client, name, genre="noir", decade="1960") == []


@pytest.mark.parametrize(
    ("query", "canonical", "is_indexed"),
    [
        ("", "", True),
        ("?genre=war", "?genre=war", True),
        ("?decade=1950&genre=war", "?genre=war&amp;decade=1950", False),
        ("?genre=nonsense&decade=abc", "", True),
        ("?genre=%00&decade=99999999999999999999", "", True),
        ("?page=7&sort=votes", "", True),
    ],
)
@pytest.mark.parametrize("address", ["/charts/", "/charts/favourites/"])
def test_each_chart_has_one_address(client, db, address, query, canonical, is_indexed):
    make_film("War 1950", "War", release_year=1950, n8=5)
    html = client.get(address + query).content.decode()
    assert f'<link rel="canonical" href="http://testserver{address}{canonical}">' in html
    assert ("noindex" not in html) is is_indexed


def test_chosen_filters_come_off_one_by_one(client, db):
    make_film("War 1950", "War", release_year=1950, n8=5)
    html = page(client, "favourites", genre="war", decade="1950")
    for left in ("?decade=1950", "?genre=war"):
        assert f'<a href="/charts/favourites/{left}"><span class="visually-hidden">Remove' in html
    assert '<a href="/charts/favourites/">Clear all</a>' in html
    assert 'href="/charts/most-voted/?genre=war&amp;decade=1950"' in html


def test_chart_without_films_leads_on(client, film):
    for name in ("", *NAMES):
        html = page(client, name)
        assert "No film has 5 votes yet" in html
        assert '<a href="/films/">All films</a>' in html
    make_film("War", "War", n8=4)
    assert '<a href="/films/?genre=war">All these films</a>' in page(client, genre="war")


def test_each_chart_tells_how_it_is_made(client, db):
    make_film("Split", n1=30, n10=30)
    html = page(client)
    assert "drawn towards 65% by 25 votes" in html
    assert "By the number of votes." in html
    assert "with 25 more votes at the mean" in html
    assert "A film needs 5 votes" in html
    assert "±2.25 stars" in html


def test_first_page_shows_ten_of_each_and_leads_to_a_hundred(client, db):
    for number in range(101):
        make_film(f"Film {number}", n5=5, n6=number)
    html = page(client)
    assert html.count("<li><span><a ") == 30
    assert 'href="/charts/most-divisive/">The whole chart' in html
    assert len(titles(client, "most-voted")) == 100


def test_whole_chart_is_not_offered_where_all_of_it_is_shown(client, db):
    make_film("One", n5=5)
    assert "The whole chart" not in page(client)


def test_unknown_chart_is_not_found(client, db):
    for name in ("best", "0", "FAVOURITES"):
        assert client.get(f"/charts/{name}/").status_code == 404


def test_structured_data_lists_what_the_page_lists(client, db):
    make_film("Less </script>", n10=6)
    make_film("More & More", n1=7)
    html = page(client, "most-voted")
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    told, way = map(json.loads, scripts)
    assert told["url"] == "http://testserver/charts/most-voted/"
    assert [each["name"] for each in told["itemListElement"]] == ["More & More", "Less </script>"]
    assert [each["name"] for each in way["itemListElement"]] == ["Charts", "Most voted"]


@pytest.mark.parametrize(("name", "queries"), [("", 5), *((name, 3) for name in NAMES)])
def test_queries_are_few_however_many_films(client, db, django_assert_num_queries, name, queries):
    for number in range(30):
        make_film(f"Film {number}", "War", release_year=1950, n1=5, n9=number)
    page(client, name)
    with django_assert_num_queries(queries):
        html = page(client, name)
    assert "Film 29" in html


def test_charts_set_no_cookie_and_are_kept_for_strangers(client, db, settings):
    settings.PAGE_CACHE_SECONDS = 10
    answer = client.get("/charts/?genre=war")
    assert not answer.cookies
    assert answer.headers["Cache-Control"].startswith("public")


def test_home_page_leads_to_the_charts(client, db):
    make_film("Loved", n9=5)
    html = client.get("/").content.decode()
    assert '<a href="/charts/">All charts</a>' in html
