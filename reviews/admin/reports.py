"""What members reported, read by moderators. It is settled with the review it is about."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from films.admin.desk import ReadOnlyAdmin
from reviews.admin.acts import link_to
from reviews.models import Report


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Every report but those about one's own reviews."""

    list_display = ["reason_given", "about", "writer", "reporter", "reported_at", "state", "reason"]
    list_select_related = ["review__film", "review__author", "member"]
    list_filter = ["status", "why", "reported_at"]
    ordering = ["-pk"]
    sortable_by = ["reported_at"]
    search_fields = ["review__author__username", "member__username", "note"]
    search_help_text = _("The author's or the reporter's username, or words of the note")
    fields = ["about", "writer", "reason_given", "note", "reporter", "reported_at"]
    fields += ["state", "reason"]
    readonly_fields = ["about", "writer", "reason_given", "reporter", "state"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        reports: QuerySet[Any] = Report.objects.about_others(request.user)
        return reports.order_by(*self.ordering)

    @admin.display(description=_("why"))
    def reason_given(self, report: Report) -> str:
        return str(report)

    @admin.display(description=_("review"))
    def about(self, report: Report) -> SafeString:
        return link_to(report.review, f"{report.review.film}: {report.review}")

    @admin.display(description=_("author"))
    def writer(self, report: Report) -> SafeString:
        return link_to(report.review.author, report.review.author.username)

    @admin.display(description=_("reported by"))
    def reporter(self, report: Report) -> SafeString:
        return link_to(report.member, report.member.username)

    @admin.display(description=_("status"))
    def state(self, report: Report) -> str:
        return report.get_status_display()
