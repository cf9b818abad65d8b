"""The film that an address is about, as all views of this app find it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import resolve, reverse

from films.models import Film

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Film, P], HttpResponse]


def _find(request: HttpRequest, slug: str, drafts: bool) -> Film:
    films = Film.objects.visible_to(request.user) if drafts else Film.objects.published()
    films = films.select_related("audience_score", "newcomer_hold")
    if film := films.filter(slug=slug).first():
        return film
    return get_object_or_404(films, earlier_slugs__slug=slug)


def with_film(*, drafts: bool = False) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Hand the view the published film of the address's slug, with its score loaded.

    `drafts`: those who may edit films see the page of a draft too. An earlier slug is answered
    with 301, unless something is posted there: that still reaches the film. Else 404.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def find_film(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            film = _find(request, slug, drafts)
            if film.slug != slug and request.method != "POST":
                address = reverse(resolve(request.path_info).view_name, args=[film.slug])
                query = request.META.get("QUERY_STRING", "")
                return redirect(f"{address}?{query}" if query else address, permanent=True)
            return view(request, film, *args, **kwargs)

        return find_film

    return decorate
