"""Against brigades: alerts that `watch_votes` raises, and the switch that holds newcomers' votes.

Neither moves a score by itself: a moderator looks, then acts with a reason.
"""

from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.models.moderation import Moderated, ModerationAct


class AlertQuerySet(Moderated["Alert"]):
    WITHOUT_REASON = frozenset({"open"})

    def open(self) -> "AlertQuerySet":
        """Alerts that wait for a moderator."""
        return self.filter(status=Alert.Status.OPEN)


class Alert(models.Model):
    """Votes on a film that look like a brigade's: what was seen, and when. At most one open a film.

    Counts are of the votes cast from `since` to `until`: all of them, those of accounts younger
    than 72 hours, and those at the end that most are at.
    """

    class Kind(models.TextChoices):
        BURST = "burst", _("many votes in an hour")
        DRIP = "drip", _("new accounts over a day")

    class End(models.TextChoices):
        LOW = "low", _("lowest scores")
        HIGH = "high", _("highest scores")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACTED = "acted", _("acted on")
        DISMISSED = "dismissed", _("dismissed")

    film = models.ForeignKey("films.Film", models.CASCADE, related_name="alerts", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    end = models.CharField(_("end"), max_length=10, choices=End.choices)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    votes = models.PositiveIntegerField(_("votes"))
    young = models.PositiveIntegerField(_("votes of young accounts"))
    at_end = models.PositiveIntegerField(_("votes at that end"))
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    reason = models.CharField(_("moderator’s reason"), max_length=300, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["film"], condition=Q(status="open"), name="one_open_alert_a_film"
            ),
            models.CheckConstraint(
                condition=Q(status="open", reason="")
                | (Q(status__in=["acted", "dismissed"]) & ~Q(reason="")),
                name="settled_alert_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-raised_at"], name="alert_waiting"),
            models.Index(fields=["film", "-raised_at"], name="alert_of_film"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, film {self.film_id}"


class NewcomerHoldManager(models.Manager["NewcomerHold"]):
    def running(self) -> models.QuerySet["NewcomerHold"]:
        """Those in force now, the one that ends first first."""
        return self.filter(until__gt=timezone.now()).order_by("until", "pk")

    def reason_for(self, film: Any, member: Any) -> str:
        """Why a new vote of this member on this film is held; empty where it is not.

        No query where the film was loaded with its `newcomer_hold`.
        """
        hold: NewcomerHold | None = getattr(film, "newcomer_hold", None)
        if hold is None or not hold.is_running:
            return ""
        newest = timezone.now() - timedelta(days=hold.younger_than)
        return hold.reason if member.date_joined > newest else ""

    def switch_on(
        self, film: Any, actor: Any, *, younger_than: int, until: Any, reason: str
    ) -> None:
        """Hold new votes of accounts younger than so many days until a moment; logged."""
        with transaction.atomic():
            before = self._days(film)
            self.update_or_create(
                film=film,
                defaults={"younger_than": younger_than, "until": until, "reason": reason},
            )
            self._note(film, actor, before, f"{younger_than} d", reason)

    def switch_off(self, film: Any, actor: Any, *, reason: str) -> None:
        """Count new votes of newcomers again from now on; logged. Held votes stay held."""
        with transaction.atomic():
            before = self._days(film)
            self.filter(film=film).delete()
            self._note(film, actor, before, "off", reason)

    def _days(self, film: Any) -> str:
        hold = self.running().select_for_update().filter(film=film).first()
        return f"{hold.younger_than} d" if hold else "off"

    def _note(self, film: Any, actor: Any, before: str, after: str, reason: str) -> None:
        ModerationAct.objects.create(
            actor_id=actor.pk,
            what=ModerationAct.What.HOLD,
            subject_id=film.pk,
            film_id=film.pk,
            before=before,
            after=after,
            reason=reason,
        )


class NewcomerHold(models.Model):
    """On one film: new votes of young accounts are held until a moment.

    A condition that is looked at when a vote is cast, so it ends by itself.
    """

    film = models.OneToOneField(
        "films.Film", models.CASCADE, primary_key=True, related_name="newcomer_hold"
    )
    younger_than = models.PositiveSmallIntegerField(
        _("accounts younger than"), help_text=_("Days, 1 to 365.")
    )
    until = models.DateTimeField(_("until"))
    reason = models.CharField(
        _("reason"), max_length=300, help_text=_("The voter reads it beside their vote.")
    )

    objects = NewcomerHoldManager()

    class Meta:
        verbose_name = _("hold on newcomers’ votes")
        verbose_name_plural = _("holds on newcomers’ votes")
        constraints = [
            models.CheckConstraint(
                condition=Q(younger_than__range=(1, 365)),
                name="newcomer_hold_is_1_to_365_days",
                violation_error_message=_("Write 1 to 365 days."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="newcomer_hold_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"film {self.film_id}, {self.younger_than} days"

    @property
    def is_running(self) -> bool:
        return self.until > timezone.now()
