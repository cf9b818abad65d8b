"""The audience score: how many votes of each number a film has, and what follows from them.

Written by the database alone, by the triggers of `reviews.tally`; `recount_scores --fix` is the
one other door. The score is the votes' mean as a share of the maximum, Σ score ÷ (10 × votes).
Everything is whole numbers: the ten counts are stored, the rest are columns generated from them.
"""

from functools import reduce
from math import isqrt
from operator import add
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _

from reviews.models.vote import SCORES

# Lists rank a film as if it had 25 more votes at 65 %: one vote of 10 does not make a favourite.
RANK_VOTES = 25
RANK_PERCENT = 6500  # hundredths of a per cent
MILLION = Value(10**6)

_votes = reduce(add, (F(f"n{score}") for score in SCORES))
_points = reduce(add, (F(f"n{score}") * Value(score) for score in SCORES))
_squares = reduce(add, (F(f"n{score}") * Value(score**2) for score in SCORES))
# Σ score² − (Σ score)² ÷ votes, in millionths. The mean is taken in millionths before it is
# multiplied, so that no product leaves 64 bits below 90 billion votes.
_deviation = _squares * MILLION - _points * (_points * MILLION / NullIf(_votes, Value(0)))


def _generated(expression: Any, null: bool = False) -> Any:
    return models.GeneratedField(
        expression=expression,
        output_field=models.PositiveBigIntegerField(null=null),
        db_persist=True,
    )


def _count() -> Any:
    return models.PositiveBigIntegerField(default=0, db_default=0)


def percent_of(points: int, votes: int) -> int | None:
    """The score of so many votes that add up to `points`, in hundredths of a per cent.

    As the database works it out: half rounded up, None without votes.
    """
    return (points * 2000 + votes) // (votes * 2) if votes else None


def percent_text(percent: int) -> str:
    """Hundredths of a per cent as pages write them: 6853 is `68.53`."""
    return f"{percent // 100}.{percent % 100:02}"


class AudienceScore(models.Model):
    """One film's tally. A film without a row has no votes."""

    film = models.OneToOneField(
        "films.Film", models.CASCADE, primary_key=True, related_name="audience_score"
    )
    n1, n2, n3, n4, n5 = _count(), _count(), _count(), _count(), _count()
    n6, n7, n8, n9, n10 = _count(), _count(), _count(), _count(), _count()
    held = _count()
    discounted = _count()
    votes = _generated(_votes)
    points = _generated(_points)
    # points ÷ (10 × votes) in hundredths of a per cent, half rounded up: 6853 is 68.53 %.
    percent = _generated(
        (_points * Value(2000) + _votes) / NullIf(_votes * Value(2), Value(0)), null=True
    )
    rank = _generated(
        (_points * Value(1000) + Value(RANK_VOTES * RANK_PERCENT)) / (_votes + Value(RANK_VOTES))
    )
    # How far votes lie apart: their variance in millionths, as if 25 more agreed with their mean,
    # so that a handful does not lead. Null without votes.
    spread_rank = _generated(_deviation / (_votes + Value(RANK_VOTES)), null=True)

    class Meta:
        verbose_name = _("audience score")
        verbose_name_plural = _("audience scores")
        indexes = [
            # With the votes, so that who has none or too few is passed over without a look.
            models.Index(fields=["-rank", "film", "votes"], name="score_rank"),
            models.Index(fields=["-votes", "film", "percent"], name="score_votes"),
            models.Index(fields=["-spread_rank", "film", "votes"], name="score_spread"),
        ]

    def __str__(self) -> str:
        return f"{self.percent_text} % of {self.votes}" if self.votes else "no votes"

    @property
    def histogram(self) -> list[int]:
        """How many votes of each score, 1 to 10: ten whole numbers."""
        return [getattr(self, f"n{score}") for score in SCORES]

    @property
    def votes_needed(self) -> int:
        """How many more votes until the score is shown; 0 once it is."""
        needed: int = settings.AUDIENCE_SCORE_MIN_VOTES - self.votes
        return max(0, needed)

    @property
    def is_shown(self) -> bool:
        return self.votes_needed == 0

    @property
    def percent_text(self) -> str:
        """The score as pages write it, `68.53`, without the sign; empty without votes."""
        return "" if self.percent is None else percent_text(self.percent)

    @property
    def mean_stars_text(self) -> str:
        """The mean of the votes in stars of 5, half rounded up, as `3.43`; empty without votes."""
        if not self.votes:
            return ""
        return percent_text((self.points * 100 + self.votes) // (self.votes * 2))

    @property
    def spread_stars_text(self) -> str:
        """How far the votes lie from their mean: the standard deviation in stars, half rounded up.

        `0.00` where all agree, `2.25` where half say ½ and half say 5; empty without votes.
        """
        if not self.votes:
            return ""
        squares = sum(score**2 * count for score, count in zip(SCORES, self.histogram, strict=True))
        root = isqrt((squares * self.votes - self.points**2) * 10**4)
        return percent_text((root // self.votes + 1) // 2)
