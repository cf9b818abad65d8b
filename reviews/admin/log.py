"""The moderation log: read by moderators and superusers, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from films.admin.desk import ReadOnlyAdmin
from films.models import Film
from reviews.models import Alert, Member, ModerationAct, Report, Review, Vote

SUBJECTS: dict[str, Any] = {
    ModerationAct.What.VOTE: Vote,
    ModerationAct.What.REVIEW: Review,
    ModerationAct.What.REPORT: Report,
    ModerationAct.What.MEMBER: Member,
    ModerationAct.What.ALERT: Alert,
    ModerationAct.What.HOLD: Film,  # a film's switch has a page, on or off
}


@admin.register(ModerationAct)
class LogAdmin(ReadOnlyAdmin):
    """Names and links are looked up; what is gone stands as its number."""

    list_display = ["done_at", "who", "subject", "film", "change", "reason"]
    list_filter = ["what", "after", "done_at"]
    search_fields = ["reason"]
    search_help_text = _("Words of the reason")
    fields = ("done_at", "who", "subject", "film", "change", "reason")
    readonly_fields = fields
    sortable_by = ["done_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationAct]:
        film = Film.objects.filter(pk=OuterRef("film_id")).order_by()
        member = Member.objects.filter(pk=OuterRef("actor_id")).order_by()
        acts: QuerySet[ModerationAct] = super().get_queryset(request)
        return acts.annotate(
            actor_name=Subquery(member.values("username")[:1]),
            film_title=Subquery(film.values("title")[:1]),
            film_slug=Subquery(film.values("slug")[:1]),
            **{
                f"{what}_is_there": Exists(
                    model.objects.filter(pk=OuterRef("subject_id")).order_by()
                )
                for what, model in SUBJECTS.items()
            },
        )

    @admin.display(description=_("moderator"))
    def who(self, act: Any) -> str:
        return act.actor_name or now("member %(number)d, gone") % {"number": act.actor_id}

    @admin.display(description=_("what"))
    def subject(self, act: Any) -> str:
        name = f"{act.get_what_display()} {act.subject_id}"
        if not getattr(act, f"{act.what}_is_there"):
            return now("%(subject)s, gone") % {"subject": name}
        address = reverse(f"admin:reviews_{act.what}_change", args=[act.subject_id])
        return format_html('<a href="{}">{}</a>', address, name)

    @admin.display(description=_("film"))
    def film(self, act: Any) -> str | None:
        if act.film_id is None:
            return None
        if act.film_slug is None:
            return now("film %(number)d, gone") % {"number": act.film_id}
        address = reverse("films:film", args=[act.film_slug])
        return format_html('<a href="{}">{}</a>', address, act.film_title)

    @admin.display(description=_("change"))
    def change(self, act: Any) -> str:
        return f"{act.before} → {act.after}"
