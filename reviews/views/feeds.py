"""Feeds of reviews: the latest of all films, and one film's."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from films.feeds import ENTRIES, SUMMARY, Entry, atom
from films.models import Film
from films.text import plain_text
from reviews.models import Review
from reviews.models.review import ReviewQuerySet
from reviews.models.vote import stars_text
from reviews.views.films import with_film


@require_safe
def review_feed(request: HttpRequest) -> HttpResponse:
    """The latest reviews that everybody may read."""
    entries = _entries(Review.objects.published())
    return atom(_("Reviews"), reverse("reviews:latest"), request.path, entries)


@require_safe
@with_film()
def film_review_feed(request: HttpRequest, film: Film) -> HttpResponse:
    """The latest reviews of one published film."""
    entries = _entries(Review.objects.published().filter(film=film))
    title = _("Reviews of %(film)s") % {"film": film}
    return atom(title, reverse("reviews:film_reviews", args=[film.slug]), request.path, entries)


def _entries(reviews: ReviewQuerySet) -> list[Entry]:
    found = reviews.with_author_score().select_related("author", "film")
    latest = found.defer("film__synopsis", "film__essay").order_by("-written_at", "-pk")
    return [_entry(review) for review in latest[:ENTRIES]]


def _entry(review: Review) -> Entry:
    """One review; of one that gives away the ending neither headline nor text."""
    sealed = review.gives_away_ending
    score = getattr(review, "author_score", None)
    words = [str(review.film), stars_text(score) + " ★" if score else ""]
    headline = "" if sealed else review.headline
    text = _("This review gives away the ending.") if sealed else plain_text(review.body, SUMMARY)
    return Entry(
        number=f"review/{review.pk}",
        title=": ".join(filter(None, (", ".join(filter(None, words)), headline))),
        address=review.get_absolute_url(),
        text=text,
        author=review.author.name,
        published_at=review.written_at,
        updated_at=review.edited_at or review.written_at,
    )
