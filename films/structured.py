"""What pages tell machines: schema.org's Movie, Person, ItemList and BreadcrumbList as JSON-LD.

What a page does not show, or seals, is not here.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from films.models import Collection, Film, Person
from films.models.facts import Facts
from films.models.people import Billing, Department
from films.posters import poster_address
from films.text import plain_text

DESCRIPTION_LENGTH = 200  # characters
MOST_ACTORS = 12
# The JSON stands inside <script>: nothing in it may end that, or a line of it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
ESCAPES |= {0x2028: "\\u2028", 0x2029: "\\u2029"}


def description(film: Film, facts: Facts) -> str:
    """The film in one line, nothing sealed in it: from the synopsis, else the leading tagline."""
    return plain_text(film.synopsis, DESCRIPTION_LENGTH) or next(iter(facts.taglines), "")


def movie(film: Film, facts: Facts, billed: list[Billing], score: Any) -> SafeString:
    """The film as a JSON text, safe inside <script>. What is unknown is left out.

    The rating is there only with an audience score that shows: a percentage, 10 to 100.
    """
    poster = poster_address(film, 600, "jpg")
    told = {
        "@type": "Movie",
        "name": film.title,
        "alternateName": film.original_title != film.title and film.original_title,
        "url": settings.SITE_URL + film.get_absolute_url(),
        "image": poster and settings.SITE_URL + poster,
        "description": description(film, facts),
        "datePublished": str(film.release_date or film.release_year or ""),
        "duration": film.runtime and f"PT{film.runtime}M",
        "genre": [genre.name for genre in facts.genres],
        "contentRating": str(facts.certificate or ""),
        "countryOfOrigin": [{"@type": "Country", "name": name} for name in facts.countries],
        "director": _people(billed, Department.DIRECTING),
        "author": _people(billed, Department.WRITING),
        "actor": _people(billed, Department.CAST)[:MOST_ACTORS],
        "trailer": film.trailer_url and {"@type": "VideoObject", "url": film.trailer_url},
        "sameAs": [address for address in (film.website, film.imdb_url) if address],
        "aggregateRating": score and score.is_shown and _rating(score),
    }
    return as_script(told)


def person(person: Person, portrait: str, films: Iterable[Film]) -> SafeString:
    """A person with the films that their page lists; dates and portrait where known."""
    told = {
        "@type": "Person",
        "name": person.name,
        "url": settings.SITE_URL + person.get_absolute_url(),
        "image": portrait and settings.SITE_URL + portrait,
        "description": plain_text(person.biography, DESCRIPTION_LENGTH),
        "birthDate": str(person.born or ""),
        "deathDate": str(person.died or ""),
        "sameAs": person.imdb_id and f"https://www.imdb.com/name/{person.imdb_id}/",
        "subjectOf": [
            {
                "@type": "Movie",
                "name": film.title,
                "url": settings.SITE_URL + film.get_absolute_url(),
            }
            for film in films
        ],
    }
    return as_script(told)


def film_list(name: str, address: str, films: Iterable[Film], first: int = 1) -> SafeString:
    """A list of films in the page's order; `first` is the place of the first of them."""
    told = {
        "@type": "ItemList",
        "name": name,
        "url": settings.SITE_URL + address,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": film.title,
                "url": settings.SITE_URL + film.get_absolute_url(),
            }
            for place, film in enumerate(films, first)
        ],
    }
    return as_script(told)


def collection_description(collection: Collection) -> str:
    """The collection in one line, from its introduction, nothing sealed in it; may be empty."""
    return plain_text(collection.introduction, DESCRIPTION_LENGTH)


def breadcrumbs(*way: tuple[Any, str]) -> SafeString:
    """The way down to a page: the name and address of each page on it, its own last."""
    told = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": str(name),
                "item": settings.SITE_URL + address,
            }
            for place, (name, address) in enumerate(way, 1)
        ],
    }
    return as_script(told)


def as_script(told: dict[str, Any]) -> SafeString:
    """An object as a JSON text, safe inside <script>. What is empty is left out of it."""
    known = {key: value for key, value in told.items() if value}
    text = json.dumps({"@context": "https://schema.org", **known}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308 (nothing can end the script)


def _people(billed: list[Billing], department: Department) -> list[dict[str, str]]:
    names = dict.fromkeys(credit.name for credit in billed if credit.department == department)
    return [{"@type": "Person", "name": name} for name in names]


def _rating(score: Any) -> dict[str, Any]:
    return {
        "@type": "AggregateRating",
        "ratingValue": score.percent_text,
        "bestRating": 100,
        "worstRating": 10,
        "ratingCount": score.votes,
    }
