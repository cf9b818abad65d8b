"""Pages and actions of what members say: votes, scores, reviews, their own pages and accounts."""

from reviews.views.members import (
    member,
    member_reviews,
    member_votes,
    member_watchlist,
    profile,
)
from reviews.views.reviewing import delete_review, film_reviews, write_review
from reviews.views.scores import score, score_json
from reviews.views.voting import vote, withdraw
from reviews.views.watchlist import keep, own_watchlist

__all__ = [
    "delete_review",
    "film_reviews",
    "keep",
    "member",
    "member_reviews",
    "member_votes",
    "member_watchlist",
    "own_watchlist",
    "profile",
    "score",
    "score_json",
    "vote",
    "withdraw",
    "write_review",
]
