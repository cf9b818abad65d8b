"""What a member does with somebody else's review: find it helpful, report it to the moderators."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from films.models.film import published_now
from reviews import limits
from reviews.forms import ReportForm
from reviews.models import Helpful, Report, Review
from reviews.templatetags.stars import found_helpful


@require_POST
def helpful(request: HttpRequest, pk: int) -> HttpResponse:
    """Find a review helpful (`helpful=1`), or no longer (`0`); without either, the other way round.

    403 for one's own. Back to the review's place on the page that it was found on.
    """
    wants_json = request.headers.get("Accept") == "application/json"
    review: Any = get_object_or_404(Review.objects.published().for_reading(request.user), pk=pk)
    if not request.user.is_authenticated:
        if wants_json:
            return JsonResponse({"message": _("Sign in to say so.")}, status=403)
        return redirect_to_login(review.get_absolute_url())
    found = _found(request, review)
    if wait := limits.too_many(
        "helpful", request.user.pk, settings.HELPFUL_A_MINUTE, limits.MINUTE
    ):
        return limits.refuse(request, wait)
    _mark(review, request, found)
    if wants_json:
        count = review.tally.helpful
        return JsonResponse({"helpful": found, "count": count, "words": found_helpful(count)})
    return redirect(_place(request, review))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the moderators about a review, once; afterwards, what became of that.

    403 for one's own. Who has reported a review sees that also when it is hidden.
    """
    if made := _report_made(request, pk):
        context = {"report": made, "review": made.review, "film": made.review.film}
        status = 409 if request.method == "POST" else 200
        return render(request, "reviews/report.html", context, status=status)
    seen = Review.objects.visible_to(request.user).select_related("film", "author")
    review = get_object_or_404(seen, pk=pk)
    if review.author_id == request.user.pk:
        raise PermissionDenied
    member: Any = request.user
    form = ReportForm(
        request.POST if request.method == "POST" else None,
        instance=Report(review=review, member=member),
    )
    if request.method != "POST":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, 400)
    if wait := limits.too_many("report", request.user.pk, settings.REPORTS_AN_HOUR, limits.HOUR):
        problem = _(
            "These are too many reports. This one is not stored: try again in %(n)d minutes."
        )
        form.add_error(None, problem % {"n": -(-wait // 60)})
        return _form(request, form, 429, wait)
    _store(form.instance)
    messages.success(request, _("Thank you. A moderator will look at this review."))
    return redirect(review)


def _found(request: HttpRequest, review: Any) -> bool:
    """What the member says of a review. Raises what becomes 403 for one's own, 400 for nonsense."""
    if review.author_id == request.user.pk:
        raise PermissionDenied
    said = {"1": True, "0": False, "": not review.found_helpful}
    found = said.get(request.POST.get("helpful", ""))
    if found is None:
        raise BadRequest("helpful is 1 or 0")
    return found


def _mark(review: Review, request: HttpRequest, found: bool) -> None:
    if not found:
        Helpful.objects.take_back(review, request.user)
        return
    try:
        Helpful.objects.mark(review, request.user)
    except IntegrityError as error:  # the review or the member was deleted meanwhile
        raise Http404 from error


def _place(request: HttpRequest, review: Review) -> str:
    """Where the review stands: on the page that was sent along, if it is ours; else on its own."""
    page = request.POST.get("next", "").partition("#")[0]
    hosts, encrypted = {request.get_host()}, request.is_secure()
    if page.startswith("/") and url_has_allowed_host_and_scheme(page, hosts, encrypted):
        return f"{page}#review-{review.pk}"
    return review.get_absolute_url()


def _report_made(request: HttpRequest, pk: int) -> Report | None:
    """This member's report of the review, if there is one and the film is still to be seen."""
    mine = Report.objects.filter(published_now("review__film"), review=pk, member=request.user.pk)
    return mine.select_related("review__film", "review__author").first()


def _store(made: Report) -> None:
    """Store a report. The same one sent twice at once is one."""
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if not Report.objects.filter(review=made.review_id, member=made.member_id).exists():
            raise Http404 from error  # the review or the member was deleted meanwhile


def _form(request: HttpRequest, form: ReportForm, status: int = 200, wait: int = 0) -> HttpResponse:
    review = form.instance.review
    context = {"form": form, "review": review, "film": review.film}
    answer = render(request, "reviews/report.html", context, status=status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer
