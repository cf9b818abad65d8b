"""How a film's audience score is worked out: for readers, and as JSON for programs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from films.models import Film
from reviews.history import history
from reviews.models import AudienceScore
from reviews.models.score import RANK_PERCENT, RANK_VOTES
from reviews.models.vote import SCORES, stars_text
from reviews.views.films import with_film


@require_safe
@with_film(drafts=True)
def score(request: HttpRequest, film: Film) -> HttpResponse:
    """The formula with this film's own numbers, its votes as a table and over time, what is set
    aside.
    """
    tally = _tally(film)
    context = {
        "film": film,
        "score": tally,
        "rows": _rows(tally),
        "history": history(film) if tally.is_shown else None,
        "highest_sum": tally.votes * SCORES[-1],
        "minimum": settings.AUDIENCE_SCORE_MIN_VOTES,
        "rank_votes": RANK_VOTES,
        "rank_percent": RANK_PERCENT // 100,
        "rank_points": RANK_VOTES * RANK_PERCENT,
        "rank_divisor": tally.votes + RANK_VOTES,
        "rank_text": f"{tally.rank // 100}.{tally.rank % 100:02}",
    }
    return render(request, "reviews/score.html", context)


@require_safe
@with_film(drafts=True)
def score_json(request: HttpRequest, film: Film) -> JsonResponse:
    """The tally in whole numbers. `percent` is in hundredths, null below the minimum."""
    tally = _tally(film)
    return JsonResponse(
        {
            "film": film.slug,
            "percent": tally.percent if tally.is_shown else None,
            "votes": tally.votes,
            "votes_needed": tally.votes_needed,
            "points": tally.points,
            "histogram": tally.histogram,
            "held": tally.held,
            "discounted": tally.discounted,
        }
    )


def _tally(film: Film) -> AudienceScore:
    """The film's score; one of no votes, not stored, where the film has no row."""
    if hasattr(film, "audience_score"):
        tally: AudienceScore = film.audience_score
        return tally
    return AudienceScore(film=film, votes=0, points=0, percent=None, rank=RANK_PERCENT)


def _rows(tally: AudienceScore) -> list[dict[str, Any]]:
    """The histogram as a table, five stars first: stars, votes, points and share in per cent."""
    rows = []
    for number, count in reversed(list(zip(SCORES, tally.histogram, strict=True))):
        tenths = (count * 2000 + tally.votes) // (tally.votes * 2) if tally.votes else 0
        rows.append(
            {
                "stars": stars_text(number),
                "number": number,
                "count": count,
                "points": count * number,
                "share": f"{tenths // 10}.{tenths % 10}",
            }
        )
    return rows
