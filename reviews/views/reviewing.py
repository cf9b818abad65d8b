"""Reading a film's reviews; writing, editing and deleting one's own."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from films.models import Film
from reviews import limits
from reviews.forms import ReviewForm
from reviews.models import Review, Vote
from reviews.views.films import with_film

REVIEWS_A_PAGE = 20


@require_safe
@with_film(drafts=True)
def film_reviews(request: HttpRequest, film: Film) -> HttpResponse:
    """All reviews of the film that this person may see, the newest first."""
    reviews = Review.objects.visible_to(request.user).filter(film=film)
    reviews = reviews.select_related("author").with_author_score()
    asked = request.GET.get("page", "")
    number = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
    page = Paginator(reviews, REVIEWS_A_PAGE).get_page(max(1, number))
    return render(request, "reviews/film_reviews.html", {"film": film, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@with_film()
def write_review(request: HttpRequest, film: Film) -> HttpResponse:
    """Write one's review of the film, or edit it, with one's vote beside it."""
    if not request.user.is_authenticated:
        return _sign_in(request, film)
    member = request.user
    review = film.reviews.filter(author=member).first()
    own_vote = film.votes.filter(member=member).first()
    form = ReviewForm(
        request.POST if request.method == "POST" else None,
        instance=review or Review(film=film, author=member),
        initial={"score": own_vote.score if own_vote else None},
        voting_is_open=film.voting_is_open,
    )
    status, wait = 200, 0
    if request.method == "POST":
        status = 400
        if form.is_valid():
            old_score = own_vote.score if own_vote else None
            wait = _too_many(request, form, old_score)
            if not wait and _store(form, old_score):
                messages.success(request, _("Your review is published."))
                return redirect(form.instance)
            status = 429 if wait else 409
    context = {"film": film, "form": form, "review": review, "own_vote": own_vote}
    answer = render(request, "reviews/write.html", context, status=status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own review, after a page that asks. The vote stays."""
    mine = Review.objects.visible_to(request.user).filter(author=request.user.pk)
    review = get_object_or_404(mine.select_related("film"), pk=pk)
    if request.method == "POST":
        review.delete()
        messages.success(request, _("Your review is deleted. Your vote stays as it was."))
        return redirect(review.film)
    return render(request, "reviews/delete.html", {"review": review, "film": review.film})


def _sign_in(request: HttpRequest, film: Film) -> HttpResponse:
    """On to signing in. Who was signed out while writing is shown the text first, to keep it."""
    if not request.POST.get("body"):
        return redirect_to_login(request.get_full_path())
    form = ReviewForm(request.POST, instance=Review(film=film), voting_is_open=False)
    context = {"film": film, "form": form, "signed_out": True}
    return render(request, "reviews/write.html", context, status=403)


def _too_many(request: HttpRequest, form: ReviewForm, old_score: int | None) -> int:
    """Seconds to wait where this is a review or a vote too many, told in the form; else 0.

    Only new reviews and changed votes count. What was written stays in the form.
    """
    member, wait = request.user.pk, 0
    if form.instance.pk is None:
        wait = limits.too_many("review", member, settings.REVIEWS_AN_HOUR, limits.HOUR)
    if not wait and form.cleaned_data.get("score") not in (None, old_score):
        wait = limits.too_many("vote", member, settings.VOTES_A_MINUTE, limits.MINUTE)
    if wait:
        minutes = -(-wait // 60)
        problem = _("That is too much at once. Nothing is stored yet: try again in %(n)d minutes.")
        form.add_error(None, problem % {"n": minutes})
    return wait


def _store(form: ReviewForm, old_score: int | None) -> bool:
    """Store the review, and the vote where another score was chosen, or neither of them.

    False, with the reason in the form, where the same member's review came in meanwhile.
    """
    review = form.instance
    if review.pk:
        review.edited_at = timezone.now()
    score = form.cleaned_data.get("score")
    try:
        with transaction.atomic():
            review.save()
            if score not in (None, old_score):
                Vote.objects.cast(review.film, review.author, score)
    except IntegrityError:
        form.add_error(None, _("You have a review of this film already. Send again to replace it."))
        return False
    return True
