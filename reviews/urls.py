"""Addresses of votes, scores, charts, reviews, watchlists and members."""

from django.urls import path

from reviews import views
from reviews.views.feeds import film_review_feed, review_feed

app_name = "reviews"
urlpatterns = [
    path("films/<slug:slug>/score/", views.score, name="score"),
    path("films/<slug:slug>/score.json", views.score_json, name="score_json"),
    path("films/<slug:slug>/vote/", views.vote, name="vote"),
    path("films/<slug:slug>/vote/withdraw/", views.withdraw, name="withdraw"),
    path("films/<slug:slug>/reviews/", views.film_reviews, name="film_reviews"),
    path("films/<slug:slug>/reviews/write/", views.write_review, name="write"),
    path("films/<slug:slug>/watchlist/", views.keep, name="keep"),
    path("films/<slug:slug>/reviews.atom", film_review_feed, name="film_review_feed"),
    path("charts/", views.charts, name="charts"),
    path("charts/<slug:name>/", views.chart, name="chart"),
    path("feeds/reviews.atom", review_feed, name="review_feed"),
    path("reviews/", views.latest_reviews, name="latest"),
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/<int:pk>/changes/", views.changes, name="changes"),
    path("reviews/<int:pk>/helpful/", views.helpful, name="helpful"),
    path("reviews/<int:pk>/report/", views.report, name="report"),
    path("reviews/<int:pk>/delete/", views.delete_review, name="delete"),
    path("members/<str:username>/", views.member, name="member"),
    path("members/<str:username>/votes/", views.member_votes, name="member_votes"),
    path("members/<str:username>/reviews/", views.member_reviews, name="member_reviews"),
    path("members/<str:username>/watchlist/", views.member_watchlist, name="member_watchlist"),
    path("account/profile/", views.profile, name="profile"),
    path("account/watchlist/", views.own_watchlist, name="watchlist"),
    path("account/data/", views.account_data, name="own_data"),
    path("account/data/export/", views.export, name="export"),
    path("account/import/", views.bring, name="bring"),
    path("account/import/<str:token>/", views.brought, name="brought"),
    path("account/import/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("account/delete/", views.delete_account, name="delete_account"),
    path("account/deleted/", views.account_deleted, name="account_deleted"),
]
