"""Casting, confirming and withdrawing a vote. The tally follows by itself, in the database."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from films.models import Film
from reviews import limits
from reviews.models import AudienceScore, Vote
from reviews.models.vote import SCORES, stars_text
from reviews.templatetags.stars import day, votes_needed
from reviews.views.films import with_film

# The only ways to write a score. Not int(): it also reads " 5", "٥", "1_0" and "+5".
WRITTEN = {str(score): score for score in SCORES}


@require_http_methods(["GET", "HEAD", "POST"])
@with_film()
def vote(request: HttpRequest, film: Film) -> HttpResponse:
    """GET: the chosen score, to confirm or to sign in for; writes nothing. POST: cast it."""
    if request.method == "POST":
        return _cast(request, film, WRITTEN.get(request.POST.get("score", "")))
    return _page(request, film, WRITTEN.get(request.GET.get("score", "")))


@require_POST
@with_film()
def withdraw(request: HttpRequest, film: Film) -> HttpResponse:
    """Take one's vote back. 409 where it is set aside: its status is a moderator's word."""
    if not request.user.is_authenticated:
        return redirect_to_login(film.get_absolute_url())
    if wait := _too_many_votes(request):
        return limits.refuse(request, wait)
    if Vote.objects.withdraw(film, request.user):
        messages.success(request, _("Your vote is withdrawn."))
    elif film.votes.filter(member=request.user.pk).exclude(status=Vote.Status.COUNTED).exists():
        problem = _("This vote is set aside, so it cannot be withdrawn. You can change it.")
        return _page(request, film, None, problem, 409)
    else:
        messages.info(request, _("You have no vote on this film."))
    return redirect(film)


def _cast(request: HttpRequest, film: Film, score: int | None) -> HttpResponse:
    if score is None:
        problem = _("A vote is ½ to 5 stars. What was sent is none, so nothing was stored.")
        return _refuse(request, film, None, problem, 400)
    if film.voting_opens_on and not film.voting_is_open:
        problem = _("Voting opens on %(day)s") % {"day": day(film.voting_opens_on)}
        return _refuse(request, film, score, problem, 409)
    if not request.user.is_authenticated:
        return _sign_in(request, film, score)
    if wait := _too_many_votes(request):
        return _slow_down(request, wait)
    try:
        Vote.objects.cast(film, request.user, score)
    except IntegrityError as error:  # the film or the member was deleted meanwhile
        raise Http404 from error
    return _answer(request, film, score)


def _answer(request: HttpRequest, film: Film, score: int) -> HttpResponse:
    """What follows a vote that is stored: the film page, or its new score card as JSON."""
    tally = AudienceScore.objects.filter(film=film).first()
    own_vote = film.votes.filter(member=request.user.pk).first()
    message = _saved(score, tally, own_vote)
    if not _wants_json(request):
        messages.success(request, message)
        return redirect(film)
    context = {"film": film, "score": tally, "own_vote": own_vote}
    return JsonResponse(
        {
            "score": score,
            "stars": stars_text(score),
            "status": own_vote.status if own_vote else "",
            "message": message,
            "html": render_to_string("reviews/_score_card.html", context, request),
        }
    )


def _saved(score: int, tally: AudienceScore | None, own_vote: Any) -> str:
    saved = _("Vote saved: %(stars)s of 5.") % {"stars": stars_text(score)}
    if own_vote and own_vote.is_set_aside:
        status = _("It is %(status)s and does not count.")
        return f"{saved} {status % {'status': own_vote.get_status_display()}}"
    if tally is None:
        return saved
    if not tally.is_shown:
        return f"{saved} {votes_needed(tally)}."
    figures = ngettext(
        "Audience score %(percent)s %%, %(votes)d vote.",
        "Audience score %(percent)s %%, %(votes)d votes.",
        tally.votes,
    )
    return f"{saved} {figures % {'percent': tally.percent_text, 'votes': tally.votes}}"


def _page(
    request: HttpRequest, film: Film, chosen: int | None, problem: str = "", status: int = 200
) -> HttpResponse:
    signed_in = request.user.is_authenticated
    context = {
        "film": film,
        "chosen": chosen,
        "problem": problem,
        "own_vote": film.votes.filter(member=request.user.pk).first() if signed_in else None,
        "signup_open": settings.SIGNUP_OPEN,
        "back_here": _address(film, chosen),
    }
    return render(request, "reviews/vote.html", context, status=status)


def _refuse(
    request: HttpRequest, film: Film, score: int | None, problem: str, status: int
) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"message": problem}, status=status)
    return _page(request, film, score, problem, status)


def _sign_in(request: HttpRequest, film: Film, score: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"message": _("Sign in to vote.")}, status=403)
    return redirect_to_login(_address(film, score))


def _slow_down(request: HttpRequest, wait: int) -> HttpResponse:
    if not _wants_json(request):
        return limits.refuse(request, wait)
    problem = _("That is too many votes at once. Try again in %(n)d seconds.") % {"n": wait}
    return JsonResponse({"message": problem}, status=429, headers={"Retry-After": str(wait)})


def _address(film: Film, score: int | None) -> str:
    """Where a score waits to be confirmed."""
    address = reverse("reviews:vote", args=[film.slug])
    return f"{address}?score={score}" if score else address


def _too_many_votes(request: HttpRequest) -> int:
    return limits.too_many("vote", request.user.pk, settings.VOTES_A_MINUTE, limits.MINUTE)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
