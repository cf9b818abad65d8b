"""What members do with what they read: find a review helpful, report it, keep a film for later."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.models.moderation import Moderated


class HelpfulQuerySet(models.QuerySet["Helpful"]):
    def mark(self, review: Any, member: Any) -> None:
        """The member finds the review helpful; nothing where they did already.

        Raises IntegrityError for one's own, and where review or member are gone.
        """
        with transaction.atomic():
            self.bulk_create([Helpful(review=review, member=member)], ignore_conflicts=True)

    def take_back(self, review: Any, member: Any) -> None:
        """The member finds it helpful no longer; nothing where they did not."""
        self.filter(review=review, member=member).delete()


class Helpful(models.Model):
    """One member found one review helpful. Not their own: the database refuses that."""

    review = models.ForeignKey(
        "reviews.Review", models.CASCADE, related_name="helpful", db_index=False
    )
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="helpful")
    found_at = models.DateTimeField(_("found at"), default=timezone.now)

    objects = HelpfulQuerySet.as_manager()

    class Meta:
        verbose_name = _("helpful mark")
        verbose_name_plural = _("helpful marks")
        constraints = [
            models.UniqueConstraint(fields=["review", "member"], name="helpful_once_a_member")
        ]

    def __str__(self) -> str:
        return f"review {self.review_id}, member {self.member_id}"


class ReportQuerySet(Moderated["Report"]):
    """Reports; nobody settles those about a review of their own."""

    OWNER, FILM = "review__author_id", "review__film_id"
    WITHOUT_REASON = frozenset({"open"})

    def open(self) -> "ReportQuerySet":
        """Reports that wait for a moderator."""
        return self.filter(status=Report.Status.OPEN)

    def about_others(self, member: Any) -> "ReportQuerySet":
        """Without those about this member's reviews: nobody learns who reported their own."""
        return self.exclude(review__author=member.pk)


class Report(models.Model):
    """A member's word to the moderators about a review: once a member and review."""

    class Why(models.TextChoices):
        SPOILER = "spoiler", _("It gives away what happens")
        ABUSE = "abuse", _("It insults or threatens somebody")
        ADVERT = "advert", _("It advertises something")
        OFF_TOPIC = "off_topic", _("It is not about the film")
        COPIED = "copied", _("It is somebody else’s text")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    review = models.ForeignKey(
        "reviews.Review", models.CASCADE, related_name="reports", db_index=False
    )
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports")
    why = models.CharField(_("why"), max_length=10, choices=Why.choices)
    note = models.CharField(
        _("note"), max_length=500, blank=True, help_text=_("What a moderator should know.")
    )
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    reason = models.CharField(_("moderator’s reason"), max_length=300, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["reported_at", "pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["review", "member"],
                name="one_report_a_member_and_review",
                violation_error_message=_("You have reported this review already."),
            ),
            models.CheckConstraint(
                condition=Q(status="open", reason="")
                | (Q(status__in=["upheld", "dismissed"]) & ~Q(reason="")),
                name="settled_report_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["status", "reported_at"], name="report_waiting")]

    def __str__(self) -> str:
        return str(self.get_why_display())


class WatchlistQuerySet(models.QuerySet["WatchlistEntry"]):
    def add(self, member: Any, film: Any) -> None:
        """Put the film on the member's watchlist; nothing where it is there already.

        One statement, so any number at once leave one entry.
        """
        with transaction.atomic():
            self.bulk_create([WatchlistEntry(member=member, film=film)], ignore_conflicts=True)


class WatchlistEntry(models.Model):
    """A film that a member wants to see."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="watchlist", db_index=False
    )
    film = models.ForeignKey("films.Film", models.CASCADE, related_name="watchlist_entries")
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    objects = WatchlistQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name = _("film to see")
        verbose_name_plural = _("films to see")
        constraints = [
            models.UniqueConstraint(fields=["member", "film"], name="watchlist_has_a_film_once")
        ]
        indexes = [models.Index(fields=["member", "-added_at"], name="watchlist_latest")]

    def __str__(self) -> str:
        return f"film {self.film_id}, member {self.member_id}"
