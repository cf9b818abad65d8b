"""The tally of reviews: helpful marks and the author's score, kept by the database itself."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from films import triggers
from reviews import review_tally
from reviews.models import Helpful, NewcomerHold, Review, ReviewTally, Vote


@pytest.fixture
def review(film, member):
    return Review.objects.create(film=film, author=member, body="Quiet and sad.")


def tally_of(review):
    return ReviewTally.objects.get(pk=review.pk)


def test_new_review_has_a_tally_with_its_authors_vote(film, member):
    Vote.objects.cast(film, member, 9)
    tally = tally_of(Review.objects.create(film=film, author=member, body="Good."))
    assert (tally.film_id, tally.is_published, tally.helpful, tally.score) == (
        film.pk,
        True,
        0,
        9,
    )


def test_tally_follows_the_authors_vote_and_nobody_elses(review, film, member, other_member):
    Vote.objects.cast(film, other_member, 2)
    assert tally_of(review).score is None
    Vote.objects.cast(film, member, 7)
    assert tally_of(review).score == 7
    Vote.objects.cast(film, member, 3)
    assert tally_of(review).score == 3
    Vote.objects.filter(member=member).update(score=4)
    assert tally_of(review).score == 4
    Vote.objects.withdraw(film, member)
    assert tally_of(review).score is None


def test_tally_follows_the_reviews_status(review):
    Review.objects.filter(pk=review.pk).update(status="hidden", reason="Spam")
    assert not tally_of(review).is_published
    Review.objects.filter(pk=review.pk).update(status="published", reason="")
    assert tally_of(review).is_published


def test_helpful_marks_are_counted_and_taken_back(review, other_member, editor):
    Helpful.objects.create(review=review, member=other_member)
    Helpful.objects.bulk_create([Helpful(review=review, member=editor)])
    assert tally_of(review).helpful == 2
    other_member.delete()
    assert tally_of(review).helpful == 1
    Helpful.objects.all().delete()
    assert tally_of(review).helpful == 0


def test_nobody_finds_their_own_review_helpful(review, member):
    with pytest.raises(IntegrityError), transaction.atomic():
        Helpful.objects.create(review=review, member=member)
    assert tally_of(review).helpful == 0


def test_helpful_once_a_member(review, other_member):
    Helpful.objects.create(review=review, member=other_member)
    with pytest.raises(IntegrityError), transaction.atomic():
        Helpful.objects.create(review=review, member=other_member)
    assert tally_of(review).helpful == 1


def test_helpful_mark_cannot_be_moved(review, member, other_member):
    mark = Helpful.objects.create(review=review, member=other_member)
    with pytest.raises(IntegrityError), transaction.atomic():
        Helpful.objects.filter(pk=mark.pk).update(member=member)


def test_deleted_review_leaves_no_tally(review):
    review.delete()
    assert not ReviewTally.objects.exists()


def test_earlier_text_is_kept_by_whatever_door(review):
    Review.objects.filter(pk=review.pk).update(body="Loud.", edited_at=timezone.now())
    Review.objects.filter(pk=review.pk).update(status="hidden", reason="Spam")
    assert [revision.body for revision in review.revisions.all()] == ["Quiet and sad."]
    assert review.revisions.get().written_at == review.written_at


@pytest.mark.parametrize("trigger", review_tally.TALLY, ids=lambda trigger: trigger.name)
def test_missing_trigger_is_noticed_and_mended(review, trigger):
    trigger.drop(connection)
    assert review_tally.missing() == [trigger.name]
    with pytest.raises(CommandError):
        call_command("recount_scores", "--check", stdout=StringIO())
    call_command("recount_scores", "--fix", stdout=StringIO())
    assert review_tally.missing() == []


def test_wrong_tally_is_found_and_mended(review, other_member):
    Helpful.objects.create(review=review, member=other_member)
    ReviewTally.objects.filter(pk=review.pk).update(helpful=7)
    assert review_tally.differences(connection) == [review.pk]
    call_command("recount_scores", "--fix", stdout=StringIO())
    assert tally_of(review).helpful == 1


def test_reviews_written_while_triggers_were_missing_are_counted_after_migrate(film, member):
    triggers.remove(review_tally.TRIGGERS, connection)
    review = Review.objects.create(film=film, author=member, body="Written meanwhile.")
    assert not ReviewTally.objects.exists()
    call_command("migrate", verbosity=0)
    assert tally_of(review).helpful == 0


def test_new_votes_of_newcomers_are_held_while_the_switch_is_on(film, member, moderator):
    soon = timezone.now() + timedelta(days=1)
    NewcomerHold.objects.switch_on(film, moderator, younger_than=3, until=soon, reason="A burst")
    Vote.objects.cast(film, member, 1)
    vote = Vote.objects.get()
    assert (vote.status, vote.reason) == ("held", "A burst")


@pytest.mark.parametrize("change", ["older account", "moment past", "switched off"])
def test_vote_counts_where_the_hold_does_not_reach(film, member, moderator, change):
    until = timezone.now() + timedelta(days=-1 if change == "moment past" else 1)
    NewcomerHold.objects.switch_on(film, moderator, younger_than=3, until=until, reason="A burst")
    if change == "older account":
        member.date_joined = timezone.now() - timedelta(days=4)
        member.save()
    if change == "switched off":
        NewcomerHold.objects.switch_off(film, moderator, reason="Over")
    film.refresh_from_db()
    Vote.objects.cast(film, member, 1)
    assert Vote.objects.get().status == "counted"
