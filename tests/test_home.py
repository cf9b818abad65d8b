"""The home page: what leads it, its lists, and an empty site."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from films.models import Film, Page
from reviews.models import Review
from tests.conftest import make_member

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def make_film(title: str, **fields: Any) -> Film:
    return Film.objects.create(**{"title": title, "published_at": NOW} | fields)


def tally(film: Film, **counts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reviews_audiencescore (film_id, {', '.join(counts)})"
            f" VALUES ({film.pk}, {', '.join(map(str, counts.values()))})"
        )


def home(client: Any) -> Any:
    response = client.get("/")
    assert response.status_code == 200
    return response


def test_empty_site_tells_a_stranger_to_come_back(client, db):
    html = home(client).content.decode()
    assert "No films yet" in html
    assert "Come back soon" in html
    assert "/admin/" not in html
    for heading in ("New on the shelf", "Audience favourites", "Latest reviews"):
        assert heading not in html


def test_empty_site_tells_an_editor_what_to_do(client, editor):
    client.force_login(editor)
    html = home(client).content.decode()
    assert 'href="/admin/films/film/add/">Add the first film</a>' in html


def test_film_featured_latest_leads(client, db):
    now = timezone.now()
    make_film("Old Feature", featured_from=now - timedelta(days=9))
    latest = make_film("Latest Feature", featured_from=now - timedelta(days=1))
    make_film("Coming Feature", featured_from=now + timedelta(days=1))
    make_film("Draft Feature", featured_from=now, published_at=None)
    assert home(client).context["lead"] == latest


def test_without_a_feature_the_newest_with_a_synopsis_leads(client, db):
    make_film("Older", synopsis="A story.", published_at=NOW - timedelta(days=2))
    told = make_film("Told", synopsis="A story.", published_at=NOW - timedelta(days=1))
    make_film("Untold")
    make_film("Draft", synopsis="A story.", published_at=None)
    assert home(client).context["lead"] == told


def test_films_without_synopsis_are_on_the_shelf_alone(client, db):
    make_film("Untold")
    response = home(client)
    assert response.context["lead"] is None
    assert "New on the shelf" in response.content.decode()


def test_six_newest_are_on_the_shelf(client, db):
    for n in range(8):
        make_film(f"Film {n}", published_at=NOW + timedelta(minutes=n))
    make_film("To come", published_at=timezone.now() + timedelta(days=1))
    titles = [film.title for film in home(client).context["newest"]]
    assert titles == [f"Film {n}" for n in (7, 6, 5, 4, 3, 2)]


def test_favourites_go_by_rank_and_need_a_score(client, db):
    tally(make_film("Few tens"), n10=5)
    tally(make_film("Many nines"), n9=500)
    tally(make_film("Too few"), n10=4)
    make_film("No row")
    titles = [film.title for film in home(client).context["favourites"]]
    assert titles == ["Many nines", "Few tens"]


def test_latest_reviews_of_published_films_are_shown(client, film, draft, member, other_member):
    Review.objects.create(film=film, author=member, headline="Seen", body="Good >!end!<.")
    Review.objects.create(film=draft, author=member, body="Of a draft.")
    Review.objects.create(
        film=film, author=other_member, headline="He dies", body="He dies.", gives_away_ending=True
    )
    html = home(client).content.decode()
    assert "Good […]." in html
    assert "Of a draft." not in html
    assert "He dies" not in html
    assert "This review gives away the ending." in html


def test_lists_that_are_empty_are_left_out(client, film):
    html = home(client).content.decode()
    assert "Audience favourites" not in html
    assert "Latest reviews" not in html


@pytest.mark.parametrize("rows", [1, 60])
def test_home_asks_six_queries_and_sets_no_cookie(client, db, rows, django_assert_num_queries):
    for n in range(rows):
        film = make_film(f"Film {n}", synopsis="A story.", featured_from=NOW)
        tally(film, n8=6)
        Review.objects.create(film=film, author=make_member(f"member{n}"), body="Good.")
    with django_assert_num_queries(6):
        response = home(client)
    assert not response.cookies


def test_site_pages_stand_at_their_addresses_and_in_the_footer(client, db):
    assert client.get("/about/").status_code == 404
    Page.objects.create(slug="about", title="About us", body="We *watch* films.")
    assert '<a href="/about/">About us</a>' in home(client).content.decode()
    html = client.get("/about/").content.decode()
    assert "<h1>About us</h1>" in html
    assert "<em>watch</em>" in html
