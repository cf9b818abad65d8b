"""The tally: the score's formula, its limits, and that each way to change a vote keeps it."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from films.models import Film
from reviews import tally
from reviews.models import AudienceScore, Member, Vote


def score_of(film: Film) -> AudienceScore:
    return AudienceScore.objects.get(film=film)


def differences() -> list[object]:
    return list(tally.differences(connection))


def test_first_vote_makes_the_row(film, member):
    Vote.objects.cast(film, member, 7)
    score = score_of(film)
    assert (score.votes, score.points, score.percent) == (1, 7, 7000)


def test_second_vote_replaces_the_first(film, member):
    Vote.objects.cast(film, member, 7)
    Vote.objects.cast(film, member, 2)
    assert score_of(film).histogram == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert Vote.objects.count() == 1


def test_withdrawn_vote_leaves_no_score(film, member):
    Vote.objects.cast(film, member, 7)
    assert Vote.objects.withdraw(film, member)
    assert (score_of(film).votes, score_of(film).percent) == (0, None)
    assert not Vote.objects.withdraw(film, member)


def test_vote_set_aside_leaves_the_score_and_cannot_be_withdrawn(film, member, other_member):
    Vote.objects.cast(film, member, 10)
    Vote.objects.cast(film, other_member, 1)
    Vote.objects.filter(member=other_member).update(status="held", reason="a burst")
    score = score_of(film)
    assert (score.votes, score.percent, score.held, score.discounted) == (1, 10000, 1, 0)
    assert not Vote.objects.withdraw(film, other_member)
    Vote.objects.filter(member=other_member).update(status="discounted", reason="a brigade")
    assert (score_of(film).held, score_of(film).discounted) == (0, 1)


def test_changing_a_vote_keeps_its_status(film, member):
    Vote.objects.cast(film, member, 10)
    Vote.objects.update(status="held", reason="a burst")
    Vote.objects.cast(film, member, 3)
    vote = Vote.objects.get()
    assert (vote.score, vote.status, vote.reason) == (3, "held", "a burst")
    assert score_of(film).held == 1


def test_vote_moved_to_another_film_moves_between_the_tallies(film, draft, member):
    Vote.objects.cast(film, member, 8)
    Vote.objects.update(film=draft)
    assert (score_of(film).votes, score_of(draft).votes) == (0, 1)


def test_deleting_a_member_takes_their_votes_out(film, draft, member, other_member):
    for voter in (member, other_member):
        Vote.objects.cast(film, voter, 8)
        Vote.objects.cast(draft, voter, 4)
    member.delete()
    assert (score_of(film).votes, score_of(draft).votes) == (1, 1)


def test_deleting_a_film_does_not_bring_its_row_back(film, member):
    Vote.objects.cast(film, member, 8)
    film.delete()
    assert AudienceScore.objects.count() == 0


def test_raw_sql_keeps_the_tally(film, member):
    Vote.objects.cast(film, member, 8)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_vote SET score = 2")
    assert score_of(film).points == 2
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reviews_vote")
    assert score_of(film).votes == 0


def test_bulk_insert_counts_each_vote(film, draft):
    members = Member.objects.bulk_create(Member(username=f"voter-{n}") for n in range(40))
    Vote.objects.bulk_create(
        Vote(film=which, member=voter, score=number % 10 + 1)
        for which in (film, draft)
        for number, voter in enumerate(members)
    )
    assert score_of(film).histogram == score_of(draft).histogram == [4] * 10
    assert differences() == []


def test_replace_into_does_not_count_twice(film, member):
    if connection.vendor == "postgresql":
        return  # REPLACE INTO is SQLite's own
    Vote.objects.cast(film, member, 8)
    with connection.cursor() as cursor:
        cursor.execute(
            "REPLACE INTO reviews_vote (film_id, member_id, score, cast_at, changed_at)"
            " VALUES (%s, %s, 5, '2026-01-01', '2026-01-01')",
            [film.pk, member.pk],
        )
    assert score_of(film).histogram == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("score", [0, 11, -1])
def test_database_refuses_a_score_outside_1_to_10(film, member, score):
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.cast(film, member, score)
    assert not Vote.objects.exists()
    assert not AudienceScore.objects.exists()


def test_reference_film_scores_68_53(film):
    """2127 votes adding up to 14576 give 14576 / 21270 = 68.53 %, 3.43 stars on average."""
    AudienceScore.objects.create(film=film, n6=313, n7=1814)
    score = score_of(film)
    assert (score.votes, score.points) == (2127, 14576)
    assert (score.percent, score.percent_text) == (6853, "68.53")
    assert score.mean_stars_text == "3.43"


def test_a_million_tens_do_not_overflow(film):
    AudienceScore.objects.create(film=film, n10=1_000_000)
    score = score_of(film)
    assert (score.points, score.percent, score.rank) == (10_000_000, 10000, 9999)
    assert score.spread_rank == 0


@pytest.mark.parametrize(
    ("counts", "stars"),
    [
        ({"n1": 4, "n10": 4}, "2.25"),
        ({"n7": 9}, "0.00"),
        ({f"n{score}": 1 for score in range(1, 11)}, "1.44"),
        ({"n8": 2, "n9": 1}, "0.24"),
        ({}, ""),
    ],
)
def test_spread_is_the_standard_deviation_in_stars(film, counts, stars):
    AudienceScore.objects.create(film=film, **counts)
    assert score_of(film).spread_stars_text == stars


def test_missing_trigger_is_reported_and_mended(film, member):
    from django.core.management import call_command

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER reviews_tally_insert ON reviews_vote")
        else:
            cursor.execute("DROP TRIGGER reviews_tally_insert")
    assert tally.missing() == ["reviews_tally_insert"]
    Vote.objects.cast(film, member, 8)
    assert len(differences()) == 1
    call_command("migrate", verbosity=0, skip_checks=True)
    assert tally.missing() == []
    assert score_of(film).votes == 1


class FormulaTest(TestCase):
    """The generated columns against exact decimals, for any ten counts."""

    @given(st.lists(st.integers(0, 10**7), min_size=10, max_size=10))
    def test_columns_equal_the_formula(self, counts):
        film = Film.objects.create(title="Any")
        AudienceScore.objects.create(film=film, **{f"n{i}": n for i, n in enumerate(counts, 1)})
        score = score_of(film)
        votes = sum(counts)
        points = sum(i * n for i, n in enumerate(counts, 1))
        assert (score.votes, score.points) == (votes, points)
        exact = Decimal(points) * 1000 / votes if votes else None
        expected = exact and int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        assert score.percent == expected
        assert score.rank == (points * 1000 + 25 * 6500) // (votes + 25)
        if not votes:
            assert score.spread_rank is None
            return
        squares = sum(i**2 * n for i, n in enumerate(counts, 1))
        deviation = squares - Fraction(points**2, votes)
        # The mean is rounded down to a millionth first.
        assert 0 <= score.spread_rank - deviation * 10**6 // (votes + 25) <= 10
