"""Reading reviews: a film's in every order, the latest of all, one at its address, what changed."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from films.models import Film
from reviews.models import Helpful, Member, Review, Vote
from reviews.models.review import OPENING

JSON_LD = '<script type="application/ld+json">'


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def bodies(answer) -> list[int]:
    """The numbers of the reviews that `write` made, in the order of the page."""
    return [int(number) for number in re.findall(r"Text (\d+)\.", answer.content.decode())]


def write(film, count: int, **fields) -> list[Review]:
    """So many reviews with texts of their number: the higher, the newer."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    members = Member.objects.bulk_create(Member(username=f"writer-{n}") for n in range(count))
    return Review.objects.bulk_create(
        Review(film=film, author=author, body=f"Text {n}.", written_at=start + timedelta(n))
        for n, author in enumerate(members)
    )


def vote(reviews: list[Review], *scores: int | None) -> None:
    for review, score in zip(reviews, scores, strict=True):
        if score:
            Vote.objects.cast(review.film, review.author, score)


@pytest.fixture
def review(film, member):
    return Review.objects.create(
        film=film,
        author=member,
        headline="Quietly devastating",
        body="The horror is *polite*. >!Tommy dies.!<",
        written_at=datetime(2026, 3, 12, tzinfo=UTC),
    )


# --- A film's reviews -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [1, 4, 3, 2, 0]),
        ("?sort=helpful", [1, 4, 3, 2, 0]),
        ("?sort=newest", [4, 3, 2, 1, 0]),
        ("?sort=highest", [2, 3, 0]),
        ("?sort=lowest", [0, 3, 2]),
        ("?sort=nonsense", [1, 4, 3, 2, 0]),
        ("?score=7", [3, 0]),
        ("?score=7&sort=newest", [3, 0]),
        ("?score=7&sort=lowest", [0, 3]),
        ("?score=3", []),
        ("?score=11", [1, 4, 3, 2, 0]),
        ("?score=٧", [1, 4, 3, 2, 0]),
    ],
)
def test_reviews_are_sorted_and_filtered(client, film, member, query, shown):
    reviews = write(film, 5)
    vote(reviews, 7, None, 9, 7, None)
    Helpful.objects.mark(reviews[1], member)
    assert bodies(client.get(f"/films/{film.slug}/reviews/{query}")) == shown


@pytest.mark.parametrize("sort", ["helpful", "newest", "highest", "lowest"])
def test_pages_from_the_far_end_leave_nothing_out(client, film, member, sort):
    reviews = write(film, 47)
    vote(reviews, *(n % 5 + 1 for n in range(47)))
    for each in reviews[::9]:
        Helpful.objects.mark(each, member)
    address = f"/films/{film.slug}/reviews/?sort={sort}&page="
    pages = [bodies(client.get(f"{address}{number}")) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 7]
    shown = [number for page in pages for number in page]
    assert sorted(shown) == list(range(47))
    if sort == "newest":
        assert shown == list(range(47))[::-1]


def test_reviews_without_a_vote_have_no_place_in_an_order_by_vote(client, film):
    vote(write(film, 2), 7, None)
    page = text_of(client.get(f"/films/{film.slug}/reviews/?sort=highest"))
    assert "1 without a vote is left out of this order." in page


def test_filter_tells_how_many_there_are(client, film):
    vote(write(film, 3), 7, 7, 2)
    page = text_of(client.get(f"/films/{film.slug}/reviews/?score=7"))
    assert '<option value="7" selected>3½ of 5 stars (2)</option>' in page
    assert "4½ of 5 stars (0)" in page


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("?sort=helpful", ""),
        ("?utm=x&sort=newest", "?sort=newest"),
        ("?score=7&page=1", "?score=7"),
        ("?page=2", "?page=2"),
        ("?page=99&score=nonsense", "?page=2"),
    ],
)
def test_list_has_a_canonical_address(client, film, settings, query, canonical):
    write(film, 21)
    page = text_of(client.get(f"/films/{film.slug}/reviews/{query}"))
    address = f"{settings.SITE_URL}/films/{film.slug}/reviews/{canonical}"
    assert f'<link rel="canonical" href="{address}">' in page


def test_own_review_that_is_set_aside_stands_above_with_its_reason(client, film, member, review):
    write(film, 3)
    Review.objects.filter(pk=review.pk).update(status="held", reason="A first one")
    client.force_login(member)
    page = text_of(client.get(f"/films/{film.slug}/reviews/?sort=newest"))
    assert page.count("Quietly devastating") == 1
    assert page.index("A first one") < page.index("Text 2.")


@pytest.mark.parametrize("sort", ["helpful", "newest", "highest"])
def test_moderators_find_what_is_set_aside_first(client, film, moderator, sort):
    reviews = write(film, 5)
    vote(reviews, 3, 3, 3, 3, 3)
    Review.objects.filter(pk=reviews[2].pk).update(status="hidden", reason="Spam")
    client.force_login(moderator)
    assert bodies(client.get(f"/films/{film.slug}/reviews/?sort={sort}"))[0] == 2


def test_reviews_vanish_with_their_film_also_for_its_editors(client, film, editor, review):
    Film.objects.update(published_at=None)
    client.force_login(editor)
    assert "Quietly" not in text_of(client.get(f"/films/{film.slug}/reviews/"))


@pytest.mark.parametrize("count", [1, 45])
@pytest.mark.parametrize("query", ["", "?sort=newest&page=2", "?score=8&sort=newest"])
def test_list_costs_a_member_a_constant_number_of_queries(
    client, film, member, count, query, django_assert_num_queries
):
    reviews = write(film, count)
    vote(reviews, *([8] * count))
    client.force_login(member)
    # Session, member, film, counts, one's own set aside, reviews with authors, footer.
    with django_assert_num_queries(7):
        client.get(f"/films/{film.slug}/reviews/{query}")


def test_long_review_is_cut_in_lists_and_whole_at_its_address(client, film, member):
    body = "First words. " + "And so on. " * OPENING + "Last words."
    review = Review.objects.create(film=film, author=member, body=body)
    for address in (f"/films/{film.slug}/", f"/films/{film.slug}/reviews/", "/reviews/"):
        page = text_of(client.get(address))
        assert "First words." in page
        assert "Last words." not in page
        assert f'<a href="/reviews/{review.pk}/">Read on' in page
    assert "Last words." in text_of(client.get(f"/reviews/{review.pk}/"))


# --- The latest of all films ----------------------------------------------------------------------


def test_latest_reviews_of_all_films_are_listed_newest_first(client, film, member):
    other = Film.objects.create(title="Gattaca", published_at=timezone.now())
    draft = Film.objects.create(title="Draft")
    for n, each in enumerate((film, other, draft)):
        Review.objects.create(
            film=each,
            author=member,
            body=f"Text {n}.",
            written_at=datetime(2026, 1, n + 1, tzinfo=UTC),
        )
    answer = client.get("/reviews/")
    assert bodies(answer) == [1, 0]
    assert f'href="{other.get_absolute_url()}">Gattaca</a>' in answer.content.decode()
    assert '<a href="/reviews/">' in text_of(client.get("/"))


def test_hidden_reviews_are_not_among_the_latest(client, film, member, moderator, review):
    Review.objects.update(status="hidden", reason="Spam")
    for person in (member, moderator):
        client.force_login(person)
        assert "Quietly" not in text_of(client.get("/reviews/"))


def test_latest_without_reviews_say_what_to_do(client, db):
    assert 'href="/films/"' in text_of(client.get("/reviews/"))


@pytest.mark.parametrize("count", [1, 45])
def test_latest_cost_three_queries(client, film, count, django_assert_num_queries):
    write(film, count)
    with django_assert_num_queries(3):  # count, reviews with films and authors, footer
        client.get("/reviews/?page=2")


# --- One review -----------------------------------------------------------------------------------


def json_ld(page: str) -> Any:
    start = page.index(JSON_LD) + len(JSON_LD)
    return json.loads(page[start : page.index("</script>", start)])


def test_review_has_an_address_a_title_and_a_description(client, film, review, settings):
    page = text_of(client.get(review.get_absolute_url()))
    title = "Quietly devastating · Review of Never Let Me Go (2010) by member · Filmsite"
    assert f"<title>{title}</title>" in page
    assert '<meta name="description" content="The horror is polite. […]">' in page
    address = f"{settings.SITE_URL}/reviews/{review.pk}/"
    assert f'<link rel="canonical" href="{address}">' in page


def test_review_is_told_to_machines_without_sealed_words(client, film, member, review, settings):
    Vote.objects.cast(film, member, 9)
    told = json_ld(client.get(review.get_absolute_url()).content.decode())
    assert told["@type"] == "Review"
    assert told["author"] == {"@type": "Person", "name": "member"}
    assert told["datePublished"] == "2026-03-12"
    assert told["reviewBody"] == "The horror is polite. […]"
    assert told["itemReviewed"]["@type"] == "Movie"
    assert told["itemReviewed"]["name"] == "Never Let Me Go"
    rating = {"@type": "Rating", "ratingValue": 4.5, "bestRating": 5, "worstRating": 0.5}
    assert told["reviewRating"] == rating


def test_review_without_a_vote_is_told_without_a_rating(client, review):
    assert "reviewRating" not in json_ld(client.get(review.get_absolute_url()).content.decode())


def test_no_word_of_a_review_that_gives_away_the_ending_is_told(client, review):
    Review.objects.update(gives_away_ending=True)
    page = client.get(review.get_absolute_url()).content.decode()
    head = page[: page.index("<body>")]
    assert "devastating" not in head
    assert "horror" not in head
    assert '<meta name="description"' not in head
    assert "horror" in page[page.index("<details") : page.index("</details>")]


def test_nothing_ends_the_json_ld_early(client, film, member):
    evil = "</script><script>alert(1)</script>\u2028<!--"
    review = Review.objects.create(film=film, author=member, headline=evil, body=evil)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert json_ld(page)["name"] == evil


@pytest.mark.parametrize("status", ["held", "hidden"])
def test_review_that_is_set_aside_is_not_found_but_by_author_and_moderators(
    client, other_member, editor, member, moderator, review, status
):
    Review.objects.update(status=status, reason="Zebra")
    assert client.get(review.get_absolute_url()).status_code == 404
    for person in (other_member, editor):
        client.force_login(person)
        assert client.get(review.get_absolute_url()).status_code == 404
    for person in (member, moderator):
        client.force_login(person)
        assert "Zebra" in text_of(client.get(review.get_absolute_url()))


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_no_review_is_not_found(client, db, number):
    assert client.get(f"/reviews/{number}/").status_code == 404


# --- What changed ---------------------------------------------------------------------------------


@pytest.fixture
def edited(review):
    """Twice: the second text is in between."""
    for day, body in ((13, "The horror is cold."), (14, "The <b>horror</b> is warm & cold.")):
        at = datetime(2026, 3, day, tzinfo=UTC)
        Review.objects.filter(pk=review.pk).update(body=body, edited_at=at)
    return review


def words(page: str, tag: str) -> list[str]:
    found = re.findall(rf'<{tag}><span class="visually-hidden">.*?</span>(.*?)<span', page)
    return [each.strip() for each in found]


def test_author_and_moderators_see_what_changed(client, member, moderator, edited):
    for person in (member, moderator):
        client.force_login(person)
        page = text_of(client.get(f"/reviews/{edited.pk}/changes/"))
        assert words(page, "del") == ["horror"]
        assert words(page, "ins") == ["&lt;b&gt;horror&lt;/b&gt;", "warm &amp;"]
        page = text_of(client.get(f"/reviews/{edited.pk}/changes/?page=2"))
        assert "Tommy dies" in " ".join(words(page, "del"))
        assert words(page, "ins") == ["cold."]


def test_changes_are_found_by_nobody_else(client, other_member, editor, edited):
    address = f"/reviews/{edited.pk}/changes/"
    assert client.get(address).url.startswith("/account/login/")
    for person in (other_member, editor):
        client.force_login(person)
        assert client.get(address).status_code == 404


def test_edited_leads_there_for_author_and_moderators_alone(
    client, member, other_member, moderator, edited
):
    link = f'href="/reviews/{edited.pk}/changes/"'
    for person, is_link in (
        (None, False),
        (other_member, False),
        (member, True),
        (moderator, True),
    ):
        if person:
            client.force_login(person)
        page = text_of(client.get(edited.get_absolute_url()))
        assert "Edited" in page
        assert (link in page) == is_link


def test_review_that_never_changed_has_no_earlier_text(client, member, review):
    client.force_login(member)
    page = text_of(client.get(f"/reviews/{review.pk}/changes/"))
    assert "its text never changed" in page
