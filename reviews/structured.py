"""What a review's page tells machines: schema.org's Review as JSON-LD, and its description.

Sealed words are not in them, and of a review that gives away the ending no word at all.
"""

from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from films.posters import poster_address
from films.structured import DESCRIPTION_LENGTH, as_script
from films.text import plain_text
from reviews.models import Review

BODY_LENGTH = 1_000  # characters


def description(review: Review) -> str:
    """The review in one line, nothing sealed in it; empty where it gives away the ending."""
    return "" if review.gives_away_ending else plain_text(review.body, DESCRIPTION_LENGTH)


def review(review: Review) -> SafeString:
    """A review (with `author_score`) as a JSON text, safe inside <script>.

    The rating, ½ to 5 stars, is the author's vote, and left out where there is none.
    """
    told = {
        "@type": "Review",
        "url": settings.SITE_URL + review.get_absolute_url(),
        "author": {"@type": "Person", "name": review.author.name},
        "datePublished": review.written_at.date().isoformat(),
        "dateModified": review.edited_at and review.edited_at.date().isoformat(),
        "itemReviewed": _film(review.film),
        "reviewRating": _rating(getattr(review, "author_score", None)),
    }
    if not review.gives_away_ending:
        told |= {"name": review.headline, "reviewBody": plain_text(review.body, BODY_LENGTH)}
    return as_script(told)


def _film(film: Any) -> dict[str, Any]:
    poster = poster_address(film, 600, "jpg")
    told = {
        "@type": "Movie",
        "name": film.title,
        "url": settings.SITE_URL + film.get_absolute_url(),
        "image": poster and settings.SITE_URL + poster,
        "datePublished": str(film.release_date or film.release_year or ""),
        "sameAs": film.imdb_url,
    }
    return {key: value for key, value in told.items() if value}


def _rating(score: int | None) -> dict[str, Any] | None:
    if not score:
        return None
    return {"@type": "Rating", "ratingValue": score / 2, "bestRating": 5, "worstRating": 0.5}
