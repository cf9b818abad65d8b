"""Votes of an existing community: MovieLens ratings, or a table member,film,score,cast_at.

Each voter becomes a member who cannot sign in, known again by `imported_as` alone and never taken
for a person's account of the same name. The newest vote of a member for a film wins, also against
one that an earlier import stored, so importing twice changes nothing. The triggers keep the tally.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import reduce
from itertools import count, islice
from operator import or_
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import Error, connection, models, reset_queries, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from films.importing.cleaning import one_line
from films.importing.credits import chunks
from films.importing.rows import LARGEST_ID
from films.importing.table import FileRefusedError, Record, Table
from films.models import Film, FilmSlug
from reviews.models import Member, Vote
from reviews.models.vote import SCORES

BATCH = 5_000  # votes of one transaction: half a second in which members' votes wait
LONGEST_SOURCE, LONGEST_MEMBER = 30, 60
MOVIELENS = {"userid", "movieid", "rating", "timestamp"}
PLAIN = {"member", "film", "score", "cast_at"}
REPORT_COLUMNS = ("line", "outcome", "member", "film", "score", "reason")
NewVote = tuple[int, int, int, datetime]  # film, member, score, moment
Reference = tuple[str, str | int]  # ("tmdb", 862), ("imdb", "tt0114709") or ("slug", "toy-story")


class Outcome(models.TextChoices):
    """What became of a row; they add up to the rows of the file."""

    CREATED = "created", gettext_lazy("created")
    UPDATED = "updated", gettext_lazy("updated")
    SAME = "same", gettext_lazy("same")
    OLDER = "older", gettext_lazy("older than another vote of that member for that film")
    NO_FILM = "no film", gettext_lazy("no such film here")
    REFUSED = "refused", gettext_lazy("refused")


@dataclass
class Row:
    """One vote of the file. `films` are what it may call the film, the surest first."""

    line: int
    member: str
    film: str
    score: int
    cast_at: datetime
    films: tuple[Reference, ...] = ()
    outcome: Outcome = Outcome.SAME
    reason: str = ""


class RowRefusedError(Exception):
    """The row is no vote; the message says why."""


def score_of_stars(text: str) -> int:
    """The score, 1 to 10, of stars from ½ to 5: round(stars × 2). RowRefusedError for others."""
    try:
        stars = Decimal(text.strip())
    except InvalidOperation:
        stars = Decimal("NaN")
    if not stars.is_finite() or not 0 < stars <= 5 or (score := round(stars * 2)) not in SCORES:
        raise RowRefusedError(_("“%s” is not a number of stars from 0.5 to 5.") % text[:30])
    return score


def score_of(text: str) -> int:
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) not in SCORES:
        raise RowRefusedError(_("“%s” is not a whole number from 1 to 10.") % text[:30])
    return int(text)


def moment_of(text: str) -> datetime:
    """A moment as ISO date or date and time (UTC unless it says), or in seconds since 1970."""
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{1,11}", text):
            moment = datetime.fromtimestamp(int(text), UTC)
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            moment = parse_datetime(text) or _no_moment()
    except (ValueError, OverflowError, OSError):
        raise RowRefusedError(
            _("“%s” is no moment such as 2010-03-18T20:15:00Z.") % text[:30]
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not moment.year >= 1970 or moment > timezone.now() + timedelta(days=1):
        raise RowRefusedError(_("“%s” lies before 1970 or in the future.") % text[:30])
    return moment


def _no_moment() -> datetime:
    raise ValueError


class VoteFile:
    """A table of votes, recognised by its first line. FileRefusedError where it is none."""

    def __init__(self, path: Path, films_path: Path | None = None) -> None:
        self._stream = path.open("rb")
        self.size = path.stat().st_size
        try:
            self._table = Table(self._stream)
            columns = set(self._table.columns)
            self.is_movielens = columns >= MOVIELENS
            if not self.is_movielens and columns != PLAIN:
                raise FileRefusedError(
                    _("The first line names neither member, film, score, cast_at nor MovieLens'")
                    + " userId, movieId, rating, timestamp."
                )
            if self.is_movielens and films_path is None:
                raise FileRefusedError(_("MovieLens' films are in links.csv: give it by --films."))
            if films_path and not self.is_movielens:
                raise FileRefusedError(_("--films belongs to MovieLens' ratings alone."))
            self._films = _links(films_path) if films_path else {}
        except BaseException:
            self._stream.close()
            raise
        self.source = "movielens" if self.is_movielens else slugify(path.stem)[:LONGEST_SOURCE]

    def close(self) -> None:
        self._stream.close()

    @property
    def offset(self) -> int:
        return self._table.offset

    def __iter__(self) -> Iterator[Row]:
        for record in self._table:
            row = Row(record.line, "", "", 0, datetime.min.replace(tzinfo=UTC))
            try:
                if record.problem:
                    raise RowRefusedError(record.problem)
                self._read(row, record)
            except RowRefusedError as problem:
                row.outcome, row.reason = Outcome.REFUSED, str(problem)
            yield row

    def _read(self, row: Row, record: Record) -> None:
        cells = record.cells
        names = ("userid", "movieid") if self.is_movielens else ("member", "film")
        row.member, row.film = (one_line(cells[name]) for name in names)
        if not row.member or len(row.member) > LONGEST_MEMBER:
            raise RowRefusedError(
                _("The member's name is empty or has over %d characters.") % LONGEST_MEMBER
            )
        if self.is_movielens:
            row.films = self._films.get(row.film, ())
            row.score = score_of_stars(cells["rating"])
            row.cast_at = moment_of(cells["timestamp"])
        else:
            row.films = (reference_of(row.film),)
            row.score = score_of(cells["score"])
            row.cast_at = moment_of(cells["cast_at"])


def reference_of(film: str) -> Reference:
    """What `imdb:tt0114709`, `tmdb:862` or a film's address stand for."""
    kind, colon, number = film.partition(":")
    if not colon and film:
        return ("slug", film)
    if kind == "imdb" and re.fullmatch(r"tt[0-9]{7,10}", number):
        return ("imdb", number)
    if kind == "tmdb" and re.fullmatch(r"[0-9]{1,10}", number) and 0 < int(number) <= LARGEST_ID:
        return ("tmdb", int(number))
    raise RowRefusedError(
        _("“%s” is not a film's address, imdb:tt0114709 or tmdb:862.") % film[:60]
    )


def _links(path: Path) -> dict[str, tuple[Reference, ...]]:
    """MovieLens' films by their number: TMDB's number first, then IMDb's with its zeros again."""
    links: dict[str, tuple[Reference, ...]] = {}
    with path.open("rb") as stream:
        table = Table(stream)
        if not set(table.columns) >= {"movieid", "imdbid", "tmdbid"}:
            raise FileRefusedError(
                _("The first line of %s does not name movieId, imdbId, tmdbId.") % path
            )
        for record in table:
            if record.problem:
                raise FileRefusedError(f"{path}, {record.line}: {record.problem}")
            tmdb, imdb = record.cells["tmdbid"].strip(), record.cells["imdbid"].strip()
            found: list[Reference] = []
            if re.fullmatch(r"[0-9]{1,10}", tmdb) and 0 < int(tmdb) <= LARGEST_ID:
                found.append(("tmdb", int(tmdb)))
            if re.fullmatch(r"(tt)?[0-9]{1,10}", imdb):
                found.append(("imdb", f"tt{int(imdb.removeprefix('tt')):07}"))
            links[record.cells["movieid"].strip()] = tuple(found)
    return links


class VoteImport:
    """What an import of votes does, or with `dry_run` would do: iterate to have it done.

    Gives out each row with its outcome, in the order of the file. A dry run counts votes of one
    member for one film as created each time where they lie more than 5,000 rows apart.
    """

    def __init__(self, file: VoteFile, source: str = "", dry_run: bool = False) -> None:
        self.file, self.dry_run = file, dry_run
        self.source = source or file.source or "import"
        if not re.fullmatch(rf"[A-Za-z0-9_.-]{{1,{LONGEST_SOURCE}}}", self.source):
            raise FileRefusedError(
                _("The source “%s” must have 1 to 30 letters of a to z, digits, dots, hyphens.")
                % self.source
            )
        self.counts: Counter[str] = Counter()
        self.missing_films: set[str] = set()
        self.new_members = 0

    def __iter__(self) -> Iterator[Row]:
        rows = iter(self.file)
        while batch := list(islice(rows, BATCH)):
            readable = [row for row in batch if row.outcome != Outcome.REFUSED]
            try:
                self._carry_out(readable)
            except Error:
                self._one_by_one(readable)
            for row in batch:
                self._count(row)
                yield row
            reset_queries()  # with DEBUG on, Django keeps them all

    def _count(self, row: Row) -> None:
        self.counts[row.outcome] += 1
        if row.outcome == Outcome.NO_FILM:
            self.missing_films.add(row.film)

    def _one_by_one(self, rows: list[Row]) -> None:
        """After the database refused a batch: to find which row it is."""
        for row in rows:
            try:
                self._carry_out([row])
            except Error as error:
                row.outcome, row.reason = Outcome.REFUSED, " ".join(str(error).split())

    def _carry_out(self, rows: list[Row]) -> None:
        films = _films(rows)
        newest: dict[tuple[int, str], Row] = {}
        for row in rows:
            film = next((films[name] for name in row.films if name in films), None)
            if film is None:
                row.outcome = Outcome.NO_FILM
                continue
            row.outcome = Outcome.OLDER
            other = newest.get((film, row.member))
            if other is None or row.cast_at >= other.cast_at:
                newest[film, row.member] = row
        if self.dry_run:
            self._decide(newest, self._members(newest))
            return
        with transaction.atomic():
            members = self._members(newest)
            made = self._make_members({member for _f, member in newest} - members.keys())
            _store(self._decide(newest, members | made))
        self.new_members += len(made)

    def _members(self, newest: Iterable[tuple[int, str]]) -> dict[str, int]:
        """The members that earlier imports of this source made, by their name there."""
        start = f"{self.source}-"
        found: dict[str, int] = {}
        for some in chunks(sorted({start + member for _film, member in newest})):
            members = Member.objects.filter(imported_as__in=some)
            found |= {
                name.removeprefix(start): pk
                for name, pk in members.values_list("imported_as", "pk")
            }
        return found

    def _make_members(self, names: set[str]) -> dict[str, int]:
        ordered = sorted(names)
        usernames = _free_usernames([f"{self.source}-{name}" for name in ordered])
        made = Member.objects.bulk_create(
            Member(
                username=username,
                imported_as=f"{self.source}-{name}",
                password=make_password(None),
            )
            for name, username in zip(ordered, usernames, strict=True)
        )
        return {name: member.pk for name, member in zip(ordered, made, strict=True)}

    def _decide(self, newest: dict[tuple[int, str], Row], members: dict[str, int]) -> list[NewVote]:
        """Set each row's outcome against what is stored; the votes to store, sorted."""
        stored = _stored((film, members[name]) for film, name in newest if name in members)
        votes = []
        for (film, name), row in newest.items():
            member = members.get(name, 0)
            score, changed_at = stored.get((film, member), (0, row.cast_at))
            if not score:
                row.outcome = Outcome.CREATED
            elif changed_at > row.cast_at:
                continue
            elif score == row.score:
                row.outcome = Outcome.SAME
                continue
            else:
                row.outcome = Outcome.UPDATED
            votes.append((film, member, row.score, row.cast_at))
        return sorted(votes)


def _store(votes: list[NewVote]) -> None:
    """Written by film and member, as the index lies and as others lock. Statuses stay.

    `bulk_create` takes twice as long to put the same statements together.
    """
    size = (connection.features.max_query_params or 5_000) // 5
    with connection.cursor() as cursor:
        for some in chunks(votes, size):
            values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(some))
            parameters = [
                value
                for film, member, score, moment in some
                for value in (film, member, score, *[_for_database(moment)] * 2)
            ]
            cursor.execute(
                "INSERT INTO reviews_vote (film_id, member_id, score, cast_at, changed_at)"  # noqa: S608
                f" VALUES {values} ON CONFLICT (film_id, member_id)"
                " DO UPDATE SET score = EXCLUDED.score, changed_at = EXCLUDED.changed_at",
                parameters,
            )


def _for_database(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _stored(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, datetime]]:
    """Score and moment of the votes that these films and members have already.

    Asks for each pair by the unique index, however many votes the members have besides.
    """
    found: dict[tuple[int, int], tuple[int, datetime]] = {}
    for some in chunks(sorted(pairs), 300):
        films: dict[int, list[int]] = {}
        for film, member in some:
            films.setdefault(film, []).append(member)
        either = reduce(or_, (Q(film=film, member__in=them) for film, them in films.items()))
        votes = Vote.objects.filter(either).order_by()
        for film, member, score, moment in votes.values_list(
            "film_id", "member_id", "score", "changed_at"
        ):
            found[film, member] = (score, moment)
    return found


def _films(rows: list[Row]) -> dict[Reference, int]:
    """The site's films that these rows name, by each name it may go by."""
    names = {name for row in rows for name in row.films}
    found: dict[Reference, int] = {}
    for kind, column in (("tmdb", "tmdb_id"), ("imdb", "imdb_id"), ("slug", "slug")):
        wanted = sorted(value for known, value in names if known == kind)
        for some in chunks(wanted):
            films = Film.objects.filter(Q(**{f"{column}__in": some})).order_by()
            found |= {(kind, value): pk for value, pk in films.values_list(column, "pk")}
            if kind == "slug":
                earlier = FilmSlug.objects.filter(slug__in=some)
                found |= {(kind, slug): pk for slug, pk in earlier.values_list("slug", "film_id")}
    return found


def _free_usernames(wanted: list[str]) -> list[str]:
    """A free username for each of these names: the name itself where it is one and is free."""
    given: list[str] = []
    taken: set[str] = set()
    for some in chunks(wanted):
        stems = [_username(name) for name in some]
        lowered = [stem.lower() for stem in stems]
        members = Member.objects.annotate(lowered=Lower("username"))
        taken |= set(members.filter(lowered__in=lowered).values_list("lowered", flat=True))
        for stem in stems:
            username = stem
            numbers = count(2)
            while username.lower() in taken or _is_numbered_and_taken(username, stem):
                username = f"{stem[:22]}-{next(numbers)}"
            taken.add(username.lower())
            given.append(username)
    return given


def _is_numbered_and_taken(username: str, stem: str) -> bool:
    return username != stem and Member.objects.filter(username__iexact=username).exists()


def _username(name: str) -> str:
    """The name as far as a username may have it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:30].strip("-").ljust(3, "-")
