"""Alerts: what `watch_votes` saw on a film, with the ways to look at it and to act on it.

An alert moves no score. A moderator acts on the votes or on newcomers, then settles the alert.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from reviews.admin.acts import SHOWN, Act, ActedOnAdmin
from reviews.admin.votes import votes_address
from reviews.admin.windows import window
from reviews.models import Alert
from reviews.watching import figures

LOG_KEEPS = _("It stays with the alert and in the log. At most 300 characters.")

ACTS = (
    Act(
        "acted",
        Alert.Status.ACTED,
        _("It is dealt with"),
        _("Settle alerts as acted on"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d alert is settled.", "%(n)d alerts are settled.", "n"),
        before=Alert.Status.OPEN,
    ),
    Act(
        "dismiss",
        Alert.Status.DISMISSED,
        _("Dismiss"),
        _("Dismiss alerts"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d alert is dismissed.", "%(n)d alerts are dismissed.", "n"),
        before=Alert.Status.OPEN,
    ),
)


@admin.register(Alert)
class AlertAdmin(ActedOnAdmin):
    acts = ACTS
    actions = ["acted", "dismiss"]
    change_form_template = "admin/reviews/alert/page.html"
    list_display = ["title", "kind", "end", "votes", "young", "at_end", "raised_at", "status"]
    list_select_related = ["film"]
    list_filter = ["status", "kind", "raised_at"]
    ordering = ["-raised_at", "-pk"]
    sortable_by = ["raised_at", "votes"]
    search_fields = ["film__title"]
    search_help_text = _("A film's title")
    fields = ["kind", "since", "until", "votes", "young", "at_end", "end", "raised_at"]
    fields += ["status", "reason", "moderation"]
    readonly_fields = ["moderation"]

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """The alerts themselves."""
        return {"alerts": subjects.select_related("film")[:SHOWN]}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        alert: Any = self.get_object(request, object_id)
        context = alert_page(alert) if alert else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description=_("film"))
    def title(self, alert: Alert) -> str:
        return str(alert.film)

    @admin.action(permissions=["moderate"], description=_("Settle: it is dealt with"))
    def acted(self, request: HttpRequest, alerts: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, alerts, "acted")

    @admin.action(permissions=["moderate"], description=_("Dismiss"))
    def dismiss(self, request: HttpRequest, alerts: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, alerts, "dismiss")


def alert_page(alert: Alert) -> dict[str, Any]:
    """What an alert's page shows above what is stored: figures of the votes, and where they are."""
    found = figures(alert)
    return {
        "film": alert.film,
        "figures": found,
        "first_vote": found.concerned.order_by("pk").values_list("pk", flat=True).first(),
        "counting": found.concerned.counted().count(),
        "its_votes": votes_address(alert.film, alert=alert.pk),
        "those_counting": votes_address(alert.film, alert=alert.pk, status__exact="counted"),
        "all_votes": votes_address(alert.film, **window(alert.since, alert.until)),
    }
