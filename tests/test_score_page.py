"""How a score is worked out: the page for readers and the JSON for programs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from films.models import Film
from reviews.history import history
from reviews.models import AudienceScore, Member, Vote

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


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


# --- The score over time ---


def cast(film: Film, *days: list[int]) -> None:
    """Votes of these scores, a list for each day from START on."""
    for number, scores in enumerate(days):
        moment, earlier = START + number * DAY, Member.objects.count()
        voters = Member.objects.bulk_create(
            Member(username=f"v-{earlier + n}") for n in range(len(scores))
        )
        Vote.objects.bulk_create(
            Vote(film=film, member=voter, score=score, cast_at=moment, changed_at=moment)
            for voter, score in zip(voters, scores, strict=True)
        )


def drawn(film: Film) -> list[tuple[int, int, int]]:
    told = history(film)
    return [(point.day.day, point.percent, point.votes) for point in told.points] if told else []


def test_history_is_the_score_of_each_day_from_the_first_that_has_one(film):
    cast(film, [10, 10, 10], [1], [4, 6], [], [9])
    assert drawn(film) == [(3, 6833, 6), (4, 6833, 6), (5, 7143, 7)]
    film.audience_score.refresh_from_db()
    assert (film.audience_score.percent, film.audience_score.votes) == (7143, 7)


def test_history_leaves_out_what_is_set_aside_and_takes_changed_votes_as_they_are(film):
    cast(film, [5, 5, 5, 5, 5], [5, 1])
    Vote.objects.filter(score=1).update(status="held", reason="A brigade")
    Vote.objects.filter(pk=Vote.objects.earliest("pk").pk).update(
        score=10, changed_at=START + 9 * DAY
    )
    assert drawn(film) == [(1, 6000, 5), (2, 5833, 6)]


def test_day_of_a_vote_is_its_day_in_utc(film, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    cast(film, [5] * 5, [6])
    Vote.objects.filter(score=6).update(
        cast_at=datetime(2026, 1, 1, 23, 59, 59, 999999, tzinfo=UTC)
    )
    assert history(film) is None
    Vote.objects.filter(score=6).update(cast_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert [day for day, _percent, _votes in drawn(film)] == [1, 2]


@pytest.mark.parametrize("days", [[[5] * 9], [[5], [5], [5], [5]], [[5] * 4, [5]]])
def test_page_has_no_history_of_one_day_or_of_too_few_votes(client, film, days):
    cast(film, *days)
    page = page_of(client, film)
    assert "over time" not in page
    assert '<svg viewBox="0 0 1000 300"' not in page


@pytest.mark.parametrize("days", [2, 198, 199, 2000])
def test_history_of_many_days_is_drawn_by_at_most_200_points(film, days):
    cast(film, [8] * 5)
    cast_last = START + (days - 1) * DAY
    Vote.objects.filter(pk=Vote.objects.latest("pk").pk).update(cast_at=cast_last)
    cast(film, [6] * 5)
    told = history(film)
    assert told is not None
    between = [b.day - a.day for a, b in zip(told.points, told.points[1:], strict=False)]
    assert (told.points[0].day, told.points[-1].day) == (date(2026, 1, 1), cast_last.date())
    assert len(told.points) == days if days <= 198 else 100 <= len(told.points) <= 200
    assert len(set(between[:-1])) <= 1
    assert between[-1] <= between[0]


def test_highest_and_lowest_day_are_drawn_among_many(film):
    cast(film, [5] * 5, *[[5]] * 300, [1] * 9, [10] * 99, *[[5]] * 300)
    told = history(film)
    assert told is not None
    assert {told.highest, told.lowest} <= set(told.points)
    assert (told.highest.day - told.lowest.day).days == 1
    assert len(told.points) <= 200


def test_history_is_told_in_words(client, film):
    cast(film, [7] * 5, [10] * 5, [1] * 10, [8] * 10)
    page = page_of(client, film)
    assert "From 70.00 % on 1 January 2026 (5 votes) to 58.33 % on 4 January 2026" in page
    assert "The highest was 85.00 % on 2 January 2026 (10 votes)" in page
    assert "The lowest was 47.50 % on 3 January 2026 (20 votes)" in page
    assert "not a record of what this page said then" in page


def test_line_is_drawn_between_whole_tens_of_per_cent(client, film):
    cast(film, [7] * 5, [10] * 5)
    page = page_of(client, film)
    assert "<span>90 %</span><span>80 %</span><span>70 %</span>" in page
    assert 'points="0,300 1000,75"' in page


def test_line_of_a_score_that_never_moves_is_drawn(client, film):
    cast(film, [10] * 5, [10])
    page = page_of(client, film)
    assert "<span>100 %</span><span>95 %</span><span>90 %</span>" in page
    assert 'points="0,0 1000,0"' in page


def test_page_with_history_asks_the_same_queries_however_many_votes(
    client, film, django_assert_num_queries
):
    cast(film, [7] * 5, [10] * 5)
    with django_assert_num_queries(3):  # film with score; its history; the footer's pages
        page_of(client, film)
    cast(film, *[[3, 9]] * 40)
    with django_assert_num_queries(3):
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
