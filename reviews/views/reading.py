"""Reading reviews: a film's, the latest of all films, one with its own address, its earlier texts.

A film's reviews are sorted and filtered by their tallies, by number alone; only the twenty of a
page are then read. So the last of ten thousand costs what the first one does.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from films.filters import Filter
from films.models import Film
from reviews import structured
from reviews.changes import changed
from reviews.models import Review, ReviewTally
from reviews.models.review import may_moderate_reviews
from reviews.models.vote import SCORES
from reviews.templatetags.stars import stars_words
from reviews.views.films import with_film
from reviews.views.paging import page_of

REVIEWS_A_PAGE = 20
MOST_LATEST = 1_000  # reviews of all films that the list of the latest reaches back
SORTS = {
    "helpful": (_("Most helpful"), ("-tally__helpful", "-tally__review_id")),
    "newest": (_("Newest"), ("-written_at", "pk")),
    "highest": (_("Highest vote"), ("-tally__score", "-tally__review_id")),
    "lowest": (_("Lowest vote"), ("tally__score", "tally__review_id")),
}
DEFAULT_SORT = "helpful"
BY_VOTE = {"highest", "lowest"}  # where a review without a vote has no place


@require_safe
@with_film(drafts=True)
def film_reviews(request: HttpRequest, film: Film) -> HttpResponse:
    """All published reviews of the film; `sort`, `score` (1 to 10) and `page` in the query.

    Moderators see among them, and first, those that are set aside; a member sees their own above.
    """
    everything = may_moderate_reviews(request.user)
    tallies = _tallies(film, everything)
    counts = dict(tallies.order_by().values_list("score").annotate(Count("pk")))
    by_score, by_sort = _filters(request, counts)
    score, sort = int(by_score.chosen or 0) or None, by_sort.chosen or DEFAULT_SORT
    left_out = counts.get(None, 0) if sort in BY_VOTE and not score else 0
    total = counts.get(score, 0) if score else sum(counts.values()) - left_out
    numbers = _numbers(film, everything, sort, score)
    rows = Rows(numbers, _order(sort, everything), total, film, request.user)
    known = {"score": by_score.chosen, "sort": sort if sort != DEFAULT_SORT else ""}
    context = {
        "film": film,
        "filters": [by_score, by_sort],
        "is_empty": not counts,
        "total": total,
        "left_out": left_out,
        "own": _own_set_aside(film, request),
        **page_of(
            rows, request, REVIEWS_A_PAGE, {key: word for key, word in known.items() if word}
        ),
    }
    return render(request, "reviews/film_reviews.html", context)


@require_safe
def latest_reviews(request: HttpRequest) -> HttpResponse:
    """The latest thousand published reviews of all films, the newest first."""
    found = Review.objects.published().for_reading(request.user).select_related("author", "film")
    found = found.defer("film__synopsis", "film__essay").newest()[:MOST_LATEST]
    context = page_of(found, request, REVIEWS_A_PAGE, {})
    return render(request, "reviews/latest.html", context)


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One review, whole. 404 for those who may not see it."""
    found = Review.objects.visible_to(request.user).for_reading(request.user)
    found = found.select_related("author", "film").defer("film__synopsis", "film__essay")
    read = get_object_or_404(found, pk=pk)
    context = {
        "review": read,
        "film": read.film,
        "description": structured.description(read),
        "json_ld": structured.review(read),
    }
    return render(request, "reviews/review.html", context)


@require_safe
@login_required
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What its author changed in a review, one change a page, the latest first.

    For the author and moderators; 404 for everybody else.
    """
    found = Review.objects.visible_to(request.user).select_related("author", "film")
    read = get_object_or_404(found, pk=pk)
    if read.author_id != request.user.pk and not may_moderate_reviews(request.user):
        raise Http404
    listed = page_of(read.revisions.all(), request, 1, {})
    context = {"review": read, "film": read.film, **listed}
    for older in listed["page"]:
        number = listed["page"].number
        newer = read.revisions.all()[number - 2] if number > 1 else read
        context |= {
            "older": older,
            "newer": newer,
            "newer_at": newer.written_at if number > 1 else read.edited_at,
            "headline": changed(older.headline, newer.headline),
            "body": changed(older.body, newer.body),
        }
    return render(request, "reviews/changes.html", context)


class Rows:
    """A film's reviews in an order, for a paginator: `total` of them, read a page at a time.

    `numbers` are all of theirs in the order, which index and `order` alike spell.
    """

    def __init__(
        self, numbers: QuerySet[Any, int], order: list[str], total: int, film: Film, reader: Any
    ) -> None:
        self.numbers, self.order, self.total = numbers, order, total
        self.film, self.reader = film, reader

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, part: slice) -> list[Review]:
        """The reviews of a page, found from whichever end is nearer; one query."""
        start, stop = part.start, min(part.stop, self.total)
        if stop <= start:
            return []
        numbers = self.numbers[start:stop]
        if start > self.total - stop:
            numbers = self.numbers.reverse()[self.total - stop : self.total - start]
        found = Review.objects.for_reading(self.reader).filter(pk__in=numbers)
        reviews = list(found.order_by(*self.order))
        for each in reviews:
            each.film = self.film
        return [each for each in reviews if each.is_published or may_moderate_reviews(self.reader)]


def _tallies(film: Film, everything: bool) -> QuerySet[ReviewTally]:
    """The tallies of the film's reviews: of the published ones, or of `everything`."""
    tallies = ReviewTally.objects.filter(film=film)
    if everything:
        return tallies
    return tallies.published() if film.is_published else tallies.none()


def _numbers(film: Film, everything: bool, sort: str, score: int | None) -> QuerySet[Any, int]:
    """The numbers of the film's reviews in order."""
    order = _order(sort, everything)
    if sort == "newest":
        found = film.reviews.all() if everything else film.reviews.published()
        if score:
            found = found.filter(tally__film=film, tally__score=score)
        return found.order_by(*order).values_list("pk", flat=True)
    tallies = _tallies(film, everything)
    if score:
        tallies = tallies.filter(score=score)
    elif sort in BY_VOTE:
        tallies = tallies.filter(score__isnull=False)
    of_tally = [field.replace("tally__", "") for field in order]
    return tallies.order_by(*of_tally).values_list("review_id", flat=True)


def _order(sort: str, everything: bool) -> list[str]:
    """The order of reviews, as fields. Of `everything`, those that are set aside come first.

    The others' order is an index's from end to end: PostgreSQL sorts them all otherwise.
    """
    first = ["status" if sort == "newest" else "tally__is_published"] if everything else []
    return [*first, *SORTS[sort][1]]


def _filters(request: HttpRequest, counts: dict[int | None, int]) -> tuple[Filter, Filter]:
    """By score, with how many reviews have each, and by sort; what the query chose is chosen."""
    offered = {str(n): f"{stars_words(n)} ({counts.get(n, 0)})" for n in reversed(SCORES)}
    score = Filter("score", _("Their vote"), offered)
    sorts = Filter(
        "sort", _("Sort by"), {name: str(label) for name, (label, _order) in SORTS.items()}
    )
    for each in (score, sorts):
        each.choose(request.GET.get(each.name, ""))
    return score, sorts


def _own_set_aside(film: Film, request: HttpRequest) -> Review | None:
    """The reader's own review where it is held or hidden; moderators have it in the list."""
    if not request.user.is_authenticated or may_moderate_reviews(request.user):
        return None
    own = Review.objects.visible_to(request.user).filter(film=film, author=request.user)
    return own.exclude(status=Review.Status.PUBLISHED).for_reading(request.user).first()
