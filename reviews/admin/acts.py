"""What the desks for votes and for reviews share: everything is read, and acted on with a reason.

Nobody adds, edits or deletes here. An act asks for its reason on a page of its own, which also
shows what it will do; then it is carried out and logged in one transaction.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.admin.desk import ReadOnlyAdmin
from reviews.models import Member, ModerationAct
from reviews.models.moderation import OwnSubjectError

SHOWN = 50  # films or reviews that a page lists one by one


@dataclass(frozen=True)
class Act:
    """One thing a moderator may do: the action's name, the status it leads to, its words."""

    name: str
    after: str
    label: str | Promise
    question: str | Promise
    advice: str | Promise
    done: Any  # of ngettext_lazy, about `n`


class ReasonForm(forms.Form):
    """Why; and how many the page showed, so that nobody acts on more than they saw."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    shown = forms.IntegerField()

    def __init__(self, data: Any, count: int) -> None:
        super().__init__(data)
        self.count = count

    def clean(self) -> None:
        if self.cleaned_data.get("shown") != self.count:
            self.add_error(None, _("The list has changed meanwhile. Look again, then confirm."))


class ActedOnAdmin(ReadOnlyAdmin):
    """A list to read, whose rows are changed by acts alone: `has_moderate_permission`."""

    acts: tuple[Act, ...] = ()
    change_form_template = "admin/reviews/subject.html"

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"reviews.change_{self.opts.model_name}")

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """What the page shows of an act before it is done: context for its template."""
        raise NotImplementedError

    def act_on(self, request: HttpRequest, subjects: Any, name: str) -> HttpResponse | None:
        """Ask for the reason, or, once it is given, carry the act out."""
        act = next(act for act in self.acts if act.name == name)
        own = subjects.own(request.user)
        if own.exists():
            return self._act_page(request, subjects, act, {"own": own[:SHOWN]}, 403)
        to_change = subjects.exclude(status=act.after)
        count = to_change.count()
        form = ReasonForm(request.POST if "reason" in request.POST else None, count)
        if not form.is_valid():
            shown = {"form": form, "count": count, "skipped": subjects.count() - count}
            if count:
                shown.update(self.consequences(to_change, act))
            return self._act_page(request, subjects, act, shown, 200)
        try:
            changed = ModerationAct.objects.carry_out(
                to_change, request.user, act.after, form.cleaned_data["reason"]
            )
        except OwnSubjectError as error:
            raise PermissionDenied from error
        self.message_user(request, act.done % {"n": changed}, messages.SUCCESS)
        return None

    def _act_page(
        self,
        request: HttpRequest,
        subjects: QuerySet[Any],
        act: Act,
        shown: dict[str, Any],
        status: int,
    ) -> HttpResponse:
        """The page between the list and the act. It sends the list's own selection again."""
        across = request.POST.get("select_across") == "1"
        context = {
            **self.admin_site.each_context(request),
            "title": act.question,
            "opts": self.opts,
            "media": self.media,
            "act": act,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
            "across": int(across),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)[: 1 if across else None],
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
        """One vote or review to read, with a button for each act that it is open to."""
        subject: Any = self.get_object(request, object_id)
        offered = self.get_actions(request)
        subjects: Any = self.model._default_manager.filter(pk=subject.pk if subject else None)
        own = subjects.own(request.user).exists()
        context = {
            "own": own,
            "offered": [
                act
                for act in self.acts
                if act.name in offered and act.after != getattr(subject, "status", "") and not own
            ],
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
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
                    date_format(localtime(act.done_at), "SHORT_DATETIME_FORMAT"),
                    names.get(act.actor_id, act.actor_id),
                    act.before,
                    act.after,
                    act.reason,
                )
                for act in acts
            ),
        ) or gettext("Nothing yet.")
