"""The site's own error pages. They tell nothing of what went wrong inside."""

import errno
import sys

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

RETRY_AFTER = 30  # seconds: what a browser or a robot is told to wait after a 503

# What SQLite calls a database that is busy, read-only, full, or whose disk fails.
_SQLITE_TROUBLE = tuple(
    f"SQLITE_{name}" for name in ("BUSY", "LOCKED", "READONLY", "FULL", "IOERR", "CANTOPEN")
)
_POSTGRESQL_READ_ONLY = "25006"
_DISK_TROUBLE = (errno.ENOSPC, errno.EROFS, errno.EDQUOT)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where what failed, outside any view, is the database: a session, say."""
    if cannot_store(sys.exc_info()[1]):
        return unavailable(request)
    return render(request, "500.html", status=500)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that came without its token: an old tab, or another site."""
    return render(request, "403.html", {"stale_form": True}, status=403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: nothing can be stored just now. Reading goes on where the database still answers."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def cannot_store(error: BaseException | None) -> bool:
    """Whether an error says that the database is locked, read-only, full or out of reach.

    A missing table, a broken constraint and the like are faults of ours: False. So is None.
    """
    if isinstance(error, OSError):
        return error.errno in _DISK_TROUBLE
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    sqlite_name = getattr(cause, "sqlite_errorname", None)
    if sqlite_name is not None:
        return str(sqlite_name).startswith(_SQLITE_TROUBLE)
    return (
        isinstance(error, (OperationalError, InterfaceError))
        or getattr(cause, "sqlstate", None) == _POSTGRESQL_READ_ONLY
    )
