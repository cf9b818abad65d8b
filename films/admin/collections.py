"""Collections: an editors' list of films, in their order, with a note on each."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.admin.desk import DeskAdmin, without_popups
from films.models import Collection, CollectionEntry


class EntryRows(admin.TabularInline):  # type: ignore[type-arg]
    model = CollectionEntry
    fields = ["position", "film", "note"]
    ordering = ["position", "pk"]
    autocomplete_fields = ["film"]
    extra = 3
    verbose_name = _("film")
    verbose_name_plural = _("films")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "note":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2})
        return without_popups(super().formfield_for_dbfield(db_field, request, **kwargs))


@admin.register(Collection)
class CollectionAdmin(DeskAdmin):
    list_display = ["title", "state", "film_count", "home_position", "page"]
    search_fields = ["title", "introduction"]
    ordering = ["-pk"]
    inlines = [EntryRows]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = (
        (None, {"fields": ("title", "introduction")}),
        (_("Publishing"), {"fields": ("published_at", "home_position", "slug")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        collections: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = collections.annotate(film_count=Count("entries"))
        return counted

    @admin.display(description=_("films"), ordering="film_count")
    def film_count(self, collection: Any) -> int:
        count: int = collection.film_count
        return count

    @admin.display(description=_("state"), ordering="published_at")
    def state(self, collection: Collection) -> str:
        if collection.is_scheduled and collection.published_at:
            moment = date_format(timezone.localtime(collection.published_at), "DATETIME_FORMAT")
            return gettext("scheduled: %(moment)s") % {"moment": moment}
        return gettext("published") if collection.is_published else gettext("draft")

    @admin.display(description=_("page"))
    def page(self, collection: Collection) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', collection.get_absolute_url(), gettext("See its page")
        )

    def view_on_site(self, collection: Collection) -> str | None:
        return collection.get_absolute_url() if collection.slug else None
