"""The watchlist: on and off from the film page and from lists, and its page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from films.models import Film
from reviews.models import Vote, WatchlistEntry

PAGE = "/account/watchlist/"
LIVE = datetime(2026, 1, 1, tzinfo=UTC)


def address(film: Film) -> str:
    return f"/films/{film.slug}/watchlist/"


@pytest.fixture
def me(client: Client, member) -> Client:
    client.force_login(member)
    return client


def make_films(count: int, **fields) -> list[Film]:
    return [
        Film.objects.create(title=f"Film {n}", published_at=LIVE, **fields) for n in range(count)
    ]


def kept(member) -> set[str]:
    return {entry.film.title for entry in member.watchlist.select_related("film")}


def test_film_is_put_on_and_taken_off(me, member, film):
    answer = me.post(address(film), {"watchlist": "add"}, follow=True)
    assert answer.redirect_chain == [(film.get_absolute_url(), 302)]
    assert "is on your watchlist" in answer.content.decode()
    assert kept(member) == {"Never Let Me Go"}
    me.post(address(film), {"watchlist": "remove"})
    assert kept(member) == set()


def test_second_click_changes_nothing(me, member, film):
    for _click in range(2):
        assert me.post(address(film), {"watchlist": "add"}).status_code == 302
    assert WatchlistEntry.objects.count() == 1
    for _click in range(2):
        assert me.post(address(film), {"watchlist": "remove"}).status_code == 302
    assert not WatchlistEntry.objects.exists()


def test_button_says_which_it_is(me, member, film):
    for page in (film.get_absolute_url(), "/films/", "/"):
        assert re.search(r'value="add"\s+aria-pressed="false"', me.get(page).content.decode())
    WatchlistEntry.objects.add(member, film)
    for page in (film.get_absolute_url(), "/films/", "/"):
        assert re.search(r'value="remove"\s+aria-pressed="true"', me.get(page).content.decode())


def test_another_members_watchlist_presses_no_button(me, other_member, film):
    WatchlistEntry.objects.add(other_member, film)
    for page in (film.get_absolute_url(), "/films/"):
        assert 'aria-pressed="true"' not in me.get(page).content.decode()


def test_stranger_is_sent_to_sign_in_and_nothing_is_stored(client, film):
    answer = client.post(address(film), {"watchlist": "add"})
    assert answer.url == "/account/login/?next=/films/never-let-me-go-2010/"
    assert not WatchlistEntry.objects.exists()
    assert "watchlist/" not in client.get("/films/").content.decode()
    page = client.get(film.get_absolute_url())
    assert "Sign in to put it on your watchlist" in page.content.decode()
    assert not page.cookies


@pytest.mark.parametrize("wanted", ["", "toggle", "ADD", "1"])
def test_nonsense_changes_nothing(me, film, wanted):
    assert me.post(address(film), {"watchlist": wanted}).status_code == 400
    assert not WatchlistEntry.objects.exists()


def test_get_changes_nothing(me, film):
    assert me.get(address(film), {"watchlist": "add"}).status_code == 405
    assert not WatchlistEntry.objects.exists()


def test_draft_cannot_be_kept(me, draft):
    assert me.post(address(draft), {"watchlist": "add"}).status_code == 404


def test_too_many_at_once_are_refused(me, film, settings):
    settings.VOTES_A_MINUTE = 2
    cache.clear()
    answers = [me.post(address(film), {"watchlist": "add"}) for _click in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/films/?page=2", "/films/?page=2"),
        ("https://evil.example/", "/films/never-let-me-go-2010/"),
        ("//evil.example/", "/films/never-let-me-go-2010/"),
        ("javascript:alert(1)", "/films/never-let-me-go-2010/"),
    ],
)
def test_answer_leads_back_to_a_page_of_the_site(me, film, asked, led):
    assert me.post(address(film), {"watchlist": "add", "next": asked}).url == led


def test_program_is_answered_in_json(me, member, film):
    answer = me.post(
        address(film), {"watchlist": "add"}, headers={"accept": "application/json"}
    ).json()
    assert answer == {"is_on": True, "message": "“Never Let Me Go” is on your watchlist."}


def test_old_slug_still_reaches_the_film(me, member, film):
    old = address(film)
    film.slug = "another"
    film.save()
    me.post(old, {"watchlist": "add"})
    assert kept(member) == {"Never Let Me Go"}


# --- Its page -------------------------------------------------------------------------------------


def test_page_has_the_latest_first_and_no_film_that_is_not_published(me, member):
    for days, film in enumerate(make_films(3)):
        added = LIVE + timedelta(days=days)
        WatchlistEntry.objects.create(member=member, film=film, added_at=added)
    Film.objects.filter(title="Film 1").update(published_at=None)
    assert [film.title for film in me.get(PAGE).context["films"]] == ["Film 2", "Film 0"]
    assert "Film 1" not in me.get(PAGE).content.decode()


def test_film_is_removed_in_place(me, member, film):
    WatchlistEntry.objects.add(member, film)
    html = me.get(PAGE).content.decode()
    assert f'formaction="{address(film)}" name="watchlist" value="remove">Remove' in html
    assert f'name="next" value="{PAGE}"' in html
    page = me.post(address(film), {"watchlist": "remove", "next": PAGE}, follow=True)
    assert "No films to see yet" in page.content.decode()


def test_page_shows_ones_own_vote_on_a_film_that_waits(me, member, other_member, film):
    WatchlistEntry.objects.add(member, film)
    Vote.objects.cast(film, other_member, 2)
    assert "of 5 stars" not in me.get(PAGE).content.decode()
    Vote.objects.cast(film, member, 9)
    assert "4½ of 5 stars" in me.get(PAGE).content.decode()


def test_page_is_paginated(me, member):
    for film in make_films(50):
        WatchlistEntry.objects.add(member, film)
    assert len(me.get(PAGE).context["films"]) == 48
    assert len(me.get(PAGE, {"page": "99"}).context["films"]) == 2


def test_stranger_signs_in_first(client, db):
    assert client.get(PAGE).url == f"/account/login/?next={PAGE}"


# --- Queries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 48])
@pytest.mark.parametrize(
    ("page", "queries"), [("/films/", 4 + 2 + 1), ("/films/film-0/", 8), (PAGE, 2 + 3 + 1)]
)
def test_pages_cost_a_member_the_same_however_many_films_wait(
    me, member, rows, page, queries, django_assert_max_num_queries
):
    for film in make_films(rows):
        WatchlistEntry.objects.add(member, film)
    with django_assert_max_num_queries(queries):
        assert me.get(page).status_code == 200
