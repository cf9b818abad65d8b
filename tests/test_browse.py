"""The list of films and a genre's: filters, sorts, pages, and what nonsense does."""

import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from films.models import Certificate, Country, Film, FilmCertificate, FilmQuerySet, Genre
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
    ikiru = make_film("Ikiru", release_year=1952, original_language="ja", runtime=143)
    ikiru.genres.add(drama)
    ikiru.countries.add(Country.objects.get(code="JP"))
    cranes = make_film("The Cranes Are Flying", release_year=1957, original_language="ru")
    cranes.genres.add(drama, war)
    aftersun = make_film("Aftersun", release_year=2022, original_language="en", runtime=102)
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
        ("?age=17", ["Aftersun"]),
        ("?age=18", ["Aftersun"]),
        ("?age=16", []),
        ("?age=0", []),
        ("?runtime=90-119", ["Aftersun"]),
        ("?runtime=120-149", ["Ikiru"]),
        ("?runtime=0-59", []),
        ("?min_score=90", []),
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
        "?decade=%D9%A1%D9%A9%D9%A5%D9%A0", "?age=22", "?age=-1", "?age=abc", "?age=012",
        "?runtime=91-119", "?runtime=90-", "?min_score=85", "?min_score=0", "?watchlist=1",
        "?unvoted=1", "?after=abc", "?certificate=%00", "?country=%00%00", "?language=j%00",
        "?genre=' OR 1=1 --", "?sort=newest%27",
    ],
)  # fmt: skip
def test_what_is_not_on_offer_is_ignored(client, films, query):
    assert len(titles(client, query)) == 3


def choices(response: Any, name: str) -> dict[str, str]:
    """What a filter's form control offers: values and words, as the page has them."""
    pattern = rf'name="{name}".*?</select>'
    select = re.search(pattern, response.content.decode(), re.DOTALL)
    assert select, name
    offered = re.findall(r'<option value="([^"]+)"[^>]*>([^<]*)<', select[0])
    return dict(offered)


def test_filters_offer_what_published_films_have_with_their_number(client, films):
    response = client.get("/films/")
    offered = {name: choices(response, name) for name in ("genre", "decade", "certificate", "age")}
    assert offered == {
        "genre": {"drama": "Drama (2)", "war": "War (1)"},
        "decade": {"2020": "2020s (1)", "1950": "1950s (2)"},
        "certificate": {"R": "R (1)", "BBFC:12A": "BBFC 12A (1)"},
        "age": {"17": "17 (1)"},
    }
    assert choices(response, "country") == {
        "JP": "Japan (1)",
        "GB": "United Kingdom (1)",
        "US": "United States (1)",
    }
    assert choices(response, "language") == {
        "en": "English (1)",
        "ja": "Japanese (1)",
        "ru": "Russian (1)",
    }
    assert choices(response, "runtime") == {
        "90-119": "1hr 30min to 1hr 59min (1)",
        "120-149": "2hr to 2hr 29min (1)",
    }
    assert choices(response, "min_score") == {}


def test_numbers_are_of_what_the_other_filters_leave(client, films):
    response = client.get("/films/?genre=drama&decade=1950")
    assert choices(response, "language") == {"ja": "Japanese (1)", "ru": "Russian (1)"}
    assert choices(response, "genre") == {"drama": "Drama (2)", "war": "War (1)"}
    assert choices(response, "country") == {"JP": "Japan (1)"}


def test_each_number_is_what_choosing_that_value_leaves(client, voted):
    for chosen in ("", "genre=drama", "decade=1950&genre=war", "min_score=80&language=ru"):
        response = client.get(f"/films/?{chosen}")
        for offered in response.context["filters"]:
            others = [part for part in chosen.split("&") if not part.startswith(offered.name)]
            for value, number in offered.counts.items():
                query = "&".join([*filter(None, others), f"{offered.name}={value}"])
                assert len(titles(client, f"?{query}")) == number, query


def test_long_list_is_not_counted_to_its_end(client, films, monkeypatch):
    monkeypatch.setattr("films.counts.MOST_COUNTED", 2)
    response = client.get("/films/")
    assert "more than" in response.content.decode() or response.context["found"].total == 3
    assert choices(response, "genre") == {"drama": "Drama", "war": "War"}
    assert choices(client.get("/films/?genre=drama"), "decade") == {"1950": "1950s (2)"}


@pytest.mark.parametrize("age", [None, 13])
def test_film_whose_certificate_is_unknown_is_suitable_for_no_age(client, films, age):
    unrated = Certificate.objects.create(
        board="MPA", country_id="US", label="Unclear", minimum_age=age
    )
    FilmCertificate.objects.create(film=films["ikiru"], certificate=unrated)
    abroad = Certificate.objects.get(board="BBFC", label="U")
    FilmCertificate.objects.create(film=films["cranes"], certificate=abroad)
    assert titles(client, "?age=14") == (["Ikiru"] if age else [])


def test_certificate_that_admits_everybody_is_suitable_for_each_age(client, films):
    everybody = Certificate.objects.get(board="MPA", label="G")
    FilmCertificate.objects.create(film=films["ikiru"], certificate=everybody)
    assert titles(client, "?age=0") == ["Ikiru"]
    assert titles(client, "?age=12") == ["Ikiru"]


def test_film_that_two_boards_at_home_judged_counts_once(client, films):
    for board in ("One", "Two"):
        certificate = Certificate.objects.create(
            board=board, country_id="US", label="12", minimum_age=12
        )
        FilmCertificate.objects.create(film=films["ikiru"], certificate=certificate)
    for query in ("?age=12", "?certificate=12"):
        assert titles(client, query) == ["Ikiru"]
        assert client.get(f"/films/{query}").context["found"].total == 1


def test_score_filter_wants_votes_enough(client, voted, settings):
    settings.AUDIENCE_SCORE_MIN_VOTES = 4
    assert titles(client, "?min_score=90") == ["The Cranes Are Flying"]
    settings.AUDIENCE_SCORE_MIN_VOTES = 5
    assert titles(client, "?min_score=60") == []


def test_own_filters_are_for_members(client, films, member):
    member.watchlist.create(film=films["ikiru"])
    Vote.objects.cast(films["cranes"], member, 7)
    assert "not voted" not in client.get("/films/").content.decode().lower()
    client.force_login(member)
    assert titles(client, "?watchlist=1") == ["Ikiru"]
    assert sorted(titles(client, "?unvoted=1")) == ["Aftersun", "Ikiru"]
    assert titles(client, "?watchlist=1&unvoted=1&genre=drama") == ["Ikiru"]
    html = client.get("/films/?watchlist=1").content.decode()
    assert 'name="watchlist" value="1" checked' in html
    assert "On my watchlist (1)" in html


def test_chosen_filters_come_off_one_by_one(client, films):
    html = client.get("/films/?sort=title&decade=1950&genre=war").content.decode()
    chosen = html[html.index('<ul class="chosen"') :]
    links = re.findall(r'<a href="([^"]*)"', chosen[: chosen.index("</ul>")])
    assert links == [
        "/films/?decade=1950&amp;sort=title",
        "/films/?genre=war&amp;sort=title",
        "/films/?sort=title",
    ]


@pytest.mark.parametrize(
    ("query", "canonical", "is_indexed"),
    [
        ("", "", True),
        ("?genre=&sort=&decade=", "", True),
        ("?sort=newest", "", True),
        ("?page=1", "", True),
        ("?utm=x&language=ja&after=nonsense", "?language=ja", True),
        ("?genre=war", "?genre=war", True),
        ("?sort=title", "?sort=title", False),
        ("?decade=1950&genre=war", "?genre=war&amp;decade=1950", False),
        ("?sort=score&country=JP&genre=drama", "?genre=drama&amp;country=JP&amp;sort=score", False),
    ],
)
def test_each_combination_has_one_address(client, films, query, canonical, is_indexed):
    html = client.get(f"/films/{query}").content.decode()
    assert f'<link rel="canonical" href="http://testserver/films/{canonical}">' in html
    assert ('<meta name="robots" content="noindex">' not in html) == is_indexed


def test_form_keeps_what_is_chosen(client, films):
    html = client.get("/films/?genre=war&sort=title").content.decode()
    assert '<option value="war" selected>War (1)</option>' in html
    assert '<option value="title" selected>' in html
    assert '<form class="filters" method="get"' in html


def test_a_list_without_a_match_leads_back(client, films):
    html = client.get("/films/?genre=war&language=ja").content.decode()
    assert "No film is all of this." in html
    assert '<a href="/films/?genre=war">Without Language: Japanese</a>: 1 film' in html
    assert '<a href="/films/?language=ja">Without Genre: War</a>: 1 film' in html
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
    pages = html[html.index('<nav class="pagination"') :]
    links = re.findall(r'<a href="([^"]*)"', pages[: pages.index("</nav>")])
    start = "/films/?genre=drama&amp;sort=title"
    assert links == [start, start, f"{start}&amp;page=3", f"{start}&amp;page=3"]
    assert f'<link rel="canonical" href="http://testserver{start}&amp;page=2">' in html


# --- Long lists: pages beyond the numbered ones --------------------------------------------------


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are long from six films on, pages hold four, and two of them have numbers."""
    monkeypatch.setattr("films.counts.MOST_COUNTED", 5)
    monkeypatch.setattr("films.listing.FILMS_A_PAGE", 4)
    monkeypatch.setattr("films.listing.LAST_NUMBER", 2)


@pytest.fixture
def many(db: None, long_lists: None) -> None:
    """Films that share titles, moments, votes and ranks; some drafts, one scheduled."""
    genre = Genre.objects.create(name="Drama", slug="drama")
    members = [make_member(f"voter{n}") for n in range(4)]
    for n in range(43):
        published = [NOW, NOW, NOW - timedelta(seconds=n // 4), None][n % 4]
        film = make_film(
            ["Alike", "Zoo", "éclair", f"Film {n % 7}\N{NO-BREAK SPACE}"][n % 5 % 4],
            published_at=published,
            original_language=["en", "ja"][n % 3 == 0],
            release_year=1950 + n % 20,
        )
        if n % 5:
            film.genres.add(genre)
        for member in members[: n % 4 * (n % 7 > 2)]:
            Vote.objects.cast(film, member, 5 + n % 3)
    make_film("To come", published_at=datetime(2199, 1, 1, tzinfo=UTC)).genres.add(genre)


def walk(client: Any, address: str, link: str) -> list[list[int]]:
    """The films of each page from an address on, following one link to the end."""
    pages = []
    while address:
        response = client.get(address)
        pages.append([film.pk for film in response.context["films"]])
        address = response.context["links"].get(link, "")
        assert len(pages) < 30
    return pages


ORDERS = {
    "newest": FilmQuerySet.newest,
    "score": FilmQuerySet.by_rank,
    "votes": FilmQuerySet.by_votes,
    "title": FilmQuerySet.by_title,
}
NARROWED: dict[str, dict[str, Any]] = {
    "": {},
    "genre=drama": {"genres__slug": "drama"},
    "language=en": {"original_language": "en"},
    "genre=drama&decade=1950&language=en": {
        "genres__slug": "drama", "year__lt": 1960, "original_language": "en",
    },
}  # fmt: skip


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("query", NARROWED)
@pytest.mark.parametrize("takes", ["all", "few"])
def test_long_list_read_to_the_end_and_back_leaves_nothing_out(
    client, many, sort, query, takes, monkeypatch
):
    if takes == "all":  # as where a filter has too many films to take them and sort them
        monkeypatch.setattr("films.filters.MOST_ROWS", (1, 1))
    films = Film.objects.published().filter(**NARROWED[query])
    expected = list(ORDERS[sort](films).values_list("pk", flat=True))
    address = f"/films/?{query}&sort={sort}"
    assert list(chain(*walk(client, address, "next"))) == expected
    last = client.get(address).context["links"]["end"]
    first, *others = reversed(walk(client, last, "previous"))
    back = list(chain(*others))
    assert first == expected[:4]
    assert back == expected[-len(back) :]
    assert len(back) >= len(expected) - 4
    beyond = client.get(f"{address}&page=1000000000")
    assert [film.pk for film in beyond.context["films"]] == expected[-4:]
    assert beyond.context["canonical"] == last


@pytest.mark.parametrize("sort", ORDERS)
def test_page_by_number_is_the_same_as_by_next(client, many, sort, monkeypatch):
    monkeypatch.setattr("films.listing.LAST_NUMBER", 100)
    pages = walk(client, f"/films/?sort={sort}", "next")
    for number, page in enumerate(pages, 1):
        found = client.get(f"/films/?sort={sort}&page={number}").context["films"]
        assert [film.pk for film in found] == page


def test_far_page_of_several_filters_is_the_same_as_by_next(client, many, monkeypatch):
    monkeypatch.setattr("films.listing.LAST_NUMBER", 100)
    address = "/films/?genre=drama&language=en&sort=score"
    pages = walk(client, address, "next")
    for number, page in enumerate(pages, 1):
        found = client.get(f"{address}&page={number:02}")  # two digits: a far one
        assert [film.pk for film in found.context["films"]] == page
        assert found.context["found"].numbers is not None
    beyond = client.get(f"{address}&page={len(pages) + 1:02}")
    assert [film.pk for film in beyond.context["films"]] == list(chain(*pages))[-4:]


def token(*parts: Any) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "", "0", "abc", "=", "%00", "%FF%FE", "9" * 3000, "é", "[]", "W10", token(),
        token("title"), token("newest", 0, 0, 5, 5), token("title", 0, 0, 5, 5),
        token("title", 0, 0, "\0", 5), token("title", 0, 0, "\ud800", 5),
        token("title", 0, 1, "A", 5), token("title", 2, 0, "A", 1), token("title", 0, 0, "A", 0),
        token("title", 0, 0, "A", 2**63), token("title", 0, 0, "A", 1.5),
        token("title", 0, 0, "A", True), token("title", 0, 0, ["A"], 5),
        token("title", 0, [0], "A", 5), token("title", 0, 0, None, 5),
        token(["title"], 0, 0, "A", 5), urlsafe_b64encode(b"[" * 2000).decode(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sort", ORDERS)
def test_made_up_place_is_the_first_page(client, many, after, sort):
    response = client.get(f"/films/?sort={sort}&after={after}")
    assert response.status_code == 200
    if sort == "title":
        assert response.context["page"].number == 1


def test_place_past_the_end_is_the_last_page(client, many):
    last = client.get(client.get("/films/?sort=title").context["links"]["end"])
    for place in (
        token("title", 0, 0, "\U0010ffff", 1),
        token("title", 0, 0, "\U0010ffff" * 300, 1),
    ):
        films = client.get(f"/films/?sort=title&after={place}").context["films"]
        assert films == last.context["films"]


def test_place_in_time_to_come_shows_no_scheduled_film(client, many):
    moment = 7_300_000_000_000_000  # in 2201
    films = client.get(f"/films/?after={token('newest', 0, 0, moment, 9)}").context["films"]
    assert [film.pk for film in films] == walk(client, "/films/", "next")[0]


@pytest.mark.parametrize("query", ["", "?genre=drama&sort=score", "?sort=votes&page=2"])
def test_long_list_asks_four_queries(client, many, query, django_assert_num_queries):
    with django_assert_num_queries(4):
        response = client.get(f"/films/{query}")
    with django_assert_num_queries(4):
        client.get(response.context["links"]["end"])


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
