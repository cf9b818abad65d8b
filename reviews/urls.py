"""Addresses of votes, scores and reviews."""

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("films/<slug:slug>/score/", views.score, name="score"),
    path("films/<slug:slug>/score.json", views.score_json, name="score_json"),
    path("films/<slug:slug>/vote/", views.vote, name="vote"),
    path("films/<slug:slug>/vote/withdraw/", views.withdraw, name="withdraw"),
    path("films/<slug:slug>/reviews/", views.film_reviews, name="film_reviews"),
    path("films/<slug:slug>/reviews/write/", views.write_review, name="write"),
    path("reviews/<int:pk>/delete/", views.delete_review, name="delete"),
]
