"""On one film: the switch that holds new votes of young accounts until a moment.

It has a page for every film, also for one whose votes all count: `…/newcomerhold/<film>/change/`.
Moderators switch it without being allowed to edit films.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from films.admin.desk import Moment, ReadOnlyAdmin
from films.models import Film
from reviews.admin.votes import YOUNG, votes_address
from reviews.models import NewcomerHold

LONGEST = timedelta(days=90)
USUAL = timedelta(days=7)

days = ngettext_lazy("%(n)d day", "%(n)d days", "n")


class SwitchOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("It stays in the log. At most 300 characters."),
    )


class HoldForm(SwitchOffForm):
    younger_than = forms.TypedChoiceField(
        label=_("Accounts younger than"),
        choices=[(n, days % {"n": n}) for n in YOUNG],
        coerce=int,
        initial=3,
    )
    until = forms.DateTimeField(
        label=_("Until"),
        widget=Moment,
        help_text=_("At most 90 days from now, in the site's time zone. It ends by itself."),
    )
    field_order = ["younger_than", "until", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "Who votes reads it beside their vote. At most 300 characters."
        )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        now = timezone.now()
        if not now < until <= now + LONGEST:
            raise forms.ValidationError(_("Choose a moment within the next 90 days."))
        return until


@admin.register(NewcomerHold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["title", "younger_than", "until", "state", "reason"]
    list_select_related = ["film"]
    ordering = ["-until"]
    sortable_by = ["until"]
    search_fields = ["film__title"]
    search_help_text = _("A film's title")

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.change_newcomerhold")

    @admin.display(description=_("film"))
    def title(self, hold: NewcomerHold) -> str:
        return str(hold.film)

    @admin.display(description=_("state"))
    def state(self, hold: NewcomerHold) -> str:
        return gettext("running") if hold.is_running else gettext("over")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A film's switch: one form to switch it on or change it, one to switch it off."""
        if not self.has_switch_permission(request):
            raise PermissionDenied
        number = object_id if object_id.isascii() and object_id.isdigit() else "0"
        films = Film.objects.select_related("newcomer_hold", "audience_score")
        film = get_object_or_404(films, pk=min(int(number[:20]), 2**63 - 1))
        hold = NewcomerHold.objects.running().filter(film=film).first()
        off = SwitchOffForm(request.POST if "off" in request.POST else None, prefix="off")
        on = HoldForm(
            request.POST if request.method == "POST" and "off" not in request.POST else None,
            initial=_initial(hold),
        )
        if request.method == "POST" and self._switch(request, film, hold, on, off):
            return HttpResponseRedirect(votes_address(film))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Hold newcomers’ votes"),
            "subtitle": str(film),
            "opts": self.opts,
            "media": self.media,
            "film": film,
            "hold": hold,
            "on": on,
            "off": off,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/reviews/newcomerhold/switch.html", context)

    def _switch(
        self, request: HttpRequest, film: Film, hold: Any, on: HoldForm, off: SwitchOffForm
    ) -> bool:
        """Do what was sent, and say so; False where it cannot be read."""
        holds = NewcomerHold.objects
        if off.is_valid():
            if hold:
                holds.switch_off(film, request.user, reason=off.cleaned_data["reason"])
            said = gettext("New votes of newcomers count again. Those held so far stay held.")
        elif on.is_valid():
            try:
                holds.switch_on(film, request.user, **on.cleaned_data)
            except IntegrityError as error:  # the film was deleted meanwhile
                raise Http404 from error
            said = gettext("New votes of newcomers are held from now on.")
        else:
            return False
        self.message_user(request, said, messages.SUCCESS)
        return True


def _initial(hold: NewcomerHold | None) -> dict[str, Any]:
    if hold is None:
        return {"until": timezone.now() + USUAL}
    return {"younger_than": hold.younger_than, "until": hold.until, "reason": hold.reason}
