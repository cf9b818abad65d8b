"""Votes from one moment to another: the filter of their list, and addresses that lead there.

A vote stands at the moment of its latest change, as alerts count it. A day and an hour are such
windows too. No list of days is offered: telling which days a film has votes of would read them all.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from films.admin.desk import Moment

FROM, TO = "voted_from", "voted_to"
LATELY = (
    (_("In the last hour"), timedelta(hours=1)),
    (_("In the last 24 hours"), timedelta(hours=24)),
    (_("In the last 7 days"), timedelta(days=7)),
)


def window(since: datetime, until: datetime) -> dict[str, str]:
    """What the list's address says of a window, both ends in it, widened to whole minutes."""
    return {FROM: _minute(since), TO: _minute(until + timedelta(minutes=1))}


def _minute(moment: datetime) -> str:
    return localtime(moment).strftime("%Y-%m-%dT%H:%M")


class WindowForm(forms.Form):
    voted_from = forms.DateTimeField(label=_("From"), widget=Moment, required=False)
    voted_to = forms.DateTimeField(label=_("To, not included"), widget=Moment, required=False)


class WindowFilter(admin.ListFilter):
    """Two moments to write, or a few to choose; either may be left out."""

    title = _("time of voting")
    template = "admin/reviews/vote/window_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in (FROM, TO):
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        self.form = WindowForm(self.used_parameters, auto_id="%s")
        self.others: list[tuple[str, str]] = []

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [FROM, TO]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """No vote at all where a moment cannot be read: an act must not reach more than meant."""
        if not self.form.is_valid():
            return queryset.none()
        if since := self.form.cleaned_data[FROM]:
            queryset = queryset.filter(changed_at__gte=since)
        if until := self.form.cleaned_data[TO]:
            queryset = queryset.filter(changed_at__lt=until)
        return queryset

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        own = (FROM, TO, "p", "e")
        self.others = [(k, v) for k, v in changelist.params.items() if k not in own]
        yield {
            "selected": not self.used_parameters,
            "query_string": changelist.get_query_string(remove=[FROM, TO]),
            "display": _("At any time"),
        }
        for words, span in LATELY:
            since = _minute(now() - span)
            yield {
                "selected": self.used_parameters == {FROM: since},
                "query_string": changelist.get_query_string({FROM: since}, [TO]),
                "display": words,
            }
