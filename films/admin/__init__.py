"""The editors' desk: films, people, classification, collections, the site's own pages."""

from films.admin.classification import CertificateAdmin, CountryAdmin, GenreAdmin, PageAdmin
from films.admin.collections import CollectionAdmin
from films.admin.film import FilmAdmin
from films.admin.people import CreditAdmin, PersonAdmin

__all__ = [
    "CertificateAdmin",
    "CollectionAdmin",
    "CountryAdmin",
    "CreditAdmin",
    "FilmAdmin",
    "GenreAdmin",
    "PageAdmin",
    "PersonAdmin",
]
