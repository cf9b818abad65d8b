"""The home page, what robots are told, and the well-known addresses."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from films.filters import unnarrowed
from films.listing import BY_RANK, best
from films.models import Collection, Film
from films.models.film import may_edit_films, on_watchlist
from films.views.collections import with_first_films
from reviews.models import Review

NEWEST, FAVOURITES, LATEST, COLLECTIONS = 6, 6, 3, 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The featured film, the newest, editors' collections, favourites, the latest reviews."""
    lead = _lead()
    newest = list(Film.objects.published().newest().for_cards()[:NEWEST])
    context = {
        "lead": lead,
        "lead_score": getattr(lead, "audience_score", None),
        "newest": newest,
        "watchlist": on_watchlist(request.user, newest),
        "favourites": best(unnarrowed(), BY_RANK, FAVOURITES).for_cards(),
        "collections": with_first_films(Collection.objects.on_home_page())[:COLLECTIONS],
        "reviews": _latest_reviews(),
        "may_edit": may_edit_films(request.user),
    }
    return render(request, "home.html", context)


def _lead() -> Film | None:
    """The film featured latest, else the newest with a synopsis."""
    films = Film.objects.published().select_related("audience_score").defer("essay")
    featured = films.filter(featured_from__lte=timezone.now()).order_by("-featured_from", "-pk")
    return featured.first() or films.exclude(synopsis="").newest().first()


def _latest_reviews() -> list[Review]:
    latest = Review.objects.published().with_author_score().select_related("author", "film")
    return list(latest.defer("film__synopsis", "film__essay")[:LATEST])


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be read but the desk and the accounts; and where the sitemap is."""
    closed = [f"Disallow: {address}" for address in ("/admin/", "/account/")]
    lines = ["User-agent: *", *closed, f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return _text(lines)


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers look for the page that changes a password."""
    return redirect("account_change_password")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a hole (RFC 9116). 404 where SECURITY_CONTACT is not set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = timezone.now() + timedelta(days=300)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%d}T00:00:00Z",
        f"Preferred-Languages: {settings.LANGUAGE_CODE}",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return _text(lines)


def _text(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
