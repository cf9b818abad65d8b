"""What a file says about a film: the row every reader yields, and the values in it.

A value that cannot be one is a RowRefusedError with a sentence; nothing is cut or guessed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from films.importing.cleaning import one_line
from films.importing.credits import CreditLine
from films.languages import LANGUAGES
from films.models import Collection, Film, Genre, Tagline

EARLIEST_YEAR, LATEST_YEAR = 1870, 2200
LARGEST_ID = 2_147_483_647
LONGEST_RUNTIME = 32_767
MOST_CREDITS = 5_000
_is_address = URLValidator(["http", "https"])


class RowRefusedError(Exception):
    """The row cannot be imported; the message says why."""


@dataclass(frozen=True)
class FilmRow:
    """One film as a file has it. Empty and None mean that the file does not say.

    `countries` are codes or names, `certificates` pairs of a board (or a country's code, or
    nothing for the home country's board) and a label: the planner knows which exist. `released`
    is False where the source itself says that the film is not out.
    """

    line: int
    title: str
    original_title: str = ""
    release_date: date | None = None
    release_year: int | None = None
    runtime: int | None = None
    genres: tuple[str, ...] = ()
    taglines: tuple[str, ...] = ()
    certificates: tuple[tuple[str, str], ...] = ()
    synopsis: str = ""
    essay: str = ""
    essay_headline: str = ""
    essay_byline: str = ""
    countries: tuple[str, ...] = ()
    original_language: str = ""
    website: str = ""
    trailer_url: str = ""
    poster: str = ""
    poster_alt: str = ""
    imdb_id: str = ""
    tmdb_id: int | None = None
    credits: tuple[CreditLine, ...] = ()
    collections: tuple[str, ...] = ()
    released: bool = True
    notes: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        return self.release_date.year if self.release_date else self.release_year

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title


@dataclass(frozen=True)
class Refusal:
    """A row that was not even read as a film: its line, its title where known, the reason."""

    line: int
    reason: str
    title: str = ""


def fitting(field: str, text: str) -> str:
    """The text, where it fits into that column of the film; else RowRefusedError."""
    return fitting_length(field, text, getattr(Film._meta.get_field(field), "max_length", 0))


def fitting_length(field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise RowRefusedError(
            _("%(field)s has %(length)d characters; %(most)d fit.")
            % {"field": field, "length": len(text), "most": most}
        )
    return text


def title_of(text: str) -> str:
    if not (title := one_line(text)):
        raise RowRefusedError(_("title is empty."))
    return fitting("title", title)


def original_title_of(text: str, title: str) -> str:
    """The original title where it differs from the title, as the site keeps it."""
    original = fitting("original_title", one_line(text))
    return "" if original == title else original


def date_of(text: str) -> date | None:
    """An ISO date; None if empty."""
    if not (text := text.strip()):
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise RowRefusedError(
            _("release_date “%(text)s” is not a date such as 2010-03-18.") % {"text": text[:30]}
        ) from None
    year_of(str(day.year))
    return day


def year_of(text: str) -> int | None:
    """A year from 1870 to 2200; None if empty."""
    year = whole_number("release_year", text, LATEST_YEAR)
    if year is not None and year < EARLIEST_YEAR:
        raise RowRefusedError(
            _("The year %(year)d does not lie between %(first)d and %(last)d.")
            % {"year": year, "first": EARLIEST_YEAR, "last": LATEST_YEAR}
        )
    return year


def runtime_of(text: str) -> int | None:
    """Whole minutes, also written 104.0; None if empty or 0, which sources write for unknown."""
    return whole_number("runtime", re.sub(r"\.0+$", "", text.strip()), LONGEST_RUNTIME) or None


def whole_number(field: str, text: str, most: int) -> int | None:
    """A whole number from 0 to `most` in ASCII digits; None if empty."""
    if not (text := text.strip()):
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        raise RowRefusedError(
            _("%(field)s “%(text)s” is not a whole number up to %(most)d.")
            % {"field": field, "text": text[:30], "most": most}
        )
    return int(text)


def address_of(field: str, text: str) -> str:
    """An http or https address; empty if empty."""
    address = fitting(field, one_line(text))
    try:
        if address:
            _is_address(address)
    except ValidationError:
        raise RowRefusedError(
            _("%(field)s “%(text)s” is not an address such as https://example.org/.")
            % {"field": field, "text": address[:60]}
        ) from None
    return address


def language_of(text: str) -> str:
    """A language's code, in small letters; empty if empty."""
    code = text.strip().lower()
    if code and code not in LANGUAGES:
        raise RowRefusedError(
            _("original_language “%(text)s” is not a language's code such as en.")
            % {"text": code[:30]}
        )
    return code


def imdb_id_of(text: str) -> str:
    imdb_id = text.strip()
    if imdb_id and not re.fullmatch(r"tt\d{7,10}", imdb_id, re.ASCII):
        raise RowRefusedError(
            _("imdb_id “%(text)s” is not a number such as tt1334260.") % {"text": imdb_id[:30]}
        )
    return imdb_id


def tmdb_id_of(text: str) -> int | None:
    return whole_number("tmdb_id", text, LARGEST_ID) or None


def genres_of(names: Iterable[str]) -> tuple[str, ...]:
    most = Genre._meta.get_field("name").max_length or 0
    return tuple(fitting_length("genre", name, most) for name in each_once(names))


def taglines_of(texts: Iterable[str]) -> tuple[str, ...]:
    most = Tagline._meta.get_field("text").max_length or 0
    return tuple(fitting_length("tagline", text, most) for text in each_once(texts))


def collections_of(titles: Iterable[str]) -> tuple[str, ...]:
    most = Collection._meta.get_field("title").max_length or 0
    return tuple(fitting_length("collection", title, most) for title in each_once(titles))


def each_once(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as lines, without empty ones and without repeats in whatever case."""
    lines = {line.casefold(): line for text in reversed([*texts]) if (line := one_line(text))}
    return tuple(reversed(lines.values()))
