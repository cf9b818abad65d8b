"""The yardstick: the site with an empty view beside it that passes no middleware at all.

Run by the benchmarks in place of `filmsite.wsgi`. The empty view goes through Django's own
handler, resolver and response, as every page does.
"""

from collections.abc import Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path

from filmsite.wsgi import application as site


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("bare/", bare)]


class BareRequest(WSGIRequest):
    urlconf = __name__


with override_settings(MIDDLEWARE=[]):
    empty = WSGIHandler()
empty.request_class = BareRequest


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Sends /bare/ to the empty view and everything else to the site."""
    if environ["PATH_INFO"] == "/bare/":
        return empty(environ, start_response)
    return site(environ, start_response)
