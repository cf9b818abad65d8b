"""Writing, editing and deleting one's own review."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from films.models import Film
from reviews import limits
from reviews.forms import ReviewForm
from reviews.models import Review, Vote
from reviews.views.films import with_film


@require_http_methods(["GET", "HEAD", "POST"])
@with_film()
def write_review(request: HttpRequest, film: Film) -> HttpResponse:
    """Write one's review of the film, or edit it, with one's vote beside it.

    A POST with `preview` shows how it will look, and stores nothing.
    """
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
    context: dict[str, Any] = {"film": film, "form": form, "review": review, "own_vote": own_vote}
    context |= {"waits": "" if review else Review.objects.reason_to_hold(member)}
    if request.method != "POST":
        return _form(request, context)
    return _post(request, context, form, own_vote.score if own_vote else None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own review, after a page that asks. The vote stays."""
    mine = Review.objects.visible_to(request.user).filter(author=request.user.pk)
    review = get_object_or_404(mine.select_related("film"), pk=pk)
    if request.method == "POST":
        with transaction.atomic():
            # Its row first: on PostgreSQL whoever finds it helpful meanwhile waits for that.
            for locked in Review.objects.select_for_update().filter(pk=review.pk):
                locked.delete()
        messages.success(request, _("Your review is deleted. Your vote stays as it was."))
        return redirect(review.film)
    return render(request, "reviews/delete.html", {"review": review, "film": review.film})


def _post(
    request: HttpRequest, context: dict[str, Any], form: ReviewForm, old_score: int | None
) -> HttpResponse:
    """Store what was sent, or show it again: as a preview, or with what is wrong."""
    if not form.is_valid():
        return _form(request, context, 400)
    if "preview" in request.POST:
        preview: Any = form.instance
        preview.author_score = form.cleaned_data.get("score") or old_score
        return _form(request, context | {"preview": preview})
    if wait := _too_many(request, form, old_score):
        return _form(request, context, 429, wait)
    if not _store(form, old_score):
        return _form(request, context, 409)
    messages.success(request, _stored(form.instance))
    return redirect(form.instance)


def _form(
    request: HttpRequest, context: dict[str, Any], status: int = 200, wait: int = 0
) -> HttpResponse:
    answer = render(request, "reviews/write.html", context, status=status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _stored(review: Review) -> str:
    """What the writer is told of the review that was just stored."""
    if review.status == Review.Status.HELD and not review.edited_at:
        return _("Your review is stored. It waits for a moderator, then everybody can read it.")
    if not review.is_published:
        return _("Your text is stored. Readers still do not see the review.")
    return _("Your review is published.")


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

    False, with the reason in the form, where the same member's review came in or went meanwhile.
    """
    review, score = form.instance, form.cleaned_data.get("score")
    try:
        with transaction.atomic():
            if review.pk is None:
                _add(review)
            elif not _edit(form):
                problem = _("Your review was deleted meanwhile. Send again to publish this text.")
                form.add_error(None, problem)
                return False
            if score not in (None, old_score):
                Vote.objects.cast(review.film, review.author, score)
    except IntegrityError:
        form.add_error(None, _("You have a review of this film already. Send again to replace it."))
        return False
    return True


def _add(review: Review) -> None:
    """Store a new review: published, or held where it is the author's first and those wait."""
    review.reason = Review.objects.reason_to_hold(review.author)
    if review.reason:
        review.status = Review.Status.HELD
    review.save()


def _edit(form: ReviewForm) -> bool:
    """Store the text, if it is another, and nothing but the text: a moderator may act meanwhile.

    Whether the review is still there.
    """
    review, text = form.instance, set(form.changed_data) - {"score"}
    mine = Review.objects.filter(pk=review.pk)
    if not text:
        return mine.exists()
    review.edited_at = timezone.now()
    values = {name: getattr(review, name) for name in [*text, "edited_at"]}
    return bool(mine.update(**values))
