"""Genres, certificates, countries, and the site's own pages."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from films.admin.desk import DeskAdmin, ReadOnlyAdmin
from films.models import Certificate, Country, Genre, Page

if TYPE_CHECKING:

    class CountedGenre(Genre):
        film_count: int


@admin.register(Genre)
class GenreAdmin(DeskAdmin):
    list_display = ["name", "slug", "film_count"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = queryset.annotate(film_count=Count("films"))
        return counted

    @admin.display(description=_("films"), ordering="film_count")
    def film_count(self, genre: "CountedGenre") -> int:
        return genre.film_count


@admin.register(Certificate)
class CertificateAdmin(DeskAdmin):
    list_display = ["board", "label", "country", "minimum_age", "position"]
    list_display_links = ["board", "label"]
    list_filter = ["board"]
    list_select_related = ["country"]
    search_fields = ["board", "label"]
    autocomplete_fields = ["country"]


@admin.register(Country)
class CountryAdmin(ReadOnlyAdmin):
    """To be looked up and chosen; the list itself comes with the site."""

    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(Page)
class PageAdmin(DeskAdmin):
    list_display = ["title", "slug"]
    search_fields = ["title", "body"]
    prepopulated_fields = {"slug": ["title"]}
