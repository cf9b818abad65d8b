"""A member's public page: who they are, and what they chose to show; and where they choose it.

Votes and watchlist are private until their owner shows them. The page is the same for everybody,
its owner included; the lists behind it, which have addresses of their own, are always open to
their owner, and 404 for others while they are private.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from films.filters import Filter
from films.models import Film
from films.models.film import on_watchlist, published_now
from films.views.browse import page_of as films_page
from reviews.forms import ProfileForm
from reviews.models import Member, Review, Vote
from reviews.models.vote import SCORES
from reviews.views.paging import page_of

VOTES_SHOWN, REVIEWS_SHOWN, FILMS_SHOWN = 10, 3, 6  # on the page itself
VOTES_A_PAGE, REVIEWS_A_PAGE = 50, 20
VOTE_SORTS = {
    "newest": (_("Newest"), ("-changed_at", "-pk")),
    "highest": (_("Highest"), ("-score", "-changed_at", "-pk")),
}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Member, P], HttpResponse]


class VoteCounts(NamedTuple):
    """How many votes of each score, 1 to 10, a member has cast: ten whole numbers."""

    histogram: list[int]

    @property
    def votes(self) -> int:
        return sum(self.histogram)


def with_member(view: View[P]) -> Callable[..., HttpResponse]:
    """Hand the view the member of the address's username, if this reader may see their page.

    Another spelling of the name is answered with 301.
    """

    @wraps(view)
    def find_member(
        request: HttpRequest, username: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not username.isprintable():
            raise Http404
        members = Member.objects.get_queryset().visible_to(request.user)
        member = get_object_or_404(members.named(username))
        if member.username != username:
            address = reverse(resolve(request.path_info).view_name, args=[member.username])
            query = request.META.get("QUERY_STRING", "")
            return redirect(f"{address}?{query}" if query else address, permanent=True)
        return view(request, member, *args, **kwargs)

    return find_member


@require_safe
@with_member
def member(request: HttpRequest, found: Member) -> HttpResponse:
    """Name, about, and the beginnings of the lists that the member shows, as others see them."""
    context: dict[str, Any] = {"member": found, "is_own": _is_own(request, found)}
    if found.shows_votes:
        context["score"] = _counts(found)
        context["votes"] = _with_films(_votes(found))[:VOTES_SHOWN]
    if found.shows_reviews:
        written = Review.objects.published().filter(author=found)
        context["review_count"] = written.count()
        context["reviews"] = _with_films(written.with_author_score())[:REVIEWS_SHOWN]
    if found.shows_watchlist:
        films = list(Film.objects.on_watchlist_of(found).for_cards()[: FILMS_SHOWN + 1])
        context["films"] = films[:FILMS_SHOWN]
        context["more_films"] = len(films) > FILMS_SHOWN
        context["watchlist"] = on_watchlist(request.user, context["films"])
    return render(request, "reviews/member.html", context)


@require_safe
@with_member
def member_votes(request: HttpRequest, found: Member) -> HttpResponse:
    """All votes of the member on films to be seen; `sort` is newest or highest.

    Those that are set aside stand there for their owner alone, with the reason.
    """
    own = _may_look(request, found, shown=found.shows_votes)
    sorts = Filter("sort", _("Sort by"), {name: str(VOTE_SORTS[name][0]) for name in VOTE_SORTS})
    sorts.choose(request.GET.get("sort", ""))
    votes = _with_films(found.votes.filter(published_now("film")) if own else _votes(found))
    votes = votes.order_by(*VOTE_SORTS[sorts.chosen or "newest"][1])
    known = {"sort": sorts.chosen} if sorts.chosen else {}
    context = {
        "member": found,
        "is_own": own,
        "is_private": not found.shows_votes,
        "sorts": sorts,
        "score": _counts(found),
        **page_of(votes, request, VOTES_A_PAGE, known),
    }
    return render(request, "reviews/member_votes.html", context)


@require_safe
@with_member
def member_reviews(request: HttpRequest, found: Member) -> HttpResponse:
    """All reviews of the member that this reader may see, the newest first."""
    own = _may_look(request, found, shown=found.shows_reviews)
    written = Review.objects.visible_to(request.user).filter(author=found)
    context = {
        "member": found,
        "is_own": own,
        "is_private": not found.shows_reviews,
        **page_of(_with_films(written.with_author_score()), request, REVIEWS_A_PAGE, {}),
    }
    return render(request, "reviews/member_reviews.html", context)


@require_safe
@with_member
def member_watchlist(request: HttpRequest, found: Member) -> HttpResponse:
    """The films that the member wants to see, as anybody sees them."""
    own = _may_look(request, found, shown=found.shows_watchlist)
    films = Film.objects.on_watchlist_of(found)
    context = {
        "member": found,
        "is_own": own,
        "is_private": not found.shows_watchlist,
        **films_page(films, request, {}),
    }
    return render(request, "reviews/member_watchlist.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """One's name, what one says about oneself, and what one's page shows."""
    # Not request.user: the mast goes on saying the stored name where the one sent is refused.
    member = get_object_or_404(Member, username=request.user.get_username())
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=member)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, gettext("Your profile is saved."))
        return redirect("reviews:profile")
    status = 400 if form.errors else 200
    return render(request, "account/profile.html", {"form": form}, status=status)


def _is_own(request: HttpRequest, found: Member) -> bool:
    return bool(request.user.pk == found.pk)


def _may_look(request: HttpRequest, found: Member, *, shown: bool) -> bool:
    """Whether the list is the reader's own. Http404 where it is another's and private."""
    own = _is_own(request, found)
    if not (own or shown):
        raise Http404
    return own


def _votes(found: Member) -> QuerySet[Vote]:
    """The votes that others may see: those that count, on published films."""
    return found.votes.counted().filter(published_now("film"))


def _counts(found: Member) -> VoteCounts:
    of_score = dict(_votes(found).order_by().values_list("score").annotate(Count("pk")))
    return VoteCounts([of_score.get(score, 0) for score in SCORES])


def _with_films(rows: Any) -> Any:
    """Votes or reviews with what is printed of their films: no long texts."""
    return rows.select_related("film").defer("film__synopsis", "film__essay")
