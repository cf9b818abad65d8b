"""Addresses of films, people and genres."""

from django.urls import path

from films.views import media
from films.views import pages as views

app_name = "films"
urlpatterns = [
    path("films/", views.film_list, name="list"),
    path("films/<slug:slug>/", views.film, name="film"),
    path("media/<path:name>", media.media, name="media"),
]
