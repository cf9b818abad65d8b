"""What the moderators' lists share: everything is read there, and acted on with a reason.

Nobody adds, edits or deletes here. An act asks for its reason on a page of its own, which also
shows what it will do; then it is carried out and logged in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.admin.desk import ReadOnlyAdmin
from reviews.models import Member, ModerationAct
from reviews.models.moderation import OwnSubjectError

SHOWN = 50  # films, reviews or members that a page lists one by one
NOT_OWN = _("Nobody moderates their own. Nothing was done. Leave these out:")
CHANGED = _("The list has changed meanwhile. Look again, then confirm.")


@dataclass(frozen=True)
class Act:
    """One thing a moderator may do: the action's name, the status it leads to, its words.

    `before`: the one state that it starts from; without it, any other than `after`.
    `usual`: what stands in the field for the reason to begin with.
    """

    name: str
    after: str
    label: str | Promise
    question: str | Promise
    advice: str | Promise
    done: Any  # of ngettext_lazy, about `n`
    before: str = ""
    usual: str | Promise = ""


class ReasonForm(forms.Form):
    """Why; and how many the page showed, so that nobody acts on more than they saw."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    shown = forms.IntegerField()

    def __init__(self, data: Any, count: int, usual: Any = "") -> None:
        super().__init__(data, initial={"reason": usual})
        self.count = count

    def clean(self) -> None:
        if self.cleaned_data.get("shown") != self.count:
            self.add_error(None, CHANGED)


class ActedOnAdmin(ReadOnlyAdmin):
    """A list to read, whose rows are changed by acts alone: `has_moderate_permission`."""

    acts: tuple[Act, ...] = ()
    change_form_template = "admin/reviews/subject.html"

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"reviews.change_{self.opts.model_name}")

    def barred(self, request: HttpRequest, subjects: Any) -> Iterable[tuple[Any, Any]]:
        """Rows on which this person may not act: why, and which."""
        return [(NOT_OWN, subjects.own(request.user))]

    def open_to(self, subjects: Any, act: Act) -> Any:
        """Those of these rows that the act would change."""
        found = subjects.alias(state_now=subjects.STATE)
        if act.before:
            return found.filter(state_now=act.before)
        return found.exclude(state_now=act.after)

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """What the page shows of an act before it is done: context for its template."""
        raise NotImplementedError

    def carry_out(self, subjects: Any, actor: Any, act: Act, reason: str) -> int:
        """Do it, and log it; of how many rows it was done."""
        return ModerationAct.objects.carry_out(subjects, actor, act.after, reason)

    def act_on(self, request: HttpRequest, subjects: Any, name: str) -> HttpResponse | None:
        """Ask for the reason, or, once it is given, carry the act out."""
        act = next(act for act in self.acts if act.name == name)
        for why, rows in self.barred(request, subjects):
            if found := list(rows[:SHOWN]):
                return self._act_page(request, act, {"barred": found, "why": why}, 403)
        to_change = self.open_to(subjects, act)
        count = to_change.count()
        form = ReasonForm(request.POST if "reason" in request.POST else None, count, act.usual)
        if form.is_valid():
            done = self._done(request, to_change, act, form)
            if done is not None:
                self.message_user(request, act.done % {"n": done}, messages.SUCCESS)
                return redirect("admin:index") if "one" in request.POST else None
        shown = {"form": form, "count": count, "skipped": subjects.count() - count}
        if count:
            shown.update(self.consequences(to_change, act))
        return self._act_page(request, act, shown, 200)

    def _done(self, request: HttpRequest, subjects: Any, act: Act, form: ReasonForm) -> int | None:
        """How many it was done of; None, with nothing done, where more came in meanwhile."""
        try:
            with transaction.atomic():
                done = self.carry_out(subjects, request.user, act, form.cleaned_data["reason"])
                if done > form.count:
                    transaction.set_rollback(True)
        except OwnSubjectError as error:
            raise PermissionDenied from error
        if done <= form.count:
            return done
        form.add_error(None, CHANGED)
        return None

    def _act_page(
        self, request: HttpRequest, act: Act, shown: dict[str, Any], status: int
    ) -> HttpResponse:
        """The page between the list and the act. It sends the list's own selection again."""
        across = request.POST.get("select_across") == "1"
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        back = request.get_full_path()
        if "one" in request.POST and selected:
            back = reverse(f"admin:reviews_{self.opts.model_name}_change", args=selected[:1])
        context = {
            **self.admin_site.each_context(request),
            "title": act.question,
            "opts": self.opts,
            "media": self.media,
            "act": act,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
            "across": int(across),
            "selected": selected[: 1 if across else None],
            "one": "one" in request.POST,
            "back": back,
            **shown,
        }
        template = f"admin/reviews/{self.opts.model_name}_act.html"
        return TemplateResponse(request, template, context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row to read, with a button for each act that it is open to."""
        subject: Any = self.get_object(request, object_id)
        allowed = self.get_actions(request)
        subjects: Any = self.model._default_manager.filter(pk=subject.pk if subject else None)
        own = subjects.own(request.user).exists()
        barred = any(rows.exists() for _why, rows in self.barred(request, subjects))
        offered = [
            act
            for act in self.acts
            if act.name in allowed and not barred and self.open_to(subjects, act).exists()
        ]
        context = {"own": own, "offered": offered, "checkbox": helpers.ACTION_CHECKBOX_NAME}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.display(description=_("moderation"))
    def moderation(self, subject: Any) -> SafeString | str:
        """What moderators did here, latest first."""
        acts = ModerationAct.objects.filter(what=self.opts.model_name, subject_id=subject.pk)
        names = {
            member.pk: member.username
            for member in Member.objects.filter(pk__in=acts.order_by().values("actor_id"))
        }
        return format_html_join(
            "\n",
            "<div>{}, {}: {} → {}. {}</div>",
            (
                (
                    date_format(localtime(act.done_at), "DATETIME_FORMAT"),
                    names.get(act.actor_id, act.actor_id),
                    act.before,
                    act.after,
                    act.reason,
                )
                for act in acts
            ),
        ) or gettext("Nothing yet.")


def link_to(subject: Model, text: Any = "") -> SafeString:
    """A link to the desk's page of something."""
    return format_html(
        '<a href="{}">{}</a>',
        reverse(f"admin:reviews_{subject._meta.model_name}_change", args=[subject.pk]),
        text or subject,
    )


def list_link(kind: str, text: Any, **filters: Any) -> SafeString:
    """A link to one of the desk's lists, filtered."""
    address = reverse(f"admin:reviews_{kind}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(filters), text)
