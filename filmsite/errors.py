"""The site's own error pages. They tell nothing of what went wrong inside."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that came without its token: an old tab, or another site."""
    return render(request, "403.html", {"stale_form": True}, status=403)
