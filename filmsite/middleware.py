"""Middleware: security headers on every answer, the page cache for strangers, and the 503.

The page cache is the only cache of pages in the site. It stands in front of the sessions, so
whoever has a session never meets it.
"""

import math
import time
from collections.abc import Callable
from hashlib import blake2b
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags

from filmsite import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def _line(policy: dict[str, str]) -> str:
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


class SecurityHeaders:
    """Headers that Django 5.2 has no setting for, static files included.

    What a view has set itself is left as it is: media and the like have a stricter policy.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        policy = settings.CONTENT_SECURITY_POLICY
        self.policy = _line(policy)
        # The admin's own style sheets carry small pictures as data: addresses.
        self.admin_policy = _line({**policy, "img-src": f"{policy['img-src']} data:"})
        self.permissions = ", ".join(f"{name}=()" for name in settings.PERMISSIONS_CLOSED)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 304:
            return response  # what the browser has came with them
        in_admin = request.path_info.startswith("/admin/")
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy", self.admin_policy if in_admin else self.policy
        )
        headers.setdefault("Permissions-Policy", self.permissions)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class Unavailable:
    """A database that cannot be written or reached is a 503 that says so, not a fault of ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.unavailable(request) if errors.cannot_store(error) else None


class PageCache:
    """Pages for strangers, kept for PAGE_CACHE_SECONDS; 0 keeps none.

    A stranger is who sends no session cookie and no credentials. Kept are answers of 200 to a
    GET, whole, without a cookie, without a Cache-Control of their own, whose address has no
    query keys but those of `KEYS`: whatever a page may depend on is in the cache's key. The
    time is counted from before the page was made, so no page is ever staler than the setting.
    Everybody else's answers are `private, no-store` unless their view says otherwise.
    """

    KEYS = frozenset(
        ("genre", "decade", "certificate", "age", "country", "language", "runtime", "min_score")
    ) | {"score", "sort", "page", "after"}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # One for all threads, which both of Django's caches that we offer bear.
        self.pages = caches.create_connection("pages")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self._for_strangers(request):
            return _private(self.get_response(request))
        key = self._key(request)  # looks at the Host first, also where the page is kept
        kept: Page | None = self.pages.get(key)
        now = time.time()
        if kept and kept[0] > now:
            return _answer(request, kept, now)
        response = self.get_response(request)
        if not (isinstance(response, HttpResponse) and _is_for_everybody(response)):
            return _private(response)  # a stream is no HttpResponse
        page = _page(response, made_at=now)
        now = time.time()
        if page[0] > now and request.method == "GET":
            self.pages.set(key, page, math.ceil(page[0] - now))  # Redis counts whole seconds
        return _answer(request, page, now)

    def _for_strangers(self, request: HttpRequest) -> bool:
        return (
            request.method in ("GET", "HEAD")
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and "HTTP_AUTHORIZATION" not in request.META
            and (not request.META.get("QUERY_STRING") or self.KEYS.issuperset(request.GET))
        )

    def _key(self, request: HttpRequest) -> str:
        parts = [request.scheme or "", request.get_host(), request.path]
        if request.META.get("QUERY_STRING"):
            parts.append(urlencode(sorted(request.GET.lists()), doseq=True))
        return blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()


# A page as it is kept: until when (seconds since 1970), its ETag, its headers, its body.
Page = tuple[float, str, dict[str, str], bytes]


def _is_for_everybody(response: HttpResponse) -> bool:
    """Whether every stranger may be given this answer."""
    return (
        response.status_code == 200
        and not response.cookies
        and not response.has_header("Cache-Control")
        and response.headers.get("Vary", "Cookie") == "Cookie"
    )


def _page(response: HttpResponse, made_at: float) -> Page:
    etag = f'"{blake2b(response.content, digest_size=12).hexdigest()}"'
    headers = {**response.headers, "Vary": "Cookie", "ETag": etag}
    return made_at + settings.PAGE_CACHE_SECONDS, etag, headers, response.content


def _answer(request: HttpRequest, page: Page, now: float) -> HttpResponse:
    """The page, or 304 where the browser has it already."""
    until, etag, headers, body = page
    left = max(0, int(until - now))
    asked = request.META.get("HTTP_IF_NONE_MATCH")
    lifetime = {"Cache-Control": f"public, max-age=0, s-maxage={left}"}
    if asked and _names(asked, etag):
        return HttpResponseNotModified(headers={**lifetime, "ETag": etag, "Vary": "Cookie"})
    return HttpResponse(body, headers={**headers, **lifetime})


def _names(asked: str, etag: str) -> bool:
    """Whether an If-None-Match names the page, also as nginx weakens it where it compresses."""
    either = (etag, f"W/{etag}")
    return asked in either or any(sent in either for sent in parse_etags(asked))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
