"""The list of films and a genre's: filters, sorts, pages, and what nonsense does."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from films.models import Certificate, Country, Film, FilmCertificate, Genre
from reviews.models import Vote
from tests.conftest import make_member

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def make_film(title: str, **fields: Any) -> Film:
    return Film.objects.create(**{"title": title, "published_at": NOW} | fields)


def titles(client: Any, query: str = "", path: str = "/films/") -> list[str]:
    response = client.get(f"{path}{query}")
    assert response.status_code == 200
    return [film.title for film in response.context["films"]]


@pytest.fixture
def films(db: None) -> dict[str, Film]:
    drama = Genre.objects.create(name="Drama", slug="drama")
    war = Genre.objects.create(name="War", slug="war")
    ikiru = make_film("Ikiru", release_year=1952, original_language="ja")
    ikiru.genres.add(drama)
    ikiru.countries.add(Country.objects.get(code="JP"))
    cranes = make_film("The Cranes Are Flying", release_year=1957, original_language="ru")
    cranes.genres.add(drama, war)
    aftersun = make_film("Aftersun", release_year=2022, original_language="en")
    aftersun.countries.add(*Country.objects.filter(code__in=["GB", "US"]))
    for board, label in (("MPA", "R"), ("BBFC", "12A")):
        certificate = Certificate.objects.get(board=board, label=label)
        FilmCertificate.objects.create(film=aftersun, certificate=certificate)
    hidden = make_film("Draft", published_at=None, release_year=1931, original_language="zu")
    hidden.genres.add(Genre.objects.create(name="Secret", slug="secret"))
    hidden.countries.add(Country.objects.get(code="DE"))
    certificate = Certificate.objects.get(board="MPA", label="NC-17")
    FilmCertificate.objects.create(film=hidden, certificate=certificate)
    return {"ikiru": ikiru, "cranes": cranes, "aftersun": aftersun}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Aftersun", "Ikiru", "The Cranes Are Flying"]),
        ("?genre=drama", ["Ikiru", "The Cranes Are Flying"]),
        ("?genre=war", ["The Cranes Are Flying"]),
        ("?decade=1950", ["Ikiru", "The Cranes Are Flying"]),
        ("?decade=2020", ["Aftersun"]),
        ("?certificate=R", ["Aftersun"]),
        ("?certificate=BBFC:12A", ["Aftersun"]),
        ("?country=JP", ["Ikiru"]),
        ("?language=ru", ["The Cranes Are Flying"]),
        ("?genre=drama&decade=1950&language=ja&country=JP", ["Ikiru"]),
        ("?genre=war&language=ja", []),
        ("?genre=&decade=&sort=", ["Aftersun", "Ikiru", "The Cranes Are Flying"]),
    ],
)
def test_filters_narrow_the_list(client, films, query, found):
    assert sorted(titles(client, query)) == found


@pytest.mark.parametrize(
    "query",
    [
        "?genre=nonsense", "?genre=DRAMA", "?decade=1955", "?decade=abc", "?decade=-1",
        "?decade=1e3", "?decade=" + "9" * 400, "?certificate=12A", "?certificate=MPA:",
        "?certificate=:R", "?country=XX", "?country=gb", "?language=__in", "?genre__slug=war",
        "?sort=password", "?sort=-title", "?title=Ikiru", "?genre=%00", "?genre=%FF%FE",
        "?decade=%D9%A1%D9%A9%D9%A5%D9%A0",
    ],
)  # fmt: skip
def test_what_is_not_on_offer_is_ignored(client, films, query):
    assert len(titles(client, query)) == 3


def test_filters_offer_what_published_films_have(client, films):
    offered = {each.name: each.choices for each in client.get("/films/").context["filters"]}
    assert offered == {
        "genre": {"drama": "Drama", "war": "War"},
        "decade": {"2020": "2020s", "1950": "1950s"},
        "certificate": {"R": "R", "BBFC:12A": "BBFC 12A"},
        "country": {"JP": "Japan", "GB": "United Kingdom", "US": "United States"},
        "language": {"en": "English", "ja": "Japanese", "ru": "Russian"},
    }


def test_form_keeps_what_is_chosen(client, films):
    html = client.get("/films/?genre=war&sort=title").content.decode()
    assert '<option value="war" selected>War</option>' in html
    assert '<option value="title" selected>' in html
    assert '<form class="filters" method="get"' in html


def test_a_list_without_a_match_leads_back(client, films):
    html = client.get("/films/?genre=war&language=ja").content.decode()
    assert "No film is all of this." in html
    assert '<a href="/films/">All films</a>' in html


@pytest.fixture
def voted(films: dict[str, Film]) -> dict[str, Film]:
    members = [make_member(f"voter{n}") for n in range(4)]
    for member, score in zip(members, (9, 9, 9, 9), strict=True):
        Vote.objects.cast(films["cranes"], member, score)
    Vote.objects.cast(films["ikiru"], members[0], 2)
    withdrawn = make_film("Withdrawn")
    Vote.objects.cast(withdrawn, members[0], 10)
    Vote.objects.withdraw(withdrawn, members[0])
    return films


@pytest.mark.parametrize("sort", ["score", "votes"])
def test_films_without_votes_are_last(client, voted, sort):
    found = titles(client, f"?sort={sort}")
    assert found == ["The Cranes Are Flying", "Ikiru", "Aftersun", "Withdrawn"]


def test_titles_and_newest_sort(client, films):
    assert titles(client, "?sort=title") == ["Aftersun", "Ikiru", "The Cranes Are Flying"]
    Film.objects.filter(title="Ikiru").update(published_at=NOW + timedelta(days=1))
    assert titles(client)[0] == "Ikiru"
    assert titles(client, "?sort=newest") == titles(client)


@pytest.fixture
def hundred(db: None) -> None:
    genre = Genre.objects.create(name="Drama", slug="drama")
    for n in range(100):
        film = make_film(f"Film {n:03}", release_year=1950 + n % 60)
        film.genres.add(genre)


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("1", 1), ("2", 2), ("3", 3), ("4", 3), ("0", 1), ("-1", 1), ("abc", 1), ("", 1),
        ("1.5", 1), ("1e1", 1), ("%00", 1), ("%FF", 1), ("%D9%A2", 1), ("²", 1), (" 2", 1),
        ("1000000000", 3), ("9" * 400, 3), ("9" * 5000, 3), ("02", 2), ("last", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/films/", "/genres/drama/"])
def test_nonsense_page_is_the_first_and_one_past_the_end_the_last(
    client, hundred, path, page, number
):
    response = client.get(f"{path}?page={page}")
    assert response.status_code == 200
    assert response.context["page"].number == number


def test_pages_hold_48_and_leave_nothing_out(client, hundred):
    pages = [titles(client, f"?sort=title&page={n}") for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [48, 48, 4]
    assert len({title for page in pages for title in page}) == 100


def test_page_links_carry_what_is_known_and_no_more(client, hundred):
    html = client.get("/films/?genre=drama&sort=title&evil=1&decade=x&page=2").content.decode()
    links = re.findall(r'<a href="(\?[^"]*)"', html)
    assert set(links) == {f"?genre=drama&amp;sort=title&amp;page={n}" for n in (1, 3)}
    assert (
        '<link rel="canonical"'
        ' href="http://testserver/films/?genre=drama&amp;sort=title&amp;page=2">' in html
    )


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("query", ["", "?genre=drama&decade=1950&sort=score&page=2"])
def test_list_asks_four_queries_and_sets_no_cookie(
    client, db, rows, query, django_assert_num_queries
):
    genre = Genre.objects.create(name="Drama", slug="drama")
    for n in range(rows):
        film = make_film(f"Film {n}", release_year=1950)
        film.genres.add(genre)
        film.countries.add(Country.objects.all()[n])
    with django_assert_num_queries(4):
        response = client.get(f"/films/{query}")
    assert not response.cookies


def test_genre_page_lists_its_published_films(client, films):
    assert sorted(titles(client, path="/genres/drama/")) == ["Ikiru", "The Cranes Are Flying"]
    assert titles(client, path="/genres/secret/") == []
    assert client.get("/genres/no-such-genre/").status_code == 404


@pytest.mark.parametrize("rows", [1, 60])
def test_genre_page_asks_four_queries(client, db, rows, django_assert_num_queries):
    genre = Genre.objects.create(name="Drama", slug="drama")
    for n in range(rows):
        make_film(f"Film {n}").genres.add(genre)
    with django_assert_num_queries(4):
        client.get("/genres/drama/")


def test_empty_list_says_so(client, db):
    assert "There are no films here yet." in client.get("/films/").content.decode()
