"""The site's own CSV, the one the README documents."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from films.importing import rows
from films.importing.cleaning import one_line, paragraphs
from films.importing.credits import CreditLine, parse_cast, parse_job
from films.importing.rows import FilmRow, Refusal, RowRefusedError
from films.importing.table import FileRefusedError, Table

COLUMNS = [
    *("title", "original_title", "release_date", "release_year", "certificate", "runtime"),
    *("genres", "taglines", "synopsis", "essay", "essay_headline", "essay_byline"),
    *("directors", "writers", "cast", "countries", "original_language"),
    *("website", "trailer_url", "collection", "poster", "poster_alt", "imdb_id", "tmdb_id"),
]


def check_header(columns: list[str]) -> None:
    """FileRefusedError for a column that the format does not have: a misspelt one loses data."""
    if unknown := [name or _("(unnamed)") for name in columns if name not in COLUMNS]:
        raise FileRefusedError(
            _("Line 1 names unknown columns: %(unknown)s. Known are: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(COLUMNS)}
        )


def read(table: Table) -> Iterator[FilmRow | Refusal]:
    for record in table:
        if record.problem:
            yield Refusal(record.line, record.problem)
            continue
        cells = dict.fromkeys(COLUMNS, "") | record.cells
        try:
            yield _row(record.line, cells)
        except RowRefusedError as refused:
            yield Refusal(record.line, str(refused), one_line(cells["title"])[:200])


def _row(line: int, cells: dict[str, str]) -> FilmRow:
    title = rows.title_of(cells["title"])
    release_date, release_year = _release(cells)
    return FilmRow(
        line=line,
        title=title,
        original_title=rows.original_title_of(cells["original_title"], title),
        release_date=release_date,
        release_year=None if release_date else release_year,
        runtime=rows.runtime_of(cells["runtime"]),
        genres=rows.genres_of(cells["genres"].split("|")),
        taglines=rows.taglines_of(cells["taglines"].split("|")),
        certificates=tuple(
            _certificate(text) for text in rows.each_once(_listed(cells, "certificate"))
        ),
        synopsis=rows.fitting("synopsis", paragraphs(cells["synopsis"])),
        essay=rows.fitting("essay", paragraphs(cells["essay"])),
        essay_headline=rows.fitting("essay_headline", one_line(cells["essay_headline"])),
        essay_byline=rows.fitting("essay_byline", one_line(cells["essay_byline"])),
        countries=rows.each_once(_listed(cells, "countries")),
        original_language=rows.language_of(cells["original_language"]),
        website=rows.address_of("website", cells["website"]),
        trailer_url=rows.address_of("trailer_url", cells["trailer_url"]),
        poster=_poster(cells["poster"]),
        poster_alt=rows.fitting("poster_alt", one_line(cells["poster_alt"])),
        imdb_id=rows.imdb_id_of(cells["imdb_id"]),
        tmdb_id=rows.tmdb_id_of(cells["tmdb_id"]),
        credits=_credits(cells),
        collections=rows.collections_of(_listed(cells, "collection")),
    )


def _release(cells: dict[str, str]) -> tuple[date | None, int | None]:
    day, year = rows.date_of(cells["release_date"]), rows.year_of(cells["release_year"])
    if day and year and day.year != year:
        raise RowRefusedError(
            _("release_year %(year)d is not the year of release_date %(day)s.")
            % {"year": year, "day": day}
        )
    return day, year


def _listed(cells: dict[str, str], column: str) -> list[str]:
    return cells[column].split("|")


def _certificate(text: str) -> tuple[str, str]:
    board, colon, label = text.partition(":")
    return (board.strip(), label.strip()) if colon else ("", text)


def _poster(text: str) -> str:
    name = text.strip()
    if re.search(r"[/\\:\x00-\x1f]", name) or name.startswith("."):
        raise RowRefusedError(
            _("poster “%(name)s” is not the name of a file beside the table.") % {"name": name[:60]}
        )
    return rows.fitting_length("poster", name, 200)


def _credits(cells: dict[str, str]) -> tuple[CreditLine, ...]:
    readers: dict[str, Callable[[str], CreditLine]] = {
        "directors": lambda name: parse_job(name, "director"),
        "writers": lambda name: parse_job(name, "writer"),
        "cast": parse_cast,
    }
    found: list[CreditLine] = []
    for column, parse in readers.items():
        for text in filter(str.strip, _listed(cells, column)):
            try:
                found.append(parse(text))
            except ValidationError as error:
                raise RowRefusedError(f"{column}: {error.message}") from error
    if len(found) > rows.MOST_CREDITS:
        raise RowRefusedError(_("The film has more than %(n)d credits.") % {"n": rows.MOST_CREDITS})
    return tuple(dict.fromkeys(found))
