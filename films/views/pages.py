"""Film, person, genre and the site's own pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from films.models import Film, Page


def film(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Film.objects.visible_to(request.user), slug=slug)
    return render(request, "films/film.html", {"film": found})


def film_list(request: HttpRequest) -> HttpResponse:
    return render(request, "films/list.html", {"films": Film.objects.published()})


def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "films/page.html", {"page": get_object_or_404(Page, slug=slug)})
