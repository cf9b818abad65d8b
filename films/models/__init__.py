"""What editors say: films and their facts, people, classification, collections, pages."""

from films.models.classification import Certificate, Country, FilmCertificate, Genre
from films.models.collections import Collection, CollectionEntry
from films.models.film import AlternativeTitle, Film, FilmQuerySet, FilmSlug, Tagline
from films.models.likeness import Likeness
from films.models.pages import Page
from films.models.people import Credit, Person

__all__ = [
    "AlternativeTitle",
    "Certificate",
    "Collection",
    "CollectionEntry",
    "Country",
    "Credit",
    "Film",
    "FilmCertificate",
    "FilmQuerySet",
    "FilmSlug",
    "Genre",
    "Likeness",
    "Page",
    "Person",
    "Tagline",
]
