"""The reviews: read by moderators, hidden and restored with a reason; nobody edits a text here.

Reports are settled here too, with the review that they are about: hiding it upholds them, keeping
it dismisses them.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from reviews import mail
from reviews.admin.acts import SHOWN, Act, ActedOnAdmin, link_to, list_link
from reviews.models import ModerationAct, Report, Review
from reviews.models.moderation import DELETED

LOG_KEEPS = _("It stays in the log; the author does not read it. At most 300 characters.")

ACTS = (
    Act(
        "hide",
        Review.Status.HIDDEN,
        _("Hide"),
        _("Hide reviews"),
        _(
            "The author reads it above their review. Reports of it that wait are upheld with it."
            " At most 300 characters."
        ),
        ngettext_lazy("%(n)d review is hidden now.", "%(n)d reviews are hidden now.", "n"),
    ),
    Act(
        "keep",
        Report.Status.DISMISSED,
        _("Keep: dismiss the reports"),
        _("Keep reviews and dismiss their reports"),
        _("It stays with the reports, for moderators. At most 300 characters."),
        ngettext_lazy(
            "%(n)d review stays as it is; its reports are dismissed.",
            "%(n)d reviews stay as they are; their reports are dismissed.",
            "n",
        ),
    ),
    Act(
        "publish",
        Review.Status.PUBLISHED,
        _("Publish"),
        _("Publish reviews"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d review is public now.", "%(n)d reviews are public now.", "n"),
        before=Review.Status.HELD,
        usual=_("Nothing against it."),
    ),
    Act(
        "restore",
        Review.Status.PUBLISHED,
        _("Restore"),
        _("Restore reviews"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d review is public again.", "%(n)d reviews are public again.", "n"),
        before=Review.Status.HIDDEN,
    ),
    Act(
        "delete_for_good",
        DELETED,
        _("Delete"),
        _("Delete reviews for good"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d review is deleted.", "%(n)d reviews are deleted.", "n"),
    ),
)


class ReportedFilter(admin.SimpleListFilter):
    title = _("reports")
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("a report waits"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.reported().exclude(author=request.user.pk)


@admin.register(Review)
class ReviewAdmin(ActedOnAdmin):
    acts = ACTS
    actions = ["hide", "keep", "publish", "restore", "delete_for_good"]
    list_display = ["opening", "title", "writer", "status", "waiting", "reason", "written_at"]
    list_select_related = ["film", "author"]
    list_filter = ["status", ReportedFilter, "gives_away_ending", "written_at"]
    ordering = ["-pk"]
    search_fields = ["film__title", "author__username", "headline", "body"]
    search_help_text = _("A film's title, an author's username, or words of the review")
    sortable_by = ["written_at"]
    fields = ["page", "writer", "status", "reason", "their_reports", "headline", "body"]
    fields += ["gives_away_ending", "written_at", "edited_at", "moderation"]
    readonly_fields = ["page", "writer", "their_reports", "moderation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with `open_reports`: how many wait, those of one's own review left out."""
        reports = Report.objects.open().filter(review=OuterRef("pk")).about_others(request.user)
        counted = reports.order_by().values("review").annotate(n=Count("pk")).values("n")
        numbers = {"open_reports": Subquery(counted)}
        found: QuerySet[Any] = super().get_queryset(request).annotate(**numbers)
        return found

    def get_fields(self, request: HttpRequest, obj: Review | None = None) -> Any:
        """Nobody reads here who reported a review of their own."""
        own = obj is not None and obj.author_id == request.user.pk
        return [name for name in self.fields if not (own and name == "their_reports")]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.delete_review")

    def open_to(self, subjects: Any, act: Act) -> Any:
        """Reviews with a report that waits can be kept; and hidden, to uphold it, if hidden too."""
        if act.name == "keep":
            return subjects.reported()
        if act.name == "hide":
            reported = Review.objects.reported().values("pk")
            return subjects.filter(~Q(status=Review.Status.HIDDEN) | Q(pk__in=reported))
        return super().open_to(subjects, act)

    def carry_out(self, subjects: Any, actor: Any, act: Act, reason: str) -> int:
        """Hiding is told to the authors by mail; keeping dismisses the reports."""
        if act.name == "hide":
            hidden = list(subjects.exclude(status=act.after).values_list("pk", flat=True))
            done = super().carry_out(subjects, actor, act, reason)
            mail.tell_authors(hidden)
            return done
        if act.name != "keep":
            return super().carry_out(subjects, actor, act, reason)
        kept: int = subjects.count()
        reports = Report.objects.open().filter(review__in=subjects.values("pk"))
        ModerationAct.objects.carry_out(reports, actor, act.after, reason)
        return kept

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """The reviews themselves."""
        reviews = list(subjects[: SHOWN + 1])
        return {"reviews": reviews[:SHOWN], "cut": len(reviews) > SHOWN}

    @admin.display(description=_("review"))
    def opening(self, review: Review) -> str:
        return review.headline or Truncator(review.body).chars(80)

    @admin.display(description=_("film"))
    def title(self, review: Review) -> str:
        return str(review.film)

    @admin.display(description=_("author"))
    def writer(self, review: Review) -> SafeString:
        return link_to(review.author, review.author.username)

    @admin.display(description=_("reports"))
    def waiting(self, review: Any) -> int | None:
        number: int | None = review.open_reports
        return number

    @admin.display(description=_("film"))
    def page(self, review: Review) -> SafeString:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            review.film.get_absolute_url(),
            review.film,
            review.get_absolute_url(),
            gettext("The review on the site"),
        )

    @admin.display(description=_("reports"))
    def their_reports(self, review: Review) -> SafeString | str:
        """Who reported it and why; first those that wait, the oldest first."""
        settled = Case(When(status=Report.Status.OPEN, then=0), default=1)
        reports = review.reports.select_related("member").order_by(settled, "reported_at", "pk")
        found = list(reports[: SHOWN + 1])
        lines = format_html_join("\n", "<div>{}</div>", ((_line(one),) for one in found[:SHOWN]))
        if len(found) > SHOWN:
            lines += list_link("report", gettext("All reports of it"), review=review.pk)
        return lines or gettext("None.")

    @admin.action(permissions=["moderate"], description=_("Hide"))
    def hide(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "hide")

    @admin.action(permissions=["moderate"], description=_("Keep: dismiss the reports"))
    def keep(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "keep")

    @admin.action(permissions=["moderate"], description=_("Publish what is held"))
    def publish(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "publish")

    @admin.action(permissions=["moderate"], description=_("Restore what is hidden"))
    def restore(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "restore")

    @admin.action(permissions=["remove"], description=_("Delete for good"))
    def delete_for_good(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "delete_for_good")


def _line(report: Report) -> SafeString:
    """A report as its review's page tells it."""
    return format_html(
        "{}: {}{} ({}, {}){}",
        link_to(report.member, report.member.username),
        report.get_why_display(),
        f" – {report.note}" if report.note else "",
        date_format(localtime(report.reported_at), "DATETIME_FORMAT"),
        report.get_status_display(),
        f": {report.reason}" if report.reason else "",
    )
