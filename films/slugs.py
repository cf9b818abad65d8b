"""Slugs: a film's or a person's part of an address, made from its name, and kept when it changes.

`never-let-me-go-2010`. Scripts other than Latin are transliterated; what leaves nothing behind
("???") becomes the kind of thing it is. The database remembers a film's earlier slugs.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import count

from anyascii import anyascii
from django.urls import reverse
from django.utils.text import slugify

from films.triggers import Trigger

LONGEST = 100  # characters before the year and the number that tells namesakes apart


def make_slug(name: str, kind: str, year: int | None = None) -> str:
    """The slug a name asks for: at most LONGEST characters, then the year where it is known."""
    words = slugify(anyascii(name.replace("&", " and ")))[: LONGEST + 1]
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition("-")[0] or words[:LONGEST]
    stem = words.strip("-_") or kind
    return f"{stem}-{year}" if year else stem


@lru_cache(maxsize=4096)
def address(page: str, slug: str) -> str:
    """The address of `films:person` or the like. Remembered, since a page prints up to a hundred
    of them, and each takes as long to work out as a small query.
    """
    return reverse(page, args=[slug])


def free_slug(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3` … that nobody has."""
    if not is_taken(wanted):
        return wanted
    return next(slug for n in count(2) if not is_taken(slug := f"{wanted}-{n}"))


# An old address leads to the film for ever: whoever changes the slug, by whatever door.
HISTORY = Trigger(
    name="films_slug_history",
    table="films_film",
    sqlite="""AFTER UPDATE OF slug ON films_film WHEN OLD.slug <> NEW.slug BEGIN
        DELETE FROM films_filmslug WHERE slug IN (OLD.slug, NEW.slug);
        INSERT INTO films_filmslug (film_id, slug) VALUES (OLD.id, OLD.slug);
    END""",
    postgresql_event=(
        "AFTER UPDATE OF slug ON films_film FOR EACH ROW WHEN (OLD.slug <> NEW.slug)"
    ),
    postgresql="""
        DELETE FROM films_filmslug WHERE slug IN (OLD.slug, NEW.slug);
        INSERT INTO films_filmslug (film_id, slug) VALUES (OLD.id, OLD.slug);
    """,
)
