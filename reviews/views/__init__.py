"""Pages and actions of what members say: votes, scores, reviews, their own pages and accounts."""

from reviews.views.bringing import bring, brought, take_back
from reviews.views.charts import chart, charts
from reviews.views.members import (
    member,
    member_reviews,
    member_votes,
    member_watchlist,
    profile,
)
from reviews.views.own_data import account_data, account_deleted, delete_account, export
from reviews.views.reading import changes, film_reviews, latest_reviews, review
from reviews.views.responses import helpful, report
from reviews.views.reviewing import delete_review, write_review
from reviews.views.scores import score, score_json
from reviews.views.voting import vote, withdraw
from reviews.views.watchlist import keep, own_watchlist

__all__ = [
    "account_data",
    "account_deleted",
    "bring",
    "brought",
    "changes",
    "chart",
    "charts",
    "delete_account",
    "delete_review",
    "export",
    "film_reviews",
    "helpful",
    "keep",
    "latest_reviews",
    "member",
    "member_reviews",
    "member_votes",
    "member_watchlist",
    "own_watchlist",
    "profile",
    "report",
    "review",
    "score",
    "score_json",
    "take_back",
    "vote",
    "withdraw",
    "write_review",
]
