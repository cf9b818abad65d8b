"""What nobody may read yet, or only who asks for it, appears on no surface of the site.

A draft, a scheduled film, a hidden and a held review, and sealed text each have a word of their
own. All pages that links lead to, feeds, files, searches, suggestions, filters and charts are
read, and none has it; nor does a number count what they belong to.
"""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from films.models import AlternativeTitle, Collection, Credit, Film, Genre, Person, Tagline
from films.models.film import FilmQuerySet
from films.models.likeness import Likeness
from reviews.models import AudienceScore, Review
from reviews.models.review import ReviewQuerySet
from tests.conftest import make_member
from tests.test_crawl import crawl

DRAFT, SCHEDULED, HIDDEN, HELD, SEALED = (
    "Quixalotl", "Zephyrine", "Malgracious", "Heliotrope", "Umbrageous",
)  # fmt: skip
NEVER = (DRAFT, SCHEDULED, HIDDEN, HELD)
FILM = "/films/open-country-1999/"
START = ["/", "/films/", "/charts/", "/reviews/", "/robots.txt", "/sitemap.xml"]
# Their words begun or misspelt, never whole: what is asked for is echoed.
QUERIES = [
    "quixal",
    "quixalotk",
    "zephyr",
    "zephyrone",
    "malgrac",
    "helio",
    "umbrag",
    "open",
    "ada",
]
ASKED = [
    *(f"/search/{page}?q={query}" for query in QUERIES for page in ("", "suggest/")),
    *(f"/films/?genre=drama&sort={sort}" for sort in ("newest", "score", "title", "votes")),
    "/films/?decade=1990&sort=score",
    "/films/?decade=1990&genre=drama&language=en&min_score=60",
    "/films/?genre=quixal",
    "/films/?page=2",
    *(f"/charts/{name}/?genre=drama" for name in ("favourites", "most-voted", "most-divisive")),
    "/charts/?decade=1990",
    f"{FILM}score.json",
    f"{FILM}reviews/?sort=newest",
    "/.well-known/security.txt",
]
# Where sealed text stands for who asks for it.
SEAL = re.compile(
    r'<span class="seal-text">.*?</span>|<details class="seal">.*?</details>', re.DOTALL
)


def make_film(word: str, **fields: Any) -> Film:
    """A film all of whose texts have the word, with people, genre and votes of its own."""
    film = Film.objects.create(
        title=f"{word} Country",
        original_title=f"{word} Land",
        synopsis=f"All of {word}.",
        essay=f"More of {word}.",
        release_year=1999,
        original_language="en",
        **fields,
    )
    Tagline.objects.create(film=film, text=f"{word} again.")
    AlternativeTitle.objects.create(film=film, title=f"{word} Field")
    for name in (f"{word} Smith", "Ada Openly"):
        person = Person.objects.get_or_create(name=name)[0]
        Credit.objects.create(film=film, person=person, department="cast", character=f"{word} II")
    for name in (word, "Drama"):
        film.genres.add(Genre.objects.get_or_create(name=name, slug=name.lower())[0])
    AudienceScore.objects.create(film=film, n3=9, n9=30)
    return film


@pytest.fixture
def site(db: None) -> None:
    now = timezone.now()
    film = make_film("Open", published_at=now - timedelta(days=9), featured_from=now)
    others = [make_film(DRAFT), make_film(SCHEDULED, published_at=now + timedelta(days=9))]
    sealed = f"Seen. >!{SEALED} end.!<\n\n>!{SEALED} all along.!<"
    Film.objects.filter(pk=film.pk).update(synopsis=sealed, essay=sealed)
    Person.objects.update(biography=sealed)
    collection = Collection.objects.create(
        title="Countries", introduction=sealed, published_at=now, home_position=1
    )
    drafted = Collection.objects.create(title=f"{DRAFT} list", home_position=2)
    for each in (film, *others):
        collection.entries.create(film=each, note=sealed)
        drafted.entries.create(film=each)
    for position, other in enumerate(others, 1):
        Likeness.objects.create(film=film, other=other, position=position, shared={"voters": 9})
    writers = [make_member(f"writer{number}", shows_votes=True) for number in range(4)]
    for writer, word, status in (
        (writers[0], HIDDEN, Review.Status.HIDDEN),
        (writers[1], HELD, Review.Status.HELD),
    ):
        Review.objects.create(
            film=film, author=writer, headline=word, body=word, status=status, reason="So"
        )
    Review.objects.create(film=film, author=writers[2], headline="Fine", body=sealed)
    for each, word in zip(others, NEVER, strict=False):
        Review.objects.create(film=each, author=writers[2], headline=word, body=word)
    call_command("rebuild_search", stdout=StringIO())


def surfaces(client: Any) -> list[str]:
    """The addresses of all that can be read: what links lead to, and what is asked for besides."""
    reached = [path for path, status in crawl(client, START).items() if status == 200]
    feeds = ["/feeds/films.atom", "/feeds/reviews.atom", f"{FILM}reviews.atom"]
    feeds += ["/collections/countries/films.atom"]
    members = [f"/members/writer{number}/" for number in range(4)]
    return list(dict.fromkeys([*reached, *ASKED, *feeds, *members]))


def leaks(client: Any, path: str) -> list[str]:
    """What an address tells that it should not."""
    body = SEAL.sub("", client.get(path).content.decode())
    told = [word for word in (*NEVER, SEALED) if word.lower() in body.lower()]
    return told + re.findall(r"\b[23] (?:films?|reviews?)\b|<option[^>]*>[^<]*\([23]\)", body)


@pytest.mark.parametrize("who", [None, "member"])
def test_no_surface_tells_what_nobody_may_read(client, site, who, request):
    if who:
        client.force_login(request.getfixturevalue(who))
    read = surfaces(client)
    assert {path: told for path in read if (told := leaks(client, path))} == {}
    assert {path for _broken, _instead, path, _word in BROKEN}.issubset(read)
    assert "Open Country" in client.get("/search/?q=open").content.decode()
    assert SEALED in client.get(FILM).content.decode()  # there, for who asks


@pytest.mark.parametrize("word", [DRAFT, SCHEDULED])
def test_pages_of_an_unpublished_film_are_not_found(client, site, word):
    film = Film.objects.get(title=f"{word} Country")
    for page in ("", "score/", "score.json", "vote/", "reviews/", "reviews/write/", "reviews.atom"):
        answer = client.get(f"{film.get_absolute_url()}{page}")
        assert answer.status_code == 404
        assert word not in answer.content.decode()
    assert client.get(f"/people/{word.lower()}-smith/").status_code == 404
    for review in Review.objects.exclude(headline="Fine"):
        assert client.get(review.get_absolute_url()).status_code == 404


def everywhere(film: str = "") -> Q:
    return Q()


def unsealed(text: str, length: int) -> str:
    return text


# What is broken, and how; which surface tells it then, and what it tells.
FILMS, REVIEWS = "films.models.film.FilmQuerySet.published", "reviews.models.review.ReviewQuerySet"
BROKEN = [
    (FILMS, FilmQuerySet.all, "/", DRAFT),
    (FILMS, FilmQuerySet.all, "/search/?q=zephyr", SCHEDULED),
    (FILMS, FilmQuerySet.all, "/feeds/films.atom", DRAFT),
    (FILMS, FilmQuerySet.all, "/sitemap-films-0.xml", SCHEDULED),
    ("films.search.finding.published_now", everywhere, "/search/suggest/?q=quixal", DRAFT),
    ("films.filters.PUBLISHED", "1 = 1", "/films/?genre=drama&sort=newest", "3 films"),
    ("films.views.collections.published_now", everywhere, "/collections/countries/", DRAFT),
    ("films.views.feeds.published_now", everywhere, "/collections/countries/films.atom", DRAFT),
    ("filmsite.sitemap.published_now", everywhere, "/sitemap-people-0.xml", DRAFT),
    ("films.structured.plain_text", unsealed, FILM, SEALED),
    ("films.views.feeds.plain_text", unsealed, "/feeds/films.atom", SEALED),
    ("reviews.views.feeds.plain_text", unsealed, "/feeds/reviews.atom", SEALED),
    (f"{REVIEWS}.published", ReviewQuerySet.all, "/reviews/", HIDDEN),
]


@pytest.mark.parametrize(("broken", "instead", "path", "word"), BROKEN)
def test_surface_that_is_broken_on_purpose_is_noticed(
    client, site, monkeypatch, broken, instead, path, word
):
    monkeypatch.setattr(broken, instead)
    told = leaks(client, path)
    assert word.lower() in [each.lower() for each in told]
