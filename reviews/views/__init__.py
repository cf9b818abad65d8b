"""Pages and actions of votes, scores and reviews, for readers and members."""

from reviews.views.reviewing import delete_review, film_reviews, write_review
from reviews.views.scores import score, score_json
from reviews.views.voting import vote, withdraw

__all__ = [
    "delete_review",
    "film_reviews",
    "score",
    "score_json",
    "vote",
    "withdraw",
    "write_review",
]
