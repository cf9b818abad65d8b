"""Addresses of films, people, genres and pictures."""

from django.urls import path

from films.views.browse import film_list, genre
from films.views.collections import collection, collection_list
from films.views.feeds import collection_feed, film_feed
from films.views.film import film
from films.views.media import media
from films.views.people import person

app_name = "films"
urlpatterns = [
    path("films/", film_list, name="list"),
    path("films/<slug:slug>/", film, name="film"),
    path("people/<slug:slug>/", person, name="person"),
    path("genres/<slug:slug>/", genre, name="genre"),
    path("collections/", collection_list, name="collections"),
    path("collections/<slug:slug>/", collection, name="collection"),
    path("collections/<slug:slug>/films.atom", collection_feed, name="collection_feed"),
    path("feeds/films.atom", film_feed, name="film_feed"),
    path("media/<path:name>", media, name="media"),
]
