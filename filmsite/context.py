"""What every page knows: the site's name and its footer."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from films.models import Page


def site(request: HttpRequest) -> dict[str, Any]:
    """`site_name`, `site_url`, and `footer_pages`: the site's own pages, read when printed."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "footer_pages": Page.objects.only("slug", "title"),
    }
