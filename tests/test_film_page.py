"""The film page: every line of the contract, every state, its queries, what machines are told."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from films.models import (
    AlternativeTitle,
    Certificate,
    Country,
    Credit,
    Film,
    FilmCertificate,
    Genre,
    Person,
    Tagline,
)
from reviews.models import Helpful, Member, Review, Vote

# 2127 votes adding up to 14576: the reference film's 68.53 %.
REFERENCE = {1: 40, 2: 45, 3: 65, 4: 100, 5: 180, 6: 329, 7: 550, 8: 370, 9: 313, 10: 135}


def html_of(client: Any, film: Film) -> str:
    response = client.get(film.get_absolute_url())
    assert response.status_code == 200
    return str(response.content.decode())


def words_of(html: str) -> str:
    """The text of a page as a reader has it, on one line."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def set_score(film: Film, counts: dict[int, int]) -> None:
    """A tally as if so many members had voted: the page reads only this row."""
    with connection.cursor() as cursor:
        columns = ", ".join(f"n{score}" for score in counts)
        numbers = ", ".join(str(count) for count in counts.values())
        cursor.execute(
            f"INSERT INTO reviews_audiencescore (film_id, {columns}) VALUES ({film.pk}, {numbers})"
        )


def certify(film: Film, board: str, label: str, advice: str = "") -> None:
    certificate = Certificate.objects.get(board=board, label=label)
    FilmCertificate.objects.create(film=film, certificate=certificate, advice=advice)


def credit(film: Film, name: str, department: str = "cast", **fields: Any) -> Credit:
    person, _made = Person.objects.get_or_create(name=name)
    return Credit.objects.create(film=film, person=person, department=department, **fields)


def voters(count: int) -> list[Member]:
    return Member.objects.bulk_create(
        Member(username=f"voter{n}", email=f"voter{n}@example.org") for n in range(count)
    )


def fill(film: Film, rows: int) -> None:
    """So many rows in every table that the page reads."""
    set_score(film, {7: 10})
    members = voters(rows)
    Vote.objects.filter(film=film).delete()
    countries = list(Country.objects.all()[:rows])
    film.countries.set(countries)
    for n in range(rows):
        film.genres.add(Genre.objects.create(name=f"Genre {n}", slug=f"genre-{n}"))
        Tagline.objects.create(film=film, text=f"Tagline {n}", position=n)
        AlternativeTitle.objects.create(film=film, title=f"Title {n}", country=countries[0])
        for department in ("cast", "directing", "writing", "music"):
            credit(film, f"{department} {n}", department, position=n)
        Review.objects.create(film=film, author=members[n], body="Good.")


@pytest.fixture
def reference(film: Film) -> Film:
    set_score(film, REFERENCE)
    certify(film, "MPA", "R", "some sexuality and nudity")
    certify(film, "BBFC", "12A")
    Tagline.objects.create(film=film, text="Grow up carefully.", position=1)
    Tagline.objects.create(film=film, text="Three friends, one house.", position=0)
    film.genres.add(Genre.objects.create(name="Romance", slug="romance"))
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    film.countries.add(Country.objects.get(code="GB"))
    credit(film, "Mark Romanek", "directing", job="Director")
    credit(film, "Alex Garland", "writing", job="Screenplay")
    credit(film, "Carey Mulligan", character="Kathy H.")
    Film.objects.filter(pk=film.pk).update(
        original_language="en", essay="An *essay*.", essay_byline="Ada Reiss", imdb_id="tt1334260"
    )
    return film


@pytest.mark.parametrize(
    "line",
    [
        "Never Let Me Go (2010)",
        "Rated: R some sexuality and nudity",
        "Runtime: 1hr 44min",
        "Drama, Romance",
        "Audience Score: 68.53%",
        "from 2127 votes",
        "3.43 of 5 stars on average",
        "Plot and Synopsis",
        "Never Let Me Go Movie Details and Cast",
        "Duration: 104 min",
        "Release Year: 2010",
        "Release Date: 2010-03-18",
        "User Rating: 68.53% out of 2127 votes",
        "Tagline: Three friends, one house. Grow up carefully.",
        "Directed by: Mark Romanek",
        "Written by: Alex Garland Screenplay",
        "Countries: United Kingdom",
        "Language: English",
        "Elsewhere rated: BBFC 12A United Kingdom",
        "IMDb: tt1334260",
        "About Never Let Me Go",
        "By Ada Reiss",
        "An essay.",
    ],
)
def test_every_line_of_the_contract_stands_in_the_page(client, reference, line):
    assert line in words_of(html_of(client, reference))


def test_dates_are_marked_up(client, film):
    assert '<time datetime="2010-03-18">2010-03-18</time>' in html_of(client, film)


def test_first_tagline_leads(client, reference):
    assert '<p class="tagline" dir="auto">Three friends, one house.</p>' in html_of(
        client, reference
    )


def test_unknown_things_vanish_with_their_labels(client, db):
    film = Film.objects.create(title="Known by Name", published_at=timezone.now())
    words = words_of(html_of(client, film)).partition("Skip to the content")[2]
    assert "None" not in words
    for label in ("Rated", "Runtime", "Plot", "Details", "Release", "min", "About", "()", ":"):
        assert label not in words
    assert "<h2></h2>" not in html_of(client, film)


def test_year_alone_makes_no_date(client, draft, editor):
    client.force_login(editor)
    words = words_of(html_of(client, draft))
    assert "Release Year: 2027" in words
    assert "Release Date" not in words


@pytest.mark.parametrize(
    ("minutes", "text"), [(120, "2hr"), (45, "45min"), (61, "1hr 1min"), (1, "1min")]
)
def test_lengths_are_written_one_way(client, film, minutes, text):
    Film.objects.filter(pk=film.pk).update(runtime=minutes)
    assert f"Runtime: {text} " in words_of(html_of(client, film))


def test_without_a_certificate_at_home_the_first_other_leads_with_its_board(client, film):
    certify(film, "FSK", "12")
    certify(film, "BBFC", "15", "strong language")
    words = words_of(html_of(client, film))
    assert "Rated: BBFC 15 strong language" in words
    assert "Elsewhere rated: FSK 12 Germany" in words


def test_home_country_decides_which_certificate_leads(client, film, settings):
    settings.HOME_COUNTRY = "DE"
    certify(film, "FSK", "12")
    certify(film, "MPA", "R")
    words = words_of(html_of(client, film))
    assert "Rated: 12 " in words
    assert "Elsewhere rated: MPA R" in words


def test_too_few_votes_show_no_score(client, film):
    set_score(film, {8: 2, 9: 1})
    html = html_of(client, film)
    assert "3 of 5 votes needed" in words_of(html)
    assert "User Rating" not in html
    assert "%" not in words_of(html)


def test_film_without_votes_asks_for_the_first(client, film):
    assert "Not rated yet. Seen it? Be the first." in words_of(html_of(client, film))


def test_voting_that_is_to_open_says_when(client, film):
    day = timezone.localdate() + timedelta(days=400)
    Film.objects.filter(pk=film.pk).update(voting_opens_on=day)
    assert f"Voting opens on {day.day} {day:%B} {day.year}" in words_of(html_of(client, film))


def test_long_titles_get_smaller_type_and_then_the_whole_width(client, film):
    for length, name in ((40, ""), (41, "title-long"), (60, "title-long"), (61, "title-full")):
        Film.objects.filter(pk=film.pk).update(title="x" * length)
        assert f'<div class="hero wrap {name}">' in html_of(client, film)


@pytest.mark.parametrize(
    ("title", "language", "shown"),
    [
        ("جدایی نادر از سیمین", "fa", '<bdi lang="fa" dir="auto">جدایی نادر از سیمین</bdi>'),
        ("ביקור התזמורת", "en", '<bdi lang="he" dir="auto">ביקור התזמורת</bdi>'),
        ("فيلم", "", '<bdi lang="ar" dir="auto">فيلم</bdi>'),
        ("9", "xx", "<h1 class=\"\">9"),
    ],
)  # fmt: skip
def test_right_to_left_titles_are_set_apart(client, film, title, language, shown):
    Film.objects.filter(pk=film.pk).update(title=title, original_language=language)
    assert shown in html_of(client, film)


def test_long_cast_is_folded_after_twelve(client, film):
    for n in range(40):
        credit(film, f"Player {n:02}", position=n, character=f"Role {n}")
    html = html_of(client, film)
    shown, _more, folded = html.partition('<details class="more">')
    assert shown.count(">Player ") == 12
    assert folded.count(">Player ") == 28
    assert "All 40" in folded


def test_twelve_in_the_cast_are_not_folded(client, film):
    for n in range(12):
        credit(film, f"Player {n:02}", position=n)
    assert "<details" not in html_of(client, film)


def test_someone_with_two_jobs_stands_once_with_both(client, film):
    credit(film, "Alex Garland", "writing", job="Screenplay")
    credit(film, "Alex Garland", "writing", job="Story")
    words = words_of(html_of(client, film))
    assert "Written by: Alex Garland Screenplay, Story" in words


def test_three_most_helpful_reviews_are_shown_and_the_rest_linked(client, film):
    members = voters(5)
    reviews = [
        Review.objects.create(film=film, author=member, body=f"Body {n}.")
        for n, member in enumerate(members)
    ]
    Helpful.objects.create(review=reviews[1], member=members[0])
    html = html_of(client, film)
    assert re.findall(r"Body \d", html) == ["Body 1", "Body 4", "Body 3"]
    assert f'href="/films/{film.slug}/reviews/">All 5 reviews</a>' in html


def test_hidden_reviews_are_neither_shown_nor_counted(client, film, member):
    Review.objects.create(film=film, author=member, body="Foul.", status="hidden", reason="foul")
    html = html_of(client, film)
    assert "Foul." not in html
    assert "Nobody has written about this film yet." in html


def test_own_vote_and_review_are_known(client, film, member, other_member):
    Vote.objects.cast(film, member, 7)
    Vote.objects.cast(film, other_member, 2)
    Review.objects.create(film=film, author=member, body="Mine.")
    client.force_login(member)
    response = client.get(film.get_absolute_url())
    assert response.context["own_vote"].score == 7
    assert response.context["own_review"].body == "Mine."
    assert "Edit your review" in response.content.decode()


def test_member_without_vote_and_review_has_none(client, film, member):
    client.force_login(member)
    context = client.get(film.get_absolute_url()).context
    assert (context["own_vote"], context["own_review"]) == (None, None)


def test_essay_is_open_unless_it_reveals_the_ending(client, reference):
    assert "The essay gives away the ending" not in html_of(client, reference)
    Film.objects.filter(pk=reference.pk).update(
        essay_reveals_ending=True, essay_headline="What the ending does"
    )
    html = html_of(client, reference)
    assert "What the ending does" in html
    assert re.search(r'<details class="reveal"><summary>The essay gives away the ending', html)


def test_draft_is_shown_to_editors_alone(client, draft, editor, moderator, member):
    for reader in (None, member, moderator):
        client.logout()
        if reader:
            client.force_login(reader)
        assert client.get(draft.get_absolute_url()).status_code == 404
    client.force_login(editor)
    html = html_of(client, draft)
    assert "A draft: readers do not see this film." in html
    assert f"/admin/films/film/{draft.pk}/change/" in html


def test_scheduled_film_says_since_when_readers_see_it(client, draft, editor):
    Film.objects.filter(pk=draft.pk).update(published_at=datetime(2099, 5, 1, 12, 0, tzinfo=UTC))
    assert client.get(draft.get_absolute_url()).status_code == 404
    client.force_login(editor)
    assert "Scheduled: readers see this film from 1 May 2099, 12:00 on." in html_of(client, draft)


# --- What machines are told ----------------------------------------------------------------------


def json_ld(html: str) -> dict[str, Any]:
    """The first of the page's objects: the film."""
    texts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert [json.loads(text)["@type"] for text in texts] == ["Movie", "BreadcrumbList"]
    return dict(json.loads(texts[0]))


def test_json_ld_describes_the_film(client, reference):
    told = json_ld(html_of(client, reference))
    assert told["@type"] == "Movie"
    assert told["name"] == "Never Let Me Go"
    assert told["url"] == "http://testserver/films/never-let-me-go-2010/"
    assert told["datePublished"] == "2010-03-18"
    assert told["duration"] == "PT104M"
    assert told["genre"] == ["Drama", "Romance"]
    assert told["contentRating"] == "R"
    assert told["director"] == [{"@type": "Person", "name": "Mark Romanek"}]
    assert told["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": "68.53",
        "bestRating": 100,
        "worstRating": 10,
        "ratingCount": 2127,
    }


def test_json_ld_has_no_rating_until_a_score_shows(client, film):
    set_score(film, {8: 4})
    assert "aggregateRating" not in json_ld(html_of(client, film))


def test_json_ld_leaves_out_what_is_unknown(client, db):
    film = Film.objects.create(title="Known by Name", published_at=timezone.now())
    assert set(json_ld(html_of(client, film))) == {"@context", "@type", "name", "url"}


def test_nothing_ends_the_json_ld_early(client, film):
    title = "</script><script>alert(1)</script>&\u2028\u2029\"'<!--"
    Film.objects.filter(pk=film.pk).update(title=title)
    html = html_of(client, film)
    assert json_ld(html)["name"] == title
    assert "<script>alert" not in html
    script = html.partition("application/ld+json")[2].partition("</script>")[0]
    assert not set("<&\u2028\u2029") & set(script)


def test_address_and_description_are_told_without_sealed_text(client, film):
    Film.objects.filter(pk=film.pk).update(synopsis="They *live*. >!They die.!<\n\n>!All!<")
    html = html_of(client, film)
    assert '<link rel="canonical" href="http://testserver/films/never-let-me-go-2010/">' in html
    assert '<meta property="og:title" content="Never Let Me Go (2010)">' in html
    assert (
        '<meta property="og:url" content="http://testserver/films/never-let-me-go-2010/">' in html
    )
    assert '<meta name="description" content="They live. […]">' in html
    assert json_ld(html)["description"] == "They live. […]"


# --- Queries and cookies -------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 60])
def test_a_stranger_costs_six_queries_and_no_cookie(client, film, rows, django_assert_num_queries):
    fill(film, rows)
    with django_assert_num_queries(6):
        response = client.get(film.get_absolute_url())
    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("rows", [1, 60])
def test_a_member_costs_eight_queries(client, film, member, rows, django_assert_num_queries):
    fill(film, rows)
    Vote.objects.cast(film, member, 7)
    Review.objects.create(film=film, author=member, body="Mine.")
    client.force_login(member)
    with django_assert_num_queries(8):
        assert "Mine." in html_of(client, film)


def test_long_texts_are_read_by_the_film_page_alone(client, film):
    with CaptureQueriesContext(connection) as queries:
        client.get("/films/")
        client.get("/")
    assert not [q for q in queries if '"essay"' in q["sql"]]


# --- Posters -------------------------------------------------------------------------------------


def test_drawn_poster_names_title_year_and_director(client, reference):
    html = html_of(client, reference)
    assert '<span class="poster-line" aria-hidden="true">2010 · Mark Romanek</span>' in html


def test_poster_that_is_not_two_by_three_stands_on_its_colour(client, film):
    posters = Film.objects.filter(pk=film.pk)
    name = f"posters/{film.pk}-0123456789abcdef-600.webp"
    posters.update(poster=name, poster_width=600, poster_height=900, poster_colour="#aabbcc")
    html = html_of(client, film)
    assert f"/media/posters/{film.pk}-0123456789abcdef-300.webp 300w" in html
    assert 'width="600" height="900" alt="Poster"' in html
    assert "#aabbcc" not in html
    assert f'og:image" content="http://testserver/media/posters/{film.pk}-' in html
    posters.update(poster_height=400, poster_alt="A pier")
    html = html_of(client, film)
    assert 'fill="#aabbcc"' in html
    assert 'alt="A pier"' in html


def test_release_date_in_the_far_past_is_no_trouble(client, film):
    Film.objects.filter(pk=film.pk).update(release_date=date(1895, 12, 28))
    assert "Release Date: 1895-12-28" in words_of(html_of(client, film))


def test_poster_names_three_directors_and_says_that_there_are_others(client, film):
    for number in range(5):
        person = Person.objects.create(name=f"Director {number}")
        Credit.objects.create(
            film=film, person=person, department="directing", job="Director", position=number
        )
    page = client.get(film.get_absolute_url()).content.decode()
    assert "Director 0, Director 1, Director 2 and others" in page
