"""People, and the credits of a film whose cast and crew are too many for its form."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from films import posters
from films.admin.desk import DeskAdmin
from films.admin.film_form import BILLING
from films.admin.pictures import PictureAdmin, PictureForm
from films.models import Credit, Person


class PersonForm(PictureForm):
    pass


@admin.register(Person)
class PersonAdmin(PictureAdmin):
    form = PersonForm
    picture_field = "portrait"
    list_display = ["name", "born", "credit_count"]
    ordering = ["name", "pk"]  # stays when credits are counted, and the search box asks for it
    search_fields = ["name"]
    fieldsets = (
        (None, {"fields": ("name", ("born", "died"))}),
        (_("Portrait"), {"fields": ("portrait_now", "picture_file", "remove_picture")}),
        (_("Biography"), {"fields": ("biography",)}),
        (_("Elsewhere"), {"fields": (("imdb_id", "tmdb_id"), "slug")}),
    )
    readonly_fields = ["portrait_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With `credit_count`, counted for the rows that are shown and no others."""
        queryset: QuerySet[Any] = super().get_queryset(request)
        credits_of = Credit.objects.filter(person=OuterRef("pk")).order_by().values("person")
        counted = Subquery(credits_of.annotate(n=Count("pk")).values("n"))
        with_count: QuerySet[Any] = queryset.annotate(credit_count=Coalesce(counted, 0))
        return with_count

    @admin.display(description=_("credits"), ordering="credit_count")
    def credit_count(self, person: Any) -> int:
        return int(person.credit_count)

    @admin.display(description=_("portrait"))
    def portrait_now(self, person: Person) -> SafeString | str:
        if not person.portrait:
            return self.get_empty_value_display()
        address = posters.portrait_address(person, 150)
        return format_html('<img class="picture" src="{}" width="100" alt="">', address)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.picture:
            posters.store_portrait(obj, form.picture)
        elif form.cleaned_data.get("remove_picture"):
            posters.remove_portrait(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        posters.delete_files_of(list(queryset))
        super().delete_queryset(request, queryset)

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        posters.delete_files_of([obj])
        super().delete_model(request, obj)


@admin.register(Credit)
class CreditAdmin(DeskAdmin):
    """Reached from a film's form when it has more credits than the form shows."""

    list_display = ["person", "department", "job", "character", "position"]
    list_select_related = ["person"]
    list_filter = ["department"]
    search_fields = ["person__name", "character", "job"]
    autocomplete_fields = ["film", "person"]
    fields = ["film", "person", "department", "job", "character", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("film", BILLING, "position", "pk")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False
