"""Uploaded pictures, given out as the film is: those of a draft to editors alone."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from films import posters
from films.models import Film, Person
from films.models.film import may_edit_films

TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}  # by our own extension, never by content
FOR_EVER = "public, max-age=31536000, immutable"  # another picture has another address


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of a picture: `posters/<film id>-<hash>-<width>.webp`.

    A film's poster of now, if the film is live or this reader may edit it; a person's portrait
    of now. Anything else is 404. Only a picture of a film that is not live asks who reads.
    """
    match = posters.STORED_NAME.fullmatch(name)
    if not match:
        raise Http404
    stored = f"{match['kind']}/{match['pk']}-{match['hash']}-{posters.POSTER_WIDTHS[-1]}.webp"
    if match["kind"] == "portraits":
        get_object_or_404(Person.objects.only("pk"), pk=match["pk"], portrait=stored)
        return _file(name, match["extension"], public=True)
    film = get_object_or_404(Film.objects.only("published_at"), pk=match["pk"], poster=stored)
    if not film.is_published and not may_edit_films(request.user):
        raise Http404
    return _file(name, match["extension"], public=film.is_published)


def _file(name: str, extension: str, *, public: bool) -> HttpResponseBase:
    response = _content(name)
    response.headers["Content-Type"] = TYPES[extension]
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = FOR_EVER if public else "private, no-store"
    return response


def _content(name: str) -> HttpResponseBase:
    """The file itself; or, where a server in front sends files, the word to send this one."""
    if settings.MEDIA_ACCEL:
        return HttpResponse(headers={"X-Accel-Redirect": f"{settings.MEDIA_ACCEL}{name}"})
    try:
        return FileResponse(default_storage.open(name))
    except FileNotFoundError as error:
        raise Http404 from error
