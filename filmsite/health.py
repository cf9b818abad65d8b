"""For those who watch the site: `/healthz` (the process answers), `/readyz` (so does the rest)."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from films import triggers


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Touches no database."""
    return _plain("ok")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where the site can do its work, else 503 and the first thing that is missing."""
    try:
        trouble = _trouble()
    except Error:
        trouble = "the database does not answer"
    return _plain(trouble, 503) if trouble else _plain("ok")


def _trouble() -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations are not applied"
    return "triggers are missing" if triggers.triggers_present(None, [connection.alias]) else ""


def _plain(text: str, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(f"{text}\n", "text/plain", status, headers=headers)
