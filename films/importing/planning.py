"""What each row of a file means for the site: which film it is, and what would become of it.

Reads the database, writes nothing: a dry run ends here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from films import posters
from films.importing.cleaning import fold
from films.importing.credits import People, chunks
from films.importing.rows import FilmRow, Refusal, RowRefusedError
from films.models import Certificate, Country, Credit, Film
from films.slugs import make_slug

# Columns of the film that a row fills as they are; the release and the lists are apart.
PLAIN_FIELDS = (
    *("title", "original_title", "runtime", "synopsis", "essay", "essay_headline"),
    *("essay_byline", "original_language", "website", "trailer_url", "poster_alt"),
    *("imdb_id", "tmdb_id"),
)
Pictures = Callable[[str], "File[Any]"]
Key = tuple[str, Any]


class Outcome(models.TextChoices):
    CREATED = "created", gettext_lazy("created")
    FILLED = "filled", gettext_lazy("filled")
    REPLACED = "replaced", gettext_lazy("replaced")
    SAME = "same", gettext_lazy("same")
    DIFFERS = "differs", gettext_lazy("differs")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass(frozen=True)
class Difference:
    """A field that says one thing on the site and another in the file, as people read it."""

    field: str
    site: str
    file: str


@dataclass
class Decision:
    """What becomes of one row.

    `writes` maps each field that the film is given to its new value; `film` is the site's, or
    None where it is to be made. `differences` are kept unless the outcome is replaced.
    """

    line: int
    title: str
    outcome: Outcome = Outcome.SAME
    row: FilmRow | None = None
    film: Film | None = None
    reason: str = ""
    writes: dict[str, Any] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.row.notes if self.row else ()


def refused(refusal: Refusal) -> Decision:
    return Decision(refusal.line, refusal.title, Outcome.REFUSED, reason=refusal.reason)


class Known:
    """The countries and certificates that the site has, as files name them."""

    def __init__(self) -> None:
        self._countries: dict[str, Country] = {}
        for country in Country.objects.all():
            self._countries |= {country.code.casefold(): country, fold(country.name): country}
        self._certificates: dict[tuple[str, str], Certificate] = {}
        self._boards: dict[str, str] = {}
        for certificate in Certificate.objects.order_by("board", "position"):
            board, label = certificate.board.casefold(), certificate.label.casefold()
            self._certificates[board, label] = certificate
            self._boards.setdefault(certificate.country_id, certificate.board)

    def country(self, name: str) -> Country:
        found = self._countries.get(name.casefold()) or self._countries.get(fold(name))
        if found is None:
            raise RowRefusedError(_("The country “%(name)s” is not known.") % {"name": name[:60]})
        return found

    def certificate(self, board: str, label: str) -> Certificate | None:
        """The certificate of a board, of a country's board, or (no board) of the home country's.

        None where a country has no board here, or the label is none of its board's: TMDB has
        both. A board that a file names must have it: RowRefusedError.
        """
        by_country = len(board) == 2
        name = self._boards.get(board.upper() if by_country else settings.HOME_COUNTRY, "")
        wanted = name if by_country or not board else board
        found = self._certificates.get((wanted.casefold(), label.casefold()))
        if found is None and not by_country:
            labels = [
                c.label for (b, _l), c in self._certificates.items() if b == wanted.casefold()
            ]
            raise RowRefusedError(
                _("The certificate “%(given)s” is not known. %(board)s has: %(labels)s.")
                % {
                    "given": f"{board}:{label}".strip(":")[:60],
                    "board": wanted or settings.HOME_COUNTRY,
                    "labels": ", ".join(labels) or _("none"),
                }
            )
        return found


class Plan:
    """What becomes of the rows of one batch: `decisions`, in their order, and the `people` meant.

    `seen` maps what earlier rows of the file were to their lines, and is added to by `remember`
    once the batch is done: the same film twice in a file is refused the second time.
    """

    def __init__(
        self,
        rows: Iterable[FilmRow],
        known: Known,
        seen: Mapping[int, int],
        pictures: Pictures,
        overwrite: bool = False,
    ) -> None:
        rows = list(rows)
        self.known, self.pictures, self.overwrite = known, pictures, overwrite
        self._seen, self._new_keys = seen, dict[int, int]()
        self._site = _Site(rows)
        self.people = People(line for row in rows for line in row.credits)
        self.decisions = [self._decide(row) for row in rows]

    def remember(self, seen: dict[int, int]) -> None:
        seen.update(self._new_keys)

    def _decide(self, row: FilmRow) -> Decision:
        decision = Decision(row.line, str(row), row=row)
        try:
            self._check_not_seen(row)
            decision.film = self._site.film_of(row)
            if decision.film is None:
                self._create(decision, row)
            else:
                self._compare(decision, row, decision.film)
        except RowRefusedError as problem:
            decision.outcome, decision.reason = Outcome.REFUSED, str(problem)
            decision.writes.clear()
        else:
            self._new_keys.update(dict.fromkeys(_keys(row), row.line))
        return decision

    def _check_not_seen(self, row: FilmRow) -> None:
        for key in _keys_that_clash(row):
            if line := self._seen.get(key) or self._new_keys.get(key):
                again = _("This is the film of line %(line)d again.")
                raise RowRefusedError(again % {"line": line})

    def _create(self, decision: Decision, row: FilmRow) -> None:
        decision.outcome = Outcome.CREATED
        decision.writes = {name: value for name, value in self._values(row).items() if value}
        if "credits" in decision.writes:
            self._check_people(row)

    def _compare(self, decision: Decision, row: FilmRow, film: Film) -> None:
        have = self._site.values_of(film)
        for name, value in self._values(row).items():
            if not value or self._is_same(name, have[name], value):
                continue
            if name == "certificates":
                self._compare_certificates(decision, have[name], value)
            elif name == "collections":
                self._add_collections(decision, have[name], value)
            elif not have[name] or _is_more_exact(name, have[name], value):
                decision.writes[name] = value
            else:
                self._differs(decision, name, have[name], value)
        if "credits" in decision.writes:
            self._check_people(row)
        if decision.differences:
            decision.outcome = Outcome.REPLACED if self.overwrite else Outcome.DIFFERS
        elif decision.writes:
            decision.outcome = Outcome.FILLED

    def _differs(self, decision: Decision, name: str, have: Any, value: Any) -> None:
        difference = Difference(name, _shown(name, have), _shown(name, value))
        decision.differences.append(difference)
        if self.overwrite:
            decision.writes[name] = value

    def _values(self, row: FilmRow) -> dict[str, Any]:
        """Each field of the site with what the row says; empty where it says nothing."""
        values: dict[str, Any] = {name: getattr(row, name) for name in PLAIN_FIELDS}
        certificates = [self.known.certificate(*pair) for pair in row.certificates]
        return values | {
            "release": row.release_date or row.release_year,
            "genres": row.genres,
            "countries": tuple({c.pk: c for c in map(self.known.country, row.countries)}.values()),
            "taglines": row.taglines,
            "certificates": {found.board: found for found in certificates if found},
            "poster": self._picture(row.poster) if row.poster else None,
            "credits": row.credits,
            "collections": row.collections,
        }

    def _picture(self, name: str) -> posters.Picture:
        try:
            return posters.accept(self.pictures(name))
        except ValidationError as error:
            reason = " ".join(error.messages)
            raise RowRefusedError(
                _("poster “%(name)s”: %(reason)s") % {"name": name, "reason": reason}
            ) from error

    def _is_same(self, name: str, have: Any, value: Any) -> bool:
        if name == "release" and isinstance(value, int):
            return bool(getattr(have, "year", have) == value)
        if name == "genres":
            return {text.casefold() for text in have} == {text.casefold() for text in value}
        if name == "countries":
            return {country.pk for country in have} == {country.pk for country in value}
        if name == "poster":
            return bool(have) and f"-{value.hash}-" in have
        if name == "credits":
            return self._same_credits(have, value)
        return bool(have == value)

    def _same_credits(self, have: list[Credit], lines: Any) -> bool:
        on_site = {(c.department, c.person_id, c.job, c.character) for c in have}
        covered = set()
        for line in lines:
            keys = {
                (line.department, person.pk, line.job, line.character)
                for person in self.people.found.get(line.who, [])
            }
            if not keys & on_site:
                return False
            covered |= keys & on_site
        return covered == on_site

    def _compare_certificates(
        self, decision: Decision, have: dict[str, Certificate], value: dict[str, Certificate]
    ) -> None:
        """Each board is a field of its own."""
        differing = [board for board in value if board in have and have[board] != value[board]]
        for board in differing:
            difference = Difference("certificates", str(have[board]), str(value[board]))
            decision.differences.append(difference)
        write = {
            board: given
            for board, given in value.items()
            if board not in have or (self.overwrite and board in differing)
        }
        if write:
            decision.writes["certificates"] = write

    def _add_collections(
        self, decision: Decision, have: tuple[str, ...], value: tuple[str, ...]
    ) -> None:
        """A film joins the collections of the file, and leaves none."""
        known = {title.casefold() for title in have}
        if missing := tuple(title for title in value if title.casefold() not in known):
            decision.writes["collections"] = missing

    def _check_people(self, row: FilmRow) -> None:
        lines = {line.who: line for line in row.credits}.values()
        problems = [problem for line in lines if (problem := self.people.problem(line))]
        if problems:
            raise RowRefusedError(" ".join(problems[:5]))


class _Site:
    """The films that the rows of a batch may be, loaded with what belongs to them."""

    def __init__(self, rows: list[FilmRow]) -> None:
        found: dict[int, Film] = {}
        for some in chunks(rows, 100):
            found |= {film.pk: film for film in _films_like(some)}
        self._films = list(found.values())
        self._by_tmdb = {film.tmdb_id: film for film in self._films if film.tmdb_id}
        self._by_imdb = {film.imdb_id: film for film in self._films if film.imdb_id}
        self._by_title: dict[tuple[str, int | None], list[Film]] = {}
        for film in self._films:
            self._by_title.setdefault((fold(film.title), film.known_year), []).append(film)

    def film_of(self, row: FilmRow) -> Film | None:
        """The site's film that a row means: by TMDB number, IMDb number, or title and year."""
        by_tmdb = self._by_tmdb.get(row.tmdb_id) if row.tmdb_id else None
        by_imdb = self._by_imdb.get(row.imdb_id) if row.imdb_id else None
        if by_tmdb and by_imdb and by_tmdb != by_imdb:
            raise RowRefusedError(
                _("The TMDB number is that of “%(tmdb)s”, the IMDb number that of “%(imdb)s”.")
                % {"tmdb": by_tmdb, "imdb": by_imdb}
            )
        if by_number := by_tmdb or by_imdb:
            return by_number
        named = [
            film
            for film in self._by_title.get((fold(row.title), row.year), [])
            if not (row.tmdb_id and film.tmdb_id) and not (row.imdb_id and film.imdb_id)
        ]
        if len(named) > 1:
            raise RowRefusedError(
                _("%(count)d films have this title and year: give the TMDB or IMDb number.")
                % {"count": len(named)}
            )
        return named[0] if named else None

    def values_of(self, film: Film) -> dict[str, Any]:
        """The same fields as `Plan._values`, as the site has them."""
        values = {name: getattr(film, name) for name in PLAIN_FIELDS}
        return values | {
            "release": film.release_date or film.release_year,
            "genres": tuple(genre.name for genre in film.genres.all()),
            "countries": tuple(film.countries.all()),
            "taglines": tuple(tagline.text for tagline in film.taglines.all()),
            "certificates": {given.board: given.certificate for given in film.certificates.all()},
            "poster": film.poster.name,
            "credits": list(film.credits.all()),
            "collections": tuple(entry.collection.title for entry in film.collection_entries.all()),
        }


def _films_like(rows: list[FilmRow]) -> Iterable[Film]:
    """Films with a number of these rows, or a title of theirs, exactly or as an address."""
    slugs = [make_slug(row.title, "film", row.year) for row in rows]
    return Film.objects.filter(
        Q(tmdb_id__in=[row.tmdb_id for row in rows if row.tmdb_id])
        | Q(imdb_id__in=[row.imdb_id for row in rows if row.imdb_id])
        | Q(title__in=[row.title for row in rows])
        | Q(slug__in=slugs)
    ).prefetch_related(
        *("genres", "countries", "taglines", "certificates__certificate", "credits"),
        "collection_entries__collection",
    )


def _keys(row: FilmRow) -> list[int]:
    """What a later row must not be again."""
    return [
        *_numbers(row),
        hash(("title", fold(row.title), row.year)),
        *([] if _numbers(row) else [hash(("bare", fold(row.title), row.year))]),
    ]


def _keys_that_clash(row: FilmRow) -> list[int]:
    """With numbers a row is another film than its namesake, unless that has no number."""
    kind = "bare" if _numbers(row) else "title"
    return [*_numbers(row), hash((kind, fold(row.title), row.year))]


def _numbers(row: FilmRow) -> list[int]:
    numbers = [("tmdb", row.tmdb_id), ("imdb", row.imdb_id)]
    return [hash(number) for number in numbers if number[1]]


def _is_more_exact(name: str, have: Any, value: Any) -> bool:
    """Whether the file has the day where the site has the year alone."""
    return name == "release" and isinstance(have, int) and getattr(value, "year", 0) == have


def _shown(name: str, value: Any) -> str:
    """A value as a difference shows it."""
    if name == "credits":
        return _("%(count)d credits") % {"count": len(value)}
    if name == "poster":
        return _("a picture") if isinstance(value, str) else _("another picture")
    if name == "countries":
        return ", ".join(sorted(country.code for country in value))
    if isinstance(value, tuple):
        return " | ".join(value)
    return str(value)
