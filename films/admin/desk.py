"""What all of the editors' admin pages share: plain fields without pop-ups, deletion by counts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelAdmin = admin.ModelAdmin


class Day(forms.DateInput):
    """The browser's own field for a day: it has a label, a calendar and the reader's language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Moment(forms.DateTimeInput):
    """The browser's own field for a day and a time, in the site's time zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


NATIVE_FIELDS: dict[Any, dict[str, Any]] = {
    models.DateField: {"widget": Day},
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": Moment},
    models.URLField: {"assume_scheme": "https"},
}


def without_popups(field: forms.Field | None) -> forms.Field | None:
    """The form field without the admin's links that open a second window beside it."""
    if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


def names_of(relation: Any) -> tuple[str, str]:
    """What one and several of a relation's rows are called: tagline, taglines."""
    options = relation.related_model._meta
    return str(options.verbose_name), str(options.verbose_name_plural)


class DeskAdmin(AnyModelAdmin):
    formfield_overrides = NATIVE_FIELDS
    show_full_result_count = False
    list_per_page = 50
    actions_on_top = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return without_popups(super().formfield_for_dbfield(db_field, request, **kwargs))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What goes, and how many things go along with it, counted; not each of them by name."""
        objects = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(objects)}
        if len(objects) == 1:
            counts = {str(self.opts.verbose_name): 1}
        protected = []
        for relation in self._relations():
            n = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": objects}
            ).count()
            name = names_of(relation)[n != 1]
            if n and relation.on_delete is models.PROTECT:
                protected.append(f"{n} {name}")
            elif n:
                counts[name] = n
        return [capfirst(str(thing)) for thing in objects], counts, set(), protected

    def _relations(self) -> Iterable[Any]:
        """Relations by which other rows go along, or hold this one fast."""
        return [
            relation
            for relation in self.opts.related_objects
            if relation.on_delete in (models.CASCADE, models.PROTECT)
        ]


class ReadOnlyAdmin(DeskAdmin):
    """A list and its pages to read: no form adds, changes or deletes anything."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
