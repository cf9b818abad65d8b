"""Collections: the list of them, and one with its films, order and notes."""

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from films import structured
from films.models import Collection, CollectionEntry, Film
from films.models.film import may_edit_films, published_now

COLLECTIONS_A_PAGE = 24
SHOWN_OF_EACH = 6  # films of a collection where only its beginning stands


@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    """All published collections, the newest first, each with its first films."""
    found = with_first_films(Collection.objects.published().newest())
    page = Paginator(found, COLLECTIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_edit": may_edit_films(request.user)}
    return render(request, "films/collections.html", context)


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """A collection this reader may see; of its films the published ones, in the editors' order."""
    found = get_object_or_404(Collection.objects.visible_to(request.user), slug=slug)
    entries = list(
        found.entries.filter(published_now("film"))
        .select_related("film__audience_score")
        .defer("film__synopsis", "film__essay")
        .order_by("position", "pk")
    )
    context = {
        "collection": found,
        "entries": entries,
        "description": structured.collection_description(found),
        "json_ld": structured.film_list(
            found.title, found.get_absolute_url(), [entry.film for entry in entries]
        ),
        "breadcrumbs": structured.breadcrumbs(
            (_("Collections"), reverse("films:collections")),
            (found.title, found.get_absolute_url()),
        ),
        "may_edit": may_edit_films(request.user),
    }
    return render(request, "films/collection.html", context)


def with_first_films(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """Each with `film_count` and `first_entries`, its first published films; one query more."""
    place = Window(RowNumber(), partition_by="collection_id", order_by=["position", "pk"])
    first = (
        CollectionEntry.objects.filter(film__in=Film.objects.published())
        .annotate(place=place)
        .filter(place__lte=SHOWN_OF_EACH)
        .select_related("film__audience_score")
        .defer("film__synopsis", "film__essay", "note")
        .order_by("collection", "position", "pk")
    )
    counted = Count("entries", filter=published_now("entries__film"))
    return collections.annotate(film_count=counted).prefetch_related(
        Prefetch("entries", queryset=first, to_attr="first_entries")
    )
