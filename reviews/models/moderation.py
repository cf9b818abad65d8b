"""What moderators did: written once, changed by nobody.

People, votes, reviews and films stand here as numbers, so that a deleted account leaves no name
behind and the log outlives what it speaks of. Here is also the one way to carry out an act: the
state of what is moderated and the log change together, or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from films.triggers import Trigger

DELETED = "deleted"  # what stands in the log after a review is gone
AT_ONCE = 1_000  # rows a statement

# Nobody rewrites what a moderator did, by whatever door. Django's `flush` is the one exception.
APPEND_ONLY = (
    Trigger(
        name="reviews_log_update",
        table="reviews_moderationact",
        sqlite="""BEFORE UPDATE ON reviews_moderationact BEGIN
            SELECT RAISE(ABORT, 'The moderation log is append-only.');
        END""",
        postgresql_event="BEFORE UPDATE ON reviews_moderationact FOR EACH STATEMENT",
        postgresql="RAISE EXCEPTION 'The moderation log is append-only.';",
    ),
    Trigger(
        name="reviews_log_delete",
        table="reviews_moderationact",
        sqlite="""BEFORE DELETE ON reviews_moderationact BEGIN
            SELECT RAISE(ABORT, 'The moderation log is append-only.');
        END""",
        postgresql_event="BEFORE DELETE OR TRUNCATE ON reviews_moderationact FOR EACH STATEMENT",
        postgresql="RAISE EXCEPTION 'The moderation log is append-only.';",
    ),
)

M = TypeVar("M", bound=models.Model)


class Moderated(models.QuerySet[M]):
    """Rows that a moderator may act on: votes, reviews, members, reports, alerts.

    Each kind says whose a row is (nobody acts on their own; None: nobody's), of which film it is
    (None: of none), where its state stands, and in which states it needs no reason.
    """

    OWNER: ClassVar[str | None] = None
    FILM: ClassVar[str | None] = "film_id"
    STATE: ClassVar[Any] = models.F("status")
    WITHOUT_REASON: ClassVar[frozenset[str]] = frozenset()

    def put(self, after: str, reason: str) -> None:
        """Give all these rows the state `after`; the reason stays with them where it must."""
        self.update(status=after, reason="" if after in self.WITHOUT_REASON else reason)

    def follow(self, actor: Any, after: str, reason: str) -> None:
        """What else comes of an act on these rows, in its transaction. Of most: nothing."""

    def own(self, member: Any) -> "Moderated[M]":
        """Those that are this member's own, on which they may not act."""
        return self.filter(**{self.OWNER: member.pk}) if self.OWNER else self.none()


class OwnSubjectError(Exception):
    """Somebody tried to moderate their own vote or review, or themselves."""


class ModerationActManager(models.Manager["ModerationAct"]):
    def carry_out(self, subjects: "Moderated[Any]", actor: Any, after: str, reason: str) -> int:
        """Give these rows the state `after`, log one act for each; how many changed.

        What follows from it for other rows (`Moderated.follow`) is done and logged along with it.

        Those that have that state already are left alone; DELETED removes them instead. `reason`
        is 1 to 300 characters; it also stays with what is set aside, for its owner to read.
        Raises OwnSubjectError, and changes nothing, where one of them is the actor's own: this
        binds superusers too.
        """
        with transaction.atomic():
            chosen = _locked(subjects)
            if any(row["owner"] == actor.pk for row in chosen):
                raise OwnSubjectError
            rows = [row for row in chosen if row["before"] != after]
            self.bulk_create(
                (
                    ModerationAct(
                        actor_id=actor.pk,
                        what=subjects.model._meta.model_name,
                        subject_id=row["pk"],
                        film_id=row["of_film"],
                        before=row["before"],
                        after=after,
                        reason=reason,
                    )
                    for row in rows
                ),
                batch_size=AT_ONCE,
            )
            _change(subjects.model, rows, after, reason)
            for some in _in_parts(subjects.model, chosen):
                some.follow(actor, after, reason)
        return len(rows)

    @contextmanager
    def tried(self, subjects: "Moderated[Any]", after: str) -> Iterator[None]:
        """The database as it would be after an act, for a look; on leaving all is as before."""
        with transaction.atomic():
            _change(subjects.model, _locked(subjects), after, "tried")
            yield
            transaction.set_rollback(True)


def _locked(subjects: "Moderated[Any]") -> list[dict[str, Any]]:
    """What an act must know of each row, locked in the order of the ids until the end."""
    found: Any = subjects.model._default_manager.filter(pk__in=subjects.order_by().values("pk"))
    number = models.Value(None, output_field=models.BigIntegerField())
    locked = (
        found.select_for_update(of=("self",))
        .order_by("pk")
        .annotate(
            owner=models.F(subjects.OWNER) if subjects.OWNER else number,
            of_film=models.F(subjects.FILM) if subjects.FILM else number,
            before=subjects.STATE,
        )
    )
    return list(locked.values("pk", "of_film", "owner", "before"))


def _in_parts(model: Any, rows: list[dict[str, Any]]) -> Iterator[Any]:
    """Film by film in the order of ids, as the tally's triggers lock them on PostgreSQL."""
    ids = [row["pk"] for row in sorted(rows, key=lambda row: (row["of_film"] or 0, row["pk"]))]
    for start in range(0, len(ids), AT_ONCE):
        yield model._default_manager.filter(pk__in=ids[start : start + AT_ONCE])


def _change(model: Any, rows: list[dict[str, Any]], after: str, reason: str) -> None:
    for some in _in_parts(model, rows):
        if after == DELETED:
            some.delete()
        else:
            some.put(after, reason)


class ModerationAct(models.Model):
    """One act of a moderator: who, on what, from which state to which, and why."""

    class What(models.TextChoices):
        VOTE = "vote", _("vote")
        REVIEW = "review", _("review")
        REPORT = "report", _("report")
        MEMBER = "member", _("member")
        ALERT = "alert", _("alert")
        HOLD = "newcomerhold", _("hold on newcomers' votes")

    actor_id = models.PositiveBigIntegerField(_("moderator"))
    what = models.CharField(_("what"), max_length=20, choices=What.choices)
    subject_id = models.PositiveBigIntegerField(_("number"))
    film_id = models.PositiveBigIntegerField(_("film"), null=True, blank=True)
    before = models.CharField(_("before"), max_length=10)
    after = models.CharField(_("after"), max_length=10)
    reason = models.CharField(_("reason"), max_length=300)
    done_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = ModerationActManager()

    class Meta:
        ordering = ["-done_at", "-pk"]
        verbose_name = _("moderation act")
        verbose_name_plural = _("moderation acts")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="act_has_a_reason")
        ]
        indexes = [
            models.Index(fields=["-done_at"], name="act_latest"),
            models.Index(fields=["what", "subject_id"], name="act_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.subject_id}: {self.before} → {self.after}"
