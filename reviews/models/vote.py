"""The vote: one whole number from 1 to 10, by one member, for one film."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.models.moderation import AT_ONCE, Moderated
from reviews.models.watch import NewcomerHold

SCORES = range(1, 11)


def stars_text(score: int) -> str:
    """A score as half stars: 9 is `4½`, 1 is `½`, 10 is `5`."""
    whole, half = divmod(score, 2)
    return f"{whole or ''}{'½' if half else ''}"


class VoteQuerySet(Moderated["Vote"]):
    OWNER = "member_id"
    WITHOUT_REASON = frozenset({"counted"})

    def counted(self) -> "VoteQuerySet":
        return self.filter(status=Vote.Status.COUNTED)

    def cast(self, film: Any, member: Any, score: int) -> None:
        """Store the member's vote for the film, or put this score in place of an earlier one.

        One statement, so any number at once leave one vote. A vote that is set aside keeps its
        status; a new one of a newcomer is held where moderators hold those on this film.
        `score` is 1 to 10; anything else is an IntegrityError and changes nothing.
        """
        self.bulk_create(
            [_new_vote(film, member, score, timezone.now())],
            update_conflicts=True,
            unique_fields=["film", "member"],
            update_fields=["score", "changed_at"],
        )

    def cast_new(self, scores: Mapping[Any, int], member: Any, moment: Any) -> set[int]:
        """Store the member's votes for these films where there are none yet, as cast at `moment`.

        A vote that is there, also one cast meanwhile, stays as it is; the rules for newcomers hold
        as for one vote. Gives the numbers of the films that now have one of that moment. Loads
        nothing where the films came with their `newcomer_hold`.
        """
        films = sorted(scores, key=lambda film: film.pk)  # as all who write tallies lock them
        self.bulk_create(
            [_new_vote(film, member, scores[film], moment) for film in films],
            ignore_conflicts=True,
            batch_size=AT_ONCE,
        )
        cast = self.filter(member=member, cast_at=moment, changed_at=moment)
        return set(cast.values_list("film_id", flat=True))

    def withdraw(self, film: Any, member: Any) -> bool:
        """Delete the member's vote for the film. False where there is none that counts.

        A vote that is set aside stays: its status is a moderator's word, not the member's.
        """
        with transaction.atomic():
            deleted, _rows = self.counted().filter(film=film, member=member).delete()
        return bool(deleted)


def _new_vote(film: Any, member: Any, score: int, moment: Any) -> "Vote":
    """A vote not stored yet: held where moderators hold those of newcomers on this film."""
    vote = Vote(film=film, member=member, score=score, cast_at=moment, changed_at=moment)
    if reason := NewcomerHold.objects.reason_for(film, member):
        vote.status, vote.reason = Vote.Status.HELD, reason
    return vote


class Vote(models.Model):
    """One member's score for one film; the database lets a member have only one a film."""

    class Status(models.TextChoices):
        COUNTED = "counted", _("counted")
        HELD = "held", _("held")
        DISCOUNTED = "discounted", _("discounted")

    # The unique constraint below is also the index by film.
    film = models.ForeignKey("films.Film", models.CASCADE, related_name="votes", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="votes")
    score = models.PositiveSmallIntegerField(_("score"))
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status.choices,
        default=Status.COUNTED,
        db_default=Status.COUNTED,
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True, db_default="")
    cast_at = models.DateTimeField(_("cast at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["film", "member"], name="one_vote_a_member_and_film"),
            models.CheckConstraint(
                condition=models.Q(score__range=(SCORES[0], SCORES[-1])),
                name="vote_is_1_to_10",
                violation_error_message=_("A vote is a whole number from 1 to 10."),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["counted", "held", "discounted"]),
                name="vote_has_a_known_status",
            ),
            models.CheckConstraint(
                condition=models.Q(status="counted", reason="")
                | (~models.Q(status="counted") & ~models.Q(reason="")),
                name="vote_set_aside_has_a_reason",
                violation_error_message=_("A vote that is set aside needs a reason."),
            ),
        ]
        indexes = [
            # Counting all votes, or a film's day by day, reads this index alone.
            models.Index(fields=["film", "status", "score", "cast_at"], name="vote_tally"),
            models.Index(fields=["film", "changed_at"], name="vote_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} ({self.get_status_display()})"

    @property
    def stars(self) -> str:
        """The score as half stars: `4½`."""
        return stars_text(self.score)

    @property
    def is_set_aside(self) -> bool:
        return self.status != Vote.Status.COUNTED
