"""How a score is worked out: the page for readers and the JSON for programs."""

import pytest
from django.urls import reverse

from films.models import Film
from reviews.models import AudienceScore, Vote


def page_of(client, film: Film) -> str:
    answer = client.get(reverse("reviews:score", args=[film.slug]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def json_of(client, film: Film) -> dict[str, object]:
    answer = client.get(reverse("reviews:score_json", args=[film.slug]))
    assert answer.status_code == 200
    told: dict[str, object] = answer.json()
    return told


@pytest.fixture
def rated(film):
    """The film with the votes of the reference film."""
    AudienceScore.objects.create(film=film, n6=313, n7=1814, held=2, discounted=1)
    return film


def test_page_works_the_score_out_with_the_films_own_numbers(client, rated):
    page = page_of(client, rated)
    assert "2127 votes add up to 14576" in page
    assert "2127 × 10 = 21270" in page
    assert "14576 ÷ 21270 = 68.53 %" in page
    assert "3.43 of 5 stars on average" in page


def test_page_says_what_the_score_is_not(client, rated):
    assert "Rotten Tomatoes" in page_of(client, rated)


def test_page_has_the_histogram_as_a_table(client, rated):
    page = page_of(client, rated)
    assert '<th scope="row">3½</th><td>7</td><td>1814</td><td>85.3 %</td><td>12698</td>' in page
    assert page.count('<th scope="row">') == 11


def test_page_says_how_many_votes_are_held_and_discounted(client, rated):
    page = page_of(client, rated)
    assert "2 votes are held" in page
    assert "1 is discounted" in page


def test_page_tells_the_order_of_lists_with_its_constants(client, rated):
    page = page_of(client, rated)
    assert "(sum × 1000 + 162500) ÷ (votes + 25)" in page
    assert "(14576 × 1000 + 162500) ÷ 2152, which is 68.48 %" in page


def test_page_of_a_film_below_the_minimum_has_no_score(client, film):
    AudienceScore.objects.create(film=film, n6=3)
    page = page_of(client, film)
    assert "3 of 5 votes needed" in page
    assert "from 5 votes on" in page
    assert "60.00" not in page


def test_page_of_a_film_without_votes_has_no_numbers(client, film):
    page = page_of(client, film)
    assert "Not rated yet" in page
    assert "None" not in page
    assert "<table" not in page


def test_page_asks_the_same_queries_however_many_votes(
    client, film, member, other_member, django_assert_num_queries
):
    with django_assert_num_queries(2):  # film with score; the footer's pages
        page_of(client, film)
    Vote.objects.cast(film, member, 9)
    Vote.objects.cast(film, other_member, 3)
    with django_assert_num_queries(2):
        page_of(client, film)


def test_page_sets_no_cookie(client, rated):
    assert not client.get(reverse("reviews:score", args=[rated.slug])).cookies


def test_json_is_the_tally_in_whole_numbers(client, rated):
    assert json_of(client, rated) == {
        "film": "never-let-me-go-2010",
        "percent": 6853,
        "votes": 2127,
        "votes_needed": 0,
        "points": 14576,
        "histogram": [0, 0, 0, 0, 0, 313, 1814, 0, 0, 0],
        "held": 2,
        "discounted": 1,
    }


def test_json_has_no_percentage_below_the_minimum(client, film):
    AudienceScore.objects.create(film=film, n6=3)
    told = json_of(client, film)
    assert (told["percent"], told["votes"], told["votes_needed"]) == (None, 3, 2)


def test_json_of_a_film_without_a_row_is_zeros(client, film):
    assert json_of(client, film) == {
        "film": "never-let-me-go-2010",
        "percent": None,
        "votes": 0,
        "votes_needed": 5,
        "points": 0,
        "histogram": [0] * 10,
        "held": 0,
        "discounted": 0,
    }


@pytest.mark.parametrize("name", ["reviews:score", "reviews:score_json"])
def test_draft_is_found_by_editors_alone(client, draft, member, editor, name):
    address = reverse(name, args=[draft.slug])
    assert client.get(address).status_code == 404
    client.force_login(member)
    assert client.get(address).status_code == 404
    client.force_login(editor)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", ["reviews:score", "reviews:score_json"])
def test_earlier_slug_leads_on(client, film, name):
    old = reverse(name, args=[film.slug])
    film.slug = "another-slug"
    film.save()
    answer = client.get(old)
    assert (answer.status_code, answer.url) == (301, reverse(name, args=["another-slug"]))


@pytest.mark.parametrize("name", ["reviews:score", "reviews:score_json"])
def test_scores_are_not_posted(client, film, name):
    assert client.post(reverse(name, args=[film.slug]), {"percent": 10000}).status_code == 405
    assert not AudienceScore.objects.exists()
