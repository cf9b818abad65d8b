"""Addresses of votes, scores and reviews."""

app_name = "reviews"
urlpatterns: list[object] = []
