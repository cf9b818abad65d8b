"""Lists of films in their orders, page by page, as fast on the last page as on the first.

A list is one run of films after another, each in the order of an index: by votes, say, those that
have any, then the others by title. A page up to the hundredth is found by counting from the
start; from there on by seeking: two seeks in the run that the page before ended in, one in the
next. `?after=` says where to seek from: the order, the run, the film's place in it.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from films.counts import MOST_COUNTED, Found
from films.filters import PUBLISHED, SCORE, Narrowing
from films.models import Film, FilmQuerySet

FILMS_A_PAGE = 48
LAST_NUMBER = 100  # pages that have a number; further ones are reached by `after`
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = 253_402_300_800_000_000  # microseconds from then to the year 10000
LARGEST = 2**62


@dataclass(frozen=True)
class Run:
    """Films in the order of an index: by `key`, those alike in it by number.

    SQLite is told the index and, by CROSS JOIN, the table to start with: without statistics it
    would rather walk by number. PostgreSQL finds its own way.
    """

    index: str
    source: str
    key: str
    number: str  # the film's, as the index has it
    key_falls: bool
    number_falls: bool
    key_of: Callable[[Film], Any]
    is_key: Callable[[Any], bool]  # whether something made up could be a key
    effort: int  # of a step along the index: more where it reads a film from the table
    bound: str = ""  # of the key, where it is not sought: SQLite takes one bound a side

    def rows(self, test: str, in_order: bool, backwards: bool, limit: str, seek: str = "") -> str:
        key = "DESC" if self.key_falls != backwards else "ASC"
        number = "DESC" if self.number_falls != backwards else "ASC"
        index = f"INDEXED BY {self.index}" if in_order and connection.vendor == "sqlite" else ""
        join = "CROSS JOIN" if in_order else ","
        return (
            f"SELECT film.id {self.source.replace('{index}', index).replace('{join}', join)}"
            f"{test}{seek or self.bound}"
            f" ORDER BY {self.key} {key}, {self.number} {number} LIMIT {limit}"
        )

    def seeks(self, backwards: bool) -> tuple[str, str]:
        """Behind a film: those alike in the key, then the rest."""
        beyond_key = "<" if self.key_falls != backwards else ">"
        beyond_number = "<" if self.number_falls != backwards else ">"
        return (
            f" AND {self.key} = %(key)s AND {self.number} {beyond_number} %(number)s",
            f" AND {self.key} {beyond_key} %(key)s",
        )


def _score_of(film: Film) -> Any:
    return film.audience_score


def _is_number(key: Any) -> bool:
    return type(key) is int and 0 <= key < LARGEST


def _is_title(key: Any) -> bool:
    if not isinstance(key, str) or "\0" in key:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in key)


_NEWEST = Run(
    index="film_newest",
    source=f"FROM films_film film {{index}} WHERE {PUBLISHED}",
    key="film.published_at",
    number="film.id",
    key_falls=True,
    number_falls=True,
    key_of=lambda film: (film.published_at - EPOCH) // timedelta(microseconds=1),  # type: ignore[operator]
    is_key=lambda key: _is_number(key) and key < LAST_MOMENT,
    effort=1,
    bound=" AND film.published_at <= %(now)s",
)
_TITLES = Run(
    index="film_title",
    source=f"FROM films_film film {{index}} WHERE {PUBLISHED}",
    key="film.title",
    number="film.id",
    key_falls=False,
    number_falls=False,
    key_of=lambda film: film.title,
    is_key=_is_title,
    effort=4,
)
_UNVOTED = replace(
    _TITLES,
    source=f"{_TITLES.source} AND NOT EXISTS"
    f" (SELECT 1 FROM {SCORE} score WHERE score.film_id = film.id AND score.votes > 0)",
)
BY_RANK = Run(
    index="score_rank",
    source=f"FROM {SCORE} score {{index}} {{join}} films_film film"
    f" WHERE film.id = score.film_id AND COALESCE(score.votes, NULL) > 0 AND {PUBLISHED}",
    key="score.rank",
    number="score.film_id",
    key_falls=True,
    number_falls=False,
    key_of=lambda film: _score_of(film).rank,
    is_key=_is_number,
    effort=4,
)
BY_VOTES = replace(
    BY_RANK,
    index="score_votes",
    key="score.votes",
    key_of=lambda film: _score_of(film).votes,
    bound=" AND score.votes > 0",
)
BY_SPREAD = replace(
    BY_RANK,
    index="score_spread",
    key="score.spread_rank",
    key_of=lambda film: _score_of(film).spread_rank,
)


class Sort(NamedTuple):
    label: Any
    order: Callable[[FilmQuerySet], FilmQuerySet]
    runs: tuple[Run, ...]


SORTS = {
    "newest": Sort(_("Newest here"), FilmQuerySet.newest, (_NEWEST,)),
    "score": Sort(_("Audience score"), FilmQuerySet.by_rank, (BY_RANK, _UNVOTED)),
    "votes": Sort(_("Most votes"), FilmQuerySet.by_votes, (BY_VOTES, _UNVOTED)),
    "title": Sort(_("Title"), FilmQuerySet.by_title, (_TITLES,)),
}
DEFAULT_SORT = "newest"


class Place(NamedTuple):
    """Where in a list a page begins, or, backwards, ends. Without a run: at its very end."""

    backwards: bool
    run: int | None = None
    key: Any = None
    number: int = 0


END = Place(backwards=True)


@dataclass
class ListPage:
    """A page of a list. `number` is None where it was reached by `after`, or is the end."""

    films: list[Film]
    number: int | None
    # What the query says for it (canonical), the pages about it and the end, where there are such.
    links: dict[str, dict[str, str]]
    numbers: tuple[int | str, ...]  # pages to lead to by number, with a … for those left out

    @property
    def has_other_pages(self) -> bool:
        return "previous" in self.links or "next" in self.links


def page_query(number: int) -> dict[str, str]:
    """What the query says for a page with a number: nothing for the first."""
    return {"page": str(number)} if number > 1 else {}


def read_page(
    narrowing: Narrowing, found: Found, sort: str, page: str = "", after: str = ""
) -> ListPage:
    """The page that `?page=` or `?after=` asks for; one query, a second for what is no page.

    Nonsense is the first page, past the end is the last. From the hundredth page on, the next one
    is reached by `after`.
    """
    pages = Pages(narrowing, found, sort)
    place = read_token(sort, after) or pages.place_of(page)
    films = pages.films(place)
    if isinstance(place, Place) and place != END and place.backwards and len(films) <= FILMS_A_PAGE:
        place = 1  # back at the beginning
        films = pages.films(place)
    elif not films and place != 1:
        place = END
        films = pages.films(place)
    return pages.page(place, films)


@dataclass
class Pages:
    """The pages of one list. A place is a page's number, or where to seek from."""

    narrowing: Narrowing
    found: Found
    sort: str

    @property
    def last(self) -> int | None:
        return max(1, -(-self.found.total // FILMS_A_PAGE)) if self.found.is_counted else None

    @property
    def runs(self) -> tuple[Run, ...]:
        """Without the films of few votes where a score is asked for."""
        runs = SORTS[self.sort].runs
        if "min_score" not in self.narrowing.names:
            return runs
        enough = " AND score.votes >= %(least_votes)s"
        return (replace(runs[0], bound=enough) if runs[0] is BY_VOTES else runs[0],)

    def place_of(self, page: str) -> int | Place:
        number = int(page[:9]) if page.isascii() and page.isdigit() else 1
        if self.last:
            return max(1, min(number, self.last))
        return max(1, number) if number <= LAST_NUMBER else END

    def films(self, place: int | Place) -> list[Film]:
        """The films of a page, in its direction, and one more where there are any beyond."""
        if not self.found.total:
            return []
        ordered = SORTS[self.sort].order(Film.objects.all())
        values: dict[str, Any] = {**self.narrowing.values, "most": FILMS_A_PAGE + 1}
        start = 0
        if isinstance(place, Place):
            sql = self._sought(place)
            values |= {"key": self._key(place), "number": place.number}
            ordered = ordered.reverse() if place.backwards else ordered
            numbers: Any = RawSQL(*_positional(sql, values))
        elif self.found.numbers is not None:
            numbers, start = self.found.numbers, (place - 1) * FILMS_A_PAGE
        else:
            values["offset"] = (place - 1) * FILMS_A_PAGE
            numbers = RawSQL(*_positional(self._counted_off(values["offset"]), values))
        films = ordered.filter(pk__in=numbers).for_cards()
        return list(films[start : start + FILMS_A_PAGE + 1])

    def _counted_off(self, offset: int) -> str:
        """The first run behind so many films; where it ends, the next one behind the rest."""
        first, *others = self.runs
        test = self.test(first, offset)
        head = first.rows(*test, False, "%(most)s OFFSET %(offset)s")
        if not others:
            return head
        before = first.rows(*test, False, "%(offset)s")
        skipped = f"%(offset)s - (SELECT COUNT(*) FROM ({before}) before)"
        rest = others[0].rows(
            *self.test(others[0], offset),
            backwards=False,
            limit="%(most)s - (SELECT COUNT(*) FROM head)"
            f" OFFSET CASE WHEN EXISTS (SELECT 1 FROM head) THEN 0 ELSE {skipped} END",
        )
        return f"WITH head AS ({head}) SELECT id FROM head UNION ALL SELECT id FROM ({rest}) rest"

    def test(self, run: Run, offset: int) -> tuple[str, bool]:
        """What tells the list's films from others, and whether to go by the list's order.

        Where few films can be of the list, they are taken and sorted; else all films are gone
        through in the list's order until the page is full.
        """
        narrowing, numbers = self.narrowing, self.found.numbers
        if numbers is not None and narrowing.chosen:
            return f" AND film.id IN ({', '.join(map(str, numbers))})", False
        names = narrowing.names
        rarest = narrowing.rarest(names)
        gone_through = (offset + FILMS_A_PAGE) * narrowing.films * run.effort
        if rarest and rarest.size**2 < gone_through:
            others = narrowing.tests(rarest.unsettled(names))
            return f" AND film.id IN (SELECT film_id FROM {rarest.rows}){others}", False
        return narrowing.tests(names, run.number), True

    def _sought(self, place: Place) -> str:
        """Behind a film, or before it: two seeks in its run, one in each run beyond."""
        parts = []
        for number, run in enumerate(self.runs):
            test, in_order = self.test(run, 0)
            seeks: tuple[str, ...] = ("",)
            if number == place.run:
                seeks = run.seeks(place.backwards)
            elif place.run is not None and (number < place.run) != place.backwards:
                seeks = ()
            parts += [run.rows(test, in_order, place.backwards, "%(most)s", seek) for seek in seeks]
        return " UNION ALL ".join(
            f"SELECT id FROM ({part}) part{n}" for n, part in enumerate(parts)
        )

    def _key(self, place: Place) -> Any:
        if place.run is None or self.runs[0] is not _NEWEST:
            return place.key
        moment = EPOCH + timedelta(microseconds=place.key)
        return connection.ops.adapt_datetimefield_value(moment)

    def page(self, place: int | Place, films: list[Film]) -> ListPage:
        """The page with what leads on from it; `films` may hold the first of the next page."""
        more, films = len(films) > FILMS_A_PAGE, films[:FILMS_A_PAGE]
        if isinstance(place, int):
            return self._numbered(place, films, more)
        if place.backwards:
            films.reverse()
        links = {"canonical": {"after": make_token(self.sort, place)}}
        if more or not place.backwards:
            links["previous"] = {"after": self._token(films[0], backwards=True)}
        if place != END and (more or place.backwards):
            links["next"] = {"after": self._token(films[-1], backwards=False)}
            links["end"] = {"after": make_token(self.sort, END)}
        return ListPage(films, None, links, (1, "…"))

    def _numbered(self, number: int, films: list[Film], more: bool) -> ListPage:
        links = {"canonical": page_query(number)}
        if number > 1:
            links["previous"] = page_query(number - 1)
        if more:
            links["next"] = page_query(number + 1)
            if number >= LAST_NUMBER:
                links["next"] = {"after": self._token(films[-1], backwards=False)}
            if not self.last:
                links["end"] = {"after": make_token(self.sort, END)}
        return ListPage(films, number, links, self._numbers_about(number, more))

    def _numbers_about(self, number: int, more: bool) -> tuple[int | str, ...]:
        if self.last:
            everything = Paginator(range(self.found.total), FILMS_A_PAGE)
            return tuple(everything.get_elided_page_range(number, on_each_side=2, on_ends=1))
        first = range(1, 2) if number > 3 else range(0)
        gap = ("…",) if number > 4 else ()
        about = range(max(1, number - 2), min(number + more, LAST_NUMBER) + 1)
        return (*first, *gap, *about, "…") if more else (*first, *gap, *about)

    def _token(self, film: Film, backwards: bool) -> str:
        scored = len(SORTS[self.sort].runs) > 1
        score = getattr(film, "audience_score", None)
        run = int(scored and not (score and score.votes))
        key = SORTS[self.sort].runs[run].key_of(film)
        return make_token(self.sort, Place(backwards, run, key, film.pk))


def best(narrowing: Narrowing, run: Run, most: int) -> FilmQuerySet:
    """The first films of a run by something of the audience score that have such a score."""
    in_order = Pages(narrowing, Found(MOST_COUNTED + 1, None, {}), "score").test(run, most)
    sql = run.rows(*in_order, False, "%(most)s", seek=" AND score.votes >= %(least_votes)s")
    numbers: Any = RawSQL(*_positional(sql, {**narrowing.values, "most": most}))
    key = run.key.replace("score.", "audience_score__")
    return Film.objects.filter(pk__in=numbers).order_by(f"-{key}", "pk")


def _positional(sql: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    """SQL with names for its values as the ORM takes it, with places."""
    names = re.findall(r"%\((\w+)\)s", sql)
    return re.sub(r"%\(\w+\)s", "%s", sql), [values[name] for name in names]


# --- Tokens: a place in a list, as `?after=` writes it --------------------------------------------


def make_token(sort: str, place: Place) -> str:
    """A place as text for an address. Nothing in it is secret; whatever comes back is checked."""
    plain = json.dumps([sort, int(place.backwards), *place[1:]], separators=(",", ":"))
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_token(sort: str, token: str) -> Place | None:
    """The place that a token of this sort names; None for any other text."""
    try:
        plain = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        of_sort, backwards, run, key, number = plain
    except (ValueError, TypeError, RecursionError):
        return None
    if of_sort != sort or backwards not in (0, 1):
        return None
    if (backwards, run, key, number) == (1, *END[1:]):
        return END
    if run not in range(len(SORTS[sort].runs)) or type(number) is not int:
        return None
    if not (0 < number < LARGEST and SORTS[sort].runs[run].is_key(key)):
        return None
    return Place(bool(backwards), int(run), key, number)
