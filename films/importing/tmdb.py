"""TMDB's data: the table pair "TMDB 5000", and films as TMDB's API gives them, in JSON.

TMDB's vote average and count are somebody else's votes: they are not read.
"""

import json
from array import array
from collections.abc import Iterator
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from films.importing import rows
from films.importing.cleaning import as_markdown, one_line
from films.importing.credits import CreditLine, checked
from films.importing.rows import FilmRow, Refusal, RowRefusedError
from films.importing.table import FileRefusedError, Table
from films.models.people import Department

MOVIE_COLUMNS = {"id", "title", "overview", "release_date", "genres"}
CREDIT_COLUMNS = {"movie_id", "cast", "crew"}
LARGEST_JSON = 64 * 2**20  # bytes: JSON is read as a whole
DEPARTMENTS = {
    "Directing": Department.DIRECTING,
    "Writing": Department.WRITING,
    "Production": Department.PRODUCTION,
    "Camera": Department.CAMERA,
    "Lighting": Department.CAMERA,
    "Editing": Department.EDITING,
    "Sound": Department.MUSIC,
    "Art": Department.ART,
    "Costume & Make-Up": Department.COSTUME,
    "Visual Effects": Department.EFFECTS,
}
DIRECTORS = {"Director", "Co-Director", "Special Guest Director"}
NO_WRITERS = {"Storyboard", "Script Editor", "Script Consultant", "Story Editor", "Other"}
NO_WRITERS |= {"Creative Producer"}

# Kinds of release, TMDB's numbers: the certificate of the cinemas comes first.
CINEMAS_FIRST = (3, 2, 1, 4, 5, 6)
Film = dict[str, Any]


# --- The tables -----------------------------------------------------------------------------------


class CreditTable:
    """The credits of each film by its TMDB number, found again by their place in the file.

    Keeps 16 bytes a film, not the credits. FileRefusedError for another kind of table.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._table = Table(stream)
        if not set(self._table.columns) >= CREDIT_COLUMNS:
            raise FileRefusedError(
                _("The credits' first line names no columns movie_id, cast and crew.")
            )
        self._places: dict[int, int] = {}
        self._starts, self._lines = array("Q"), array("Q")
        start = self._table.offset
        for record in self._table:
            number = record.cells.get("movie_id", "").strip()
            if number.isascii() and number.isdigit():
                self._places.setdefault(int(number), len(self._starts))
                self._starts.append(start)
                self._lines.append(record.line)
            start = self._table.offset

    def of(self, number: int | None) -> Film:
        """The film's `cast` and `crew` as JSON text; empty where the table does not have it."""
        place = self._places.get(number or 0)
        if place is None:
            return {}
        record = self._table.record_at(self._starts[place], self._lines[place])
        return {"cast": record.cells.get("cast", ""), "crew": record.cells.get("crew", "")}


def read_table(table: Table, credit_table: CreditTable | None) -> Iterator[FilmRow | Refusal]:
    for record in table:
        if record.problem:
            yield Refusal(record.line, record.problem)
            continue
        film: Film = dict(record.cells)
        try:
            for column in ("genres", "production_countries"):
                film[column] = _json_list(column, film.get(column, ""))
            film["credits"] = {
                column: _json_list(column, text)
                for column, text in _credits_of(film, credit_table).items()
            }
            yield _row(record.line, film)
        except RowRefusedError as refused:
            yield Refusal(record.line, str(refused), _text(film, "title")[:200])


def _credits_of(film: Film, credit_table: CreditTable | None) -> Film:
    return credit_table.of(rows.tmdb_id_of(_text(film, "id"))) if credit_table else {}


def _json_list(column: str, text: str) -> list[Any]:
    try:
        found = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise RowRefusedError(_("%(column)s is not a list in JSON.") % {"column": column})
    return found


# --- JSON -----------------------------------------------------------------------------------------


def read_json(stream: IO[bytes]) -> Iterator[FilmRow | Refusal]:
    """One film, a list of films, or one film a line."""
    raw = stream.read(LARGEST_JSON + 1)
    if len(raw) > LARGEST_JSON:
        raise FileRefusedError(
            _("The JSON has more than %(most)d MB: split it.") % {"most": LARGEST_JSON // 2**20}
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefusedError(_("Line %(line)d is not UTF-8.") % {"line": line}) from error
    for line, film in _films(text):
        try:
            if not isinstance(film, dict):
                raise RowRefusedError(_("This is not a film in JSON."))
            yield _row(line, film)
        except RowRefusedError as refused:
            title = _text(film, "title")[:200] if isinstance(film, dict) else ""
            yield Refusal(line, str(refused), title)


def _films(text: str) -> Iterator[tuple[int, Any]]:
    """Each film with its line; None in place of what is not JSON, going on at the next line."""
    decoder, place, line, counted = json.JSONDecoder(), 0, 1, 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,[]":
            place += 1
        if place == len(text):
            return
        line, counted = line + text.count("\n", counted, place), place
        try:
            film, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            film, place = None, text.find("\n{", place)
        yield line, film
        if place < 0:
            return


# --- One film -------------------------------------------------------------------------------------


def _row(line: int, film: Film) -> FilmRow:
    title = rows.title_of(_text(film, "title"))
    website, notes = _website(film)
    if not (released := _text(film, "status") in {"", "Released"}):
        notes.append(_("TMDB's status: %s") % _text(film, "status")[:30])
    return FilmRow(
        line=line,
        title=title,
        original_title=rows.original_title_of(_text(film, "original_title"), title),
        release_date=rows.date_of(_text(film, "release_date")),
        runtime=rows.runtime_of(_text(film, "runtime")),
        genres=rows.genres_of(_text(genre, "name") for genre in _objects(film, "genres")),
        taglines=rows.taglines_of([_text(film, "tagline")]),
        certificates=tuple(_certificates(film)),
        synopsis=rows.fitting("synopsis", as_markdown(_text(film, "overview"))),
        countries=rows.each_once(
            _text(country, "iso_3166_1") for country in _objects(film, "production_countries")
        ),
        original_language=rows.language_of(_text(film, "original_language")),
        website=website,
        imdb_id=rows.imdb_id_of(
            _text(film, "imdb_id") or _text(_object(film, "external_ids"), "imdb_id")
        ),
        tmdb_id=_tmdb_id(film),
        credits=_credits(_object(film, "credits")),
        released=released,
        notes=tuple(notes),
    )


def _website(film: Film) -> tuple[str, list[str]]:
    """The website, left out with a note where it is none: TMDB's fields hold anything."""
    try:
        return rows.address_of("website", _text(film, "homepage")), []
    except RowRefusedError as problem:
        return "", [_("left out: %s") % problem]


def _tmdb_id(film: Film) -> int:
    number = rows.tmdb_id_of(_text(film, "id"))
    if number is None:
        raise RowRefusedError(_("id, TMDB's number of the film, is missing."))
    return number


def _certificates(film: Film) -> Iterator[tuple[str, str]]:
    """Country and label; which labels a board really has is for the planner to know."""
    for country in _objects(_object(film, "release_dates"), "results"):
        releases = [
            release
            for release in _objects(country, "release_dates")
            if _text(release, "certification").strip()
        ]
        releases.sort(key=_kind_of_release)
        if releases:
            yield _text(country, "iso_3166_1"), one_line(_text(releases[0], "certification"))


def _kind_of_release(release: Film) -> int:
    kind = release.get("type")
    return CINEMAS_FIRST.index(kind) if kind in CINEMAS_FIRST else len(CINEMAS_FIRST)


def _credits(given: Film) -> tuple[CreditLine, ...]:
    cast, crew = _objects(given, "cast"), _objects(given, "crew")
    if len(cast) + len(crew) > rows.MOST_CREDITS:
        raise RowRefusedError(_("The film has more than %(n)d credits.") % {"n": rows.MOST_CREDITS})
    cast.sort(key=_billing)
    try:
        found = [_cast_line(person) for person in cast] + [_crew_line(person) for person in crew]
    except ValidationError as error:
        raise RowRefusedError(_("credits: %s") % error.message) from error
    return tuple(dict.fromkeys(found))


def _billing(person: Film) -> int:
    order = person.get("order")
    return order if isinstance(order, int) else rows.LARGEST_ID


def _cast_line(person: Film) -> CreditLine:
    return checked(
        CreditLine(
            name=one_line(_text(person, "name")),
            character=one_line(_text(person, "character")),
            tmdb_id=rows.tmdb_id_of(_text(person, "id")),
        )
    )


def _crew_line(person: Film) -> CreditLine:
    job = one_line(_text(person, "job"))
    return checked(
        CreditLine(
            name=one_line(_text(person, "name")),
            department=_department(_text(person, "department"), job),
            job=job,
            tmdb_id=rows.tmdb_id_of(_text(person, "id")),
        )
    )


def _department(name: str, job: str) -> str:
    """The site's department. Who keeps a director's or writer's papers has not directed or
    written: a page that says "Directed by" means directors.
    """
    department = DEPARTMENTS.get(name, Department.CREW)
    only_near = (department == Department.DIRECTING and job not in DIRECTORS) or (
        department == Department.WRITING and job in NO_WRITERS
    )
    return Department.CREW if only_near else department


# --- JSON whose shape nobody promises -------------------------------------------------------------


def _text(film: Film, key: str) -> str:
    """A text or number as text; empty where it is missing, null, or something else."""
    value = film.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _object(film: Film, key: str) -> Film:
    value = film.get(key)
    return value if isinstance(value, dict) else {}


def _objects(film: Film, key: str) -> list[Film]:
    value = film.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
