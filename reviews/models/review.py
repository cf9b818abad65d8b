"""The review: one member's text about one film, its earlier texts, and what the database counts.

`ReviewTally` and `ReviewRevision` are written by triggers alone (`reviews.review_tally`).
"""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.models.film import published_now
from films.slugs import address
from films.text import opening
from reviews.models.moderation import Moderated, ModerationAct
from reviews.models.responses import Helpful, Report

LONGEST_REVIEW = 20_000  # characters; real ones reach 13,704
OPENING = 600  # characters of a review that lists show


def may_moderate_reviews(reader: Any) -> bool:
    """Whether this person may see and hide all reviews. Asks no query for who is not staff."""
    return bool(reader.is_staff) and reader.has_perm("reviews.change_review")


class ReviewQuerySet(Moderated["Review"]):
    OWNER = "author_id"
    WITHOUT_REASON = frozenset({"published"})

    def published(self) -> Self:
        """Reviews that everybody may read now: neither held nor hidden, of a published film."""
        return self.filter(published_now("film"), status=Review.Status.PUBLISHED)

    def visible_to(self, member: Any) -> Self:
        """Reviews this person may see: the published ones, one's own, and all for moderators.

        One's own review of a film that is not published is not among them.
        """
        published = Q(status=Review.Status.PUBLISHED)
        live = published_now("film")
        if not member.is_authenticated:
            return self.filter(published & live)
        if may_moderate_reviews(member):
            return self.all()
        return self.filter((published | Q(author=member)) & live)

    def reported(self) -> Self:
        """Reviews of which a report waits for a moderator."""
        return self.filter(Exists(Report.objects.open().filter(review=OuterRef("pk"))))

    def follow(self, actor: Any, after: str, reason: str) -> None:
        """Hiding reviews upholds the reports of them that wait."""
        if after == Review.Status.HIDDEN:
            reports = Report.objects.open().filter(review__in=self)
            ModerationAct.objects.carry_out(reports, actor, Report.Status.UPHELD, reason)

    def with_author_score(self) -> Self:
        """Each review with `author_score`: its author's vote on the film, 1 to 10, or None."""
        return self.annotate(author_score=F("tally__score"))

    def for_reading(self, reader: Any) -> Self:
        """With what a page prints of a review: its author, `author_score`, `helpful_count`, and
        `found_helpful`, whether this reader found it so.
        """
        found: Any = Value(False)
        if reader.is_authenticated:
            found = Exists(Helpful.objects.filter(review=OuterRef("pk"), member=reader))
        read = self.with_author_score().select_related("author")
        return read.annotate(helpful_count=F("tally__helpful"), found_helpful=found)

    def most_helpful(self, film: Any) -> Self:
        """A film's published reviews, most helpful first, of equals the newest; by an index."""
        tally = Q(tally__film=film, tally__is_published__in=[True])
        return self.published().filter(tally).order_by("-tally__helpful", "-tally__review_id")

    def newest(self) -> Self:
        """The newest first, as the index has them: those of one moment by their number."""
        return self.order_by("-written_at", "pk")

    def number_published(self, film: Any) -> Coalesce:
        """How many published reviews a film has, as an expression; `film` is an OuterRef."""
        of_film = ReviewTally.objects.published().filter(film=film).order_by().values("film")
        counted = of_film.annotate(number=models.Count("pk")).values("number")
        return Coalesce(Subquery(counted), 0)

    def reason_to_hold(self, author: Any) -> str:
        """Why a new review of this author waits for a moderator; empty where it does not.

        With HOLD_FIRST_REVIEWS those wait of who has no published review yet, staff excepted.
        """
        if not settings.HOLD_FIRST_REVIEWS or author.is_staff:
            return ""
        if self.filter(author=author, status=Review.Status.PUBLISHED).exists():
            return ""
        return gettext("The first review of a new member waits until a moderator has read it.")


class Review(models.Model):
    """Shows its author's vote, and stores none. Hidden with its film."""

    class Status(models.TextChoices):
        PUBLISHED = "published", _("published")
        HELD = "held", _("held")
        HIDDEN = "hidden", _("hidden")

    film = models.ForeignKey("films.Film", models.CASCADE, related_name="reviews", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviews")
    headline = models.CharField(_("headline"), max_length=200, blank=True)
    body = models.TextField(_("review"), max_length=LONGEST_REVIEW)
    gives_away_ending = models.BooleanField(
        _("gives away the ending"),
        default=False,
        help_text=_("Readers then see headline and text only when they ask for them."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PUBLISHED
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "author"],
                name="one_review_a_member_and_film",
                violation_error_message=_("You have a review of this film already."),
            ),
            models.CheckConstraint(
                condition=~Q(body=""),
                name="review_has_a_text",
                violation_error_message=_("A review needs a text."),
            ),
            models.CheckConstraint(
                condition=Q(status="published", reason="")
                | (Q(status__in=["held", "hidden"]) & ~Q(reason="")),
                name="review_set_aside_has_a_reason",
                violation_error_message=_("A review that is held or hidden needs a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["film", "status", "-written_at"], name="review_of_film"),
            models.Index(fields=["status", "-written_at"], name="review_latest"),
        ]

    def __str__(self) -> str:
        return self.headline or self.body[:60]

    def get_absolute_url(self) -> str:
        return address("reviews:review", self.pk)

    @property
    def is_published(self) -> bool:
        return self.status == Review.Status.PUBLISHED

    @property
    def opening(self) -> str:
        """How the text begins, as lists show it; all of it where it is not long."""
        return opening(self.body, OPENING)

    @property
    def goes_on(self) -> bool:
        """Whether lists show its opening alone."""
        return len(self.opening) < len(self.body)


class ReviewTallyQuerySet(models.QuerySet["ReviewTally"]):
    def published(self) -> Self:
        """Those of published reviews. `IN`: SQLite has no index for a bare `is_published`."""
        return self.filter(is_published__in=[True])


class ReviewTally(models.Model):
    """One row a review, kept by the database: what lists of reviews are sorted and filtered by.

    `helpful` is how many found it helpful; `score` its author's vote, 1 to 10, or None.
    """

    review = models.OneToOneField(
        Review, models.CASCADE, primary_key=True, related_name="tally", db_index=False
    )
    film = models.ForeignKey("films.Film", models.CASCADE, related_name="+", db_index=False)
    is_published = models.BooleanField()
    helpful = models.PositiveBigIntegerField(default=0, db_default=0)
    score = models.PositiveSmallIntegerField(null=True)

    objects = ReviewTallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("review tally")
        verbose_name_plural = _("review tallies")
        indexes = [
            models.Index(
                fields=["film", "is_published", "-helpful", "-review"], name="review_by_helpful"
            ),
            models.Index(
                fields=["film", "is_published", "-score", "-review"], name="review_by_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.helpful} found review {self.review_id} helpful"


class ReviewRevision(models.Model):
    """An earlier text of a review, for its author and moderators."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="revisions")
    headline = models.CharField(_("headline"), max_length=200, blank=True)
    body = models.TextField(_("review"), max_length=LONGEST_REVIEW)
    gives_away_ending = models.BooleanField(_("gives away the ending"))
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        ordering = ["-written_at", "-pk"]
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")

    def __str__(self) -> str:
        return self.headline or self.body[:60]
