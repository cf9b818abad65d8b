"""The site's own pages: about, privacy, house rules."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from films.models import Page


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "films/page.html", {"page": get_object_or_404(Page, slug=slug)})
