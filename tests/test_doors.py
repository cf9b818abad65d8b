"""Every door to a vote, in any order: after each step every score equals a recount.

The recount is written here in plain Python, from the votes alone, so that it shares nothing with
the triggers it checks. Each example runs in a transaction of its own, which is taken back.
"""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from films.models import Film
from reviews import tally
from reviews.models import AudienceScore, Member, ModerationAct, Vote
from tests.conftest import make_member

BOUNDS = settings(
    max_examples=25,
    stateful_step_count=50,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

pick = st.integers(0, 7)  # which of the films, members or votes there are
scores = st.integers(1, 10)
statuses = st.sampled_from(["counted", "held", "discounted"])


def recount() -> dict[int, tuple[list[int], int, int]]:
    """Of each film with votes: how many of each score count, how many are held, discounted."""
    found: dict[int, Counter[object]] = {}
    for film, score, status in Vote.objects.values_list("film_id", "score", "status"):
        found.setdefault(film, Counter())[score if status == "counted" else status] += 1
    return {
        film: ([counts[score] for score in range(1, 11)], counts["held"], counts["discounted"])
        for film, counts in found.items()
    }


def percent(histogram: list[int]) -> int | None:
    """Σ score ÷ (10 × votes) in hundredths of a per cent, half rounded up."""
    points = sum(score * votes for score, votes in enumerate(histogram, 1))
    if not points:
        return None
    share = Decimal(points) * 10_000 / (10 * sum(histogram))
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def reason_for(status: str) -> str:
    return "" if status == "counted" else "a burst"


class Doors(RuleBasedStateMachine):
    """A small site: two films and three members to begin with, and every way to a vote."""

    @initialize()
    def open(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.number = 0
        self.clients: dict[int, Client] = {}
        self.moderator = make_member("moderator", "Moderators")
        self.superuser = Member.objects.create_superuser("superuser", "su@example.org", "password")
        for _film in range(2):
            self.new_film()
        for _member in range(3):
            self.new_member()

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- What there is ---

    def film(self, which: int) -> Film:
        films = Film.objects.order_by("pk")
        return films[which % len(films)]

    def member(self, which: int) -> Member:
        members = Member.objects.filter(is_superuser=False).order_by("pk")
        return members[which % len(members)]

    def vote(self, which: int) -> Vote:
        votes = Vote.objects.order_by("pk")
        return votes[which % len(votes)]

    def browser(self, member: Member) -> Client:
        cache.clear()  # limits are not what is looked at here
        if member.pk not in self.clients:
            self.clients[member.pk] = Client()
            self.clients[member.pk].force_login(member)
        return self.clients[member.pk]

    def sql(self, statement: str, *values: int | str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def some_votes(self) -> bool:
        return hasattr(self, "transaction") and Vote.objects.exists()

    # --- Films and members come and go ---

    @rule()
    def new_film(self) -> None:
        self.number += 1
        Film.objects.create(title=f"Film {self.number}", published_at=timezone.now())

    @rule()
    def new_member(self) -> None:
        self.number += 1
        Member.objects.create(username=f"member-{self.number}")

    @precondition(lambda self: Film.objects.count() > 1)
    @rule(which=pick, at_once=st.booleans())
    def delete_film(self, which: int, at_once: bool) -> None:
        film = self.film(which)
        if at_once:
            Film.objects.filter(pk=film.pk).delete()
        else:
            film.delete()

    @precondition(lambda self: Member.objects.count() > 3)
    @rule(which=pick, by_hand=st.booleans())
    def delete_member(self, which: int, by_hand: bool) -> None:
        member = self.member(which)
        if member == self.moderator:
            return
        if by_hand:
            address = f"/admin/reviews/member/{member.pk}/delete/"
            answer = self.browser(self.superuser).post(address, {"post": "yes"})
            assert answer.status_code == 302
        else:
            member.delete()
        assert not Member.objects.filter(pk=member.pk).exists()

    @rule(which=pick)
    def unpublish_or_publish_film(self, which: int) -> None:
        film = self.film(which)
        film.published_at = None if film.is_published else timezone.now()
        film.save()

    # --- The members' doors ---

    @rule(film=pick, member=pick, score=scores)
    def cast_by_page(self, film: int, member: int, score: int) -> None:
        voted, voter = self.film(film), self.member(member)
        answer = self.browser(voter).post(f"/films/{voted.slug}/vote/", {"score": score})
        assert answer.status_code == (302 if voted.is_published else 404)
        if voted.is_published:
            assert Vote.objects.get(film=voted, member=voter).score == score

    @rule(film=pick, member=pick, score=scores)
    def cast_by_queryset(self, film: int, member: int, score: int) -> None:
        Vote.objects.cast(self.film(film), self.member(member), score)

    @rule(film=pick, member=pick, score=scores)
    def cast_with_a_review(self, film: int, member: int, score: int) -> None:
        voted, voter = self.film(film), self.member(member)
        self.browser(voter).post(
            f"/films/{voted.slug}/reviews/write/", {"body": "A text.", "score": score}
        )

    @rule(film=pick, member=pick)
    def withdraw_by_page(self, film: int, member: int) -> None:
        address = f"/films/{self.film(film).slug}/vote/withdraw/"
        self.browser(self.member(member)).post(address)

    # --- The moderators' doors ---

    @precondition(some_votes)
    @rule(which=pick, name=st.sampled_from(["hold", "discount", "count_again"]))
    def act_at_the_desk(self, which: int, name: str) -> None:
        chosen = Vote.objects.filter(film=self.vote(which).film_id)
        chosen = chosen.exclude(member=self.moderator)
        after = {"hold": "held", "discount": "discounted", "count_again": "counted"}[name]
        data = {
            "action": name,
            "_selected_action": list(chosen.values_list("pk", flat=True)),
            "reason": "a burst",
            "shown": chosen.exclude(status=after).count(),
        }
        self.browser(self.moderator).post("/admin/reviews/vote/", data)
        assert not chosen.exclude(status=after).exists()

    @precondition(some_votes)
    @rule(status=statuses)
    def look_at_an_act(self, status: str) -> None:
        with ModerationAct.objects.tried(Vote.objects.all(), status):
            self.scores_equal_a_recount()

    # --- The ORM's other doors ---

    @precondition(some_votes)
    @rule(which=pick, score=scores, status=statuses)
    def save_vote(self, which: int, score: int, status: str) -> None:
        vote = self.vote(which)
        vote.score, vote.status, vote.reason = score, status, reason_for(status)
        vote.save()

    @precondition(some_votes)
    @rule(which=pick)
    def delete_vote(self, which: int) -> None:
        self.vote(which).delete()

    @rule(status=statuses, low=scores)
    def update_many(self, status: str, low: int) -> None:
        votes = Vote.objects.filter(score__gte=low)
        votes.update(status=status, reason=reason_for(status))
        Vote.objects.filter(score__lt=10).update(score=F("score") + 1)

    @precondition(some_votes)
    @rule(which=pick, film=pick)
    def move_vote_to_another_film(self, which: int, film: int) -> None:
        vote, target = self.vote(which), self.film(film)
        if not Vote.objects.filter(film=target, member=vote.member_id).exists():
            Vote.objects.filter(pk=vote.pk).update(film=target)

    @rule(film=pick, score=scores, status=statuses, replace=st.booleans())
    def bulk_create(self, film: int, score: int, status: str, replace: bool) -> None:
        voted = self.film(film)
        ways = (
            {
                "update_conflicts": True,
                "unique_fields": ["film", "member"],
                "update_fields": ["score", "status", "reason"],
            }
            if replace
            else {"ignore_conflicts": True}
        )
        Vote.objects.bulk_create(
            [
                Vote(
                    film=voted,
                    member=member,
                    score=score,
                    status=status,
                    reason=reason_for(status),
                )
                for member in Member.objects.all()
            ],
            **ways,
        )

    @rule(numbers=st.lists(scores, min_size=1, max_size=8))
    def bulk_update(self, numbers: list[int]) -> None:
        votes = list(Vote.objects.order_by("pk")[: len(numbers)])
        for vote, score in zip(votes, numbers, strict=False):
            vote.score = score
        Vote.objects.bulk_update(votes, ["score"])

    @rule(film=pick, score=scores)
    def update_or_create(self, film: int, score: int) -> None:
        Vote.objects.update_or_create(
            film=self.film(film), member=self.superuser, defaults={"score": score}
        )

    @rule(film=pick, stars=st.lists(scores, min_size=1, max_size=4), newer=st.booleans())
    def import_votes(self, film: int, stars: list[int], newer: bool) -> None:
        """As the command does: voters of another community, some of them here already."""
        self.number += newer
        slug, day = self.film(film).slug, f"2020-01-{self.number % 28 + 1:02}"
        rows = [f"{voter},{slug},{score},{day}" for voter, score in enumerate(stars)]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "votes.csv"
            path.write_text("\n".join(["member,film,score,cast_at", *rows]), encoding="utf-8")
            call_command("import_votes", path, source="other", stdout=StringIO())
        assert Vote.objects.filter(film__slug=slug, member__imported_as="other-0").exists()

    # --- SQL by hand ---

    @rule(film=pick, member=pick, score=scores, status=statuses)
    def raw_upsert(self, film: int, member: int, score: int, status: str) -> None:
        self.sql(
            "INSERT INTO reviews_vote"
            " (film_id, member_id, score, status, reason, cast_at, changed_at)"
            " VALUES (%s, %s, %s, %s, %s, '2026-01-01', '2026-01-01')"
            " ON CONFLICT (film_id, member_id) DO UPDATE"
            " SET score = excluded.score, status = excluded.status, reason = excluded.reason",
            *(self.film(film).pk, self.member(member).pk, score, status, reason_for(status)),
        )

    @precondition(lambda self: connection.vendor == "sqlite")
    @rule(film=pick, member=pick, score=scores)
    def raw_replace(self, film: int, member: int, score: int) -> None:
        self.sql(
            "REPLACE INTO reviews_vote (film_id, member_id, score, cast_at, changed_at)"
            " VALUES (%s, %s, %s, '2026-01-01', '2026-01-01')",
            *(self.film(film).pk, self.member(member).pk, score),
        )

    @rule(score=scores, low=scores)
    def raw_update(self, score: int, low: int) -> None:
        self.sql("UPDATE reviews_vote SET score = %s WHERE score >= %s", score, low)

    @rule(low=scores)
    def raw_delete(self, low: int) -> None:
        self.sql("DELETE FROM reviews_vote WHERE score >= %s", low)

    @rule(film=pick, member=pick, score=st.sampled_from([0, 11, -1]))
    def refused_vote(self, film: int, member: int, score: int) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.cast(self.film(film), self.member(member), score)

    @rule(film=pick, score=scores)
    def votes_taken_back_with_their_transaction(self, film: int, score: int) -> None:
        with transaction.atomic():
            for member in Member.objects.all():
                Vote.objects.cast(self.film(film), member, score)
            Vote.objects.filter(score__lt=5).delete()
            transaction.set_rollback(True)

    # --- What holds after each step ---

    @invariant()
    def scores_equal_a_recount(self) -> None:
        expected = recount()
        for score in AudienceScore.objects.all():
            histogram, held, discounted = expected.pop(score.film_id, ([0] * 10, 0, 0))
            assert score.histogram == histogram
            assert (score.held, score.discounted) == (held, discounted)
            assert score.votes == sum(histogram)
            assert score.percent == percent(histogram)
        assert not expected, "a film with votes has no row"
        assert list(tally.differences(connection)) == []


@pytest.mark.django_db
def test_every_door_keeps_every_score():
    run_state_machine_as_test(Doors, settings=BOUNDS)


@pytest.mark.django_db
@pytest.mark.parametrize("event", ["insert", "update", "delete"])
def test_a_missing_trigger_would_be_noticed(event):
    trigger = next(found for found in tally.TRIGGERS if found.name == f"reviews_tally_{event}")
    trigger.drop(connection)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Doors, settings=settings(BOUNDS, phases=[Phase.generate]))
