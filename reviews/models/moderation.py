"""What moderators did: written once, changed by nobody.

People, votes, reviews and films stand here as numbers, so that a deleted account leaves no name
behind and the log outlives what it speaks of.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModerationAct(models.Model):
    """One act of a moderator: who, on what, from which state to which, and why."""

    class What(models.TextChoices):
        VOTE = "vote", _("vote")
        REVIEW = "review", _("review")

    actor_id = models.PositiveBigIntegerField(_("moderator"))
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    subject_id = models.PositiveBigIntegerField(_("number"))
    film_id = models.PositiveBigIntegerField(_("film"))
    before = models.CharField(_("before"), max_length=10)
    after = models.CharField(_("after"), max_length=10)
    reason = models.CharField(_("reason"), max_length=300)
    done_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        ordering = ["-done_at", "-pk"]
        verbose_name = _("moderation act")
        verbose_name_plural = _("moderation log")
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="act_has_a_reason")
        ]
        indexes = [
            models.Index(fields=["-done_at"], name="act_latest"),
            models.Index(fields=["what", "subject_id"], name="act_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.subject_id}: {self.before} → {self.after}"
