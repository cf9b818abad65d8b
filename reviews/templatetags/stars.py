"""Votes and scores as pages draw them: stars to read, stars to choose, the histogram.

Whatever has to be worked out for a drawing is worked out here, in whole numbers. The rows of
stars, of which there are a dozen kinds, are drawn once in each language.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reviews.models import AudienceScore
from reviews.models.vote import SCORES, stars_text

register = template.Library()

CHART_HEIGHT = 400  # units of the histogram's viewBox; a bar and its gap are 100 wide
SHORTEST_BAR = 6  # one vote among thousands still shows


def stars_words(score: int) -> str:
    """A score in words: 9 is `4½ of 5 stars`."""
    return _("%(stars)s of 5 stars") % {"stars": stars_text(score)}


@register.simple_tag
def stars(score: int | None) -> SafeString:
    """`{% stars 9 %}`: a row of five stars, filled by half stars; empty without a score."""
    return _stars(score, get_language())


@lru_cache(maxsize=64)
def _stars(score: int | None, language: str | None) -> SafeString:
    words = stars_words(score) if score else _("no vote")
    return render_to_string("_stars.html", {"score": score, "words": words})


@register.simple_tag
def vote_stars(chosen: int | None = None, required: bool = True) -> SafeString:
    """`{% vote_stars own_vote.score %}`: ten radio buttons named score, drawn as half stars."""
    return _vote_stars(chosen, required, get_language())


@lru_cache(maxsize=64)
def _vote_stars(chosen: int | None, required: bool, language: str | None) -> SafeString:
    halves = [
        {"score": score, "words": stars_words(score), "chosen": score == chosen, "left": score % 2}
        for score in SCORES
    ]
    return render_to_string("reviews/_vote_stars.html", {"halves": halves, "required": required})


@register.inclusion_tag("reviews/_histogram.html")
def histogram(score: AudienceScore) -> dict[str, Any]:
    """`{% histogram score %}`: ten bars, the commonest score accented, with the same in words."""
    counts = score.histogram
    most = max(counts)
    bars = []
    for number, count in zip(SCORES, counts, strict=True):
        height = max(SHORTEST_BAR, count * CHART_HEIGHT // most) if count else 0
        bars.append(
            {
                # As texts: a number in a template is written in the reader's language.
                "x": str((number - 1) * 100 + 4),
                "y": str(CHART_HEIGHT - height),
                "height": str(height),
                "leading": count == most and most not in counts[: number - 1],
            }
        )
    each = ", ".join(f"{stars_text(n)}: {c}" for n, c in zip(SCORES, counts, strict=True))
    return {"bars": bars, "words": _("Votes by stars. %(each)s.") % {"each": each}}


@register.simple_tag
def bars(score: AudienceScore) -> SafeString:
    """`{% bars score %}`: the histogram as small as a word, unspoken; empty without votes."""
    counts = score.histogram
    most = max(counts)
    if not most:
        return mark_safe("")
    drawn = "".join(
        f"M{number} 9v-{max(1, count * 9 // most)}"
        for number, count in zip(SCORES, counts, strict=True)
        if count
    )
    return format_html(
        '<svg class="bars" viewBox="0 0 11 9" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="{}"/></svg>',
        drawn,
    )


@register.simple_tag
def votes_needed(score: AudienceScore) -> str:
    """`3 of 5 votes needed`, for a film that has too few for a score."""
    wanted = settings.AUDIENCE_SCORE_MIN_VOTES
    return ngettext(
        "%(votes)d of %(wanted)d vote needed", "%(votes)d of %(wanted)d votes needed", wanted
    ) % {"votes": score.votes, "wanted": wanted}


@register.filter
def found_helpful(count: int | None) -> str:
    """`12 found this helpful`; empty where nobody did."""
    if not count:
        return ""
    return ngettext("%(n)d found this helpful", "%(n)d found this helpful", count) % {"n": count}


@register.filter
def day(value: date) -> str:
    """A day as one says it, `12 May`; with its year where that is not this year."""
    this_year = value.year == timezone.localdate().year
    return date_format(value, "j F" if this_year else "j F Y")
