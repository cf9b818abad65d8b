"""The watchlist: films that a member wants to see."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.db.models import F, FilteredRelation, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from films.models import Film
from films.views.browse import page_of
from reviews import limits
from reviews.models import WatchlistEntry
from reviews.views.films import with_film

ADD, REMOVE = "add", "remove"


@require_POST
@with_film()
def keep(request: HttpRequest, film: Film) -> HttpResponse:
    """Put the film on one's watchlist (`watchlist=add`), or take it off (`remove`).

    Doing it twice is the same as once. Back to the page of the site that `next` names, else to
    the film; as JSON, for who asks for that, `is_on` and a message.
    """
    wanted = request.POST.get("watchlist", "")
    if not request.user.is_authenticated:
        return redirect_to_login(film.get_absolute_url())
    if wanted not in (ADD, REMOVE):
        raise BadRequest("watchlist is add or remove")
    if wait := limits.too_many(
        "watchlist", request.user.pk, settings.VOTES_A_MINUTE, limits.MINUTE
    ):
        return limits.refuse(request, wait)
    if wanted == REMOVE:
        WatchlistEntry.objects.filter(member=request.user, film=film).delete()
        return _answer(request, film, _("“%(film)s” is off your watchlist."))
    try:
        WatchlistEntry.objects.add(request.user, film)
    except IntegrityError as error:  # the film or the member was deleted meanwhile
        raise Http404 from error
    return _answer(request, film, _("“%(film)s” is on your watchlist."))


def _answer(request: HttpRequest, film: Film, message: str) -> HttpResponse:
    message %= {"film": film.title}
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"is_on": request.POST["watchlist"] == ADD, "message": message})
    messages.success(request, message)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect(film)


@require_safe
@login_required
def own_watchlist(request: HttpRequest) -> HttpResponse:
    """One's own watchlist, the film added last first, with one's own vote where there is one."""
    member: Any = request.user
    films = Film.objects.on_watchlist_of(member).annotate(
        own=FilteredRelation("votes", condition=Q(votes__member=member)),
        own_score=F("own__score"),
    )
    return render(request, "reviews/watchlist.html", page_of(films, request, {}))
