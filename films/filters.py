"""By what the list of films can be narrowed, in SQL, and what is on offer.

Written in SQL by hand: at a million films each question has to be asked of the one index that
answers it, on both databases alike. `films.counts` counts what the filters leave,
`films.listing` puts it in order, page by page.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from films.languages import language_name
from films.models import Film

RUNTIMES = {"0-59": 0, "60-89": 60, "90-119": 90, "120-149": 120, "150-": 150}  # least minutes
SCORES = (90, 80, 70, 60)  # per cent at least
OLDEST_AGE = 21
FLAG = "1"  # the value of a filter that is only yes or no
# Rows of a filter that are counted, to know which are fewest: so many as cost less to look at
# than going through a million films in the list's order does, for one of the first nine pages,
# and for a far page or several filters.
MOST_ROWS = 7_000, 60_000


@dataclass
class Filter:
    """One choice of a form: its name in the query, what is on offer by value, what is chosen."""

    name: str
    label: Any
    choices: dict[str, str]
    chosen: str = ""  # always one of the choices, or empty
    counts: dict[str, int] | None = None  # films that each value would leave; None: not counted

    def choose(self, value: str) -> None:
        """Take a value from a request; what is not on offer is ignored."""
        if value in self.choices:
            self.chosen = value

    @property
    def is_flag(self) -> bool:
        """Whether it is only yes or no: a box to tick."""
        return list(self.choices) == [FLAG]

    @property
    def flag_words(self) -> str:
        return self._words(FLAG)

    @property
    def leaves_nothing(self) -> bool:
        """Of a box to tick: whether no film would be left."""
        return self.counts is not None and not self.counts

    @property
    def chosen_words(self) -> str:
        """What is chosen, with its name where that says nothing by itself: `Genre: War`."""
        words = self.choices[self.chosen]
        return words if self.is_flag else f"{self.label}: {words}"

    @property
    def options(self) -> SafeString:
        """The choices as <option>s: hundreds of countries and languages cost a loop in a
        template milliseconds. A value that would leave nothing is left out.
        """
        return format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (value, mark_safe(" selected") if value == self.chosen else "", self._words(value))
                for value in self.choices
                if self.counts is None or value in self.counts or value == self.chosen
            ),
        )

    def _words(self, value: str) -> str:
        words = self.choices[value]
        return words if self.counts is None else f"{words} ({self.counts.get(value, 0)})"


# --- Conditions -------------------------------------------------------------------------------

PUBLISHED = "COALESCE(film.published_at, NULL) <= %(now)s"
# Reached by name, as `film.audience_score` is: what members say is not imported here.
SCORE, VOTE, WATCHLIST = "reviews_audiencescore", "reviews_vote", "reviews_watchlistentry"
GENRE = "genre_id = (SELECT id FROM films_genre WHERE slug = %(genre)s)"
LABELLED = """certificate_id IN (SELECT id FROM films_certificate WHERE label = %(label)s
    AND (board = %(board)s OR (%(board)s = '' AND country_id = %(home)s)))"""
SUITABLE = """certificate_id IN (SELECT id FROM films_certificate
    WHERE country_id = %(home)s AND minimum_age <= %(age)s)"""
LIKED = "votes >= %(least_votes)s AND percent >= %(min_score)s"
OWN = "member_id = %(member)s"


@dataclass(frozen=True)
class Condition:
    """What one filter asks of a film, in SQL.

    `rows` are those whose `film_id`s pass, by an index of their own; empty where no index could.
    `test` asks it of one film: of the number {id} alone, so that the film need not be read, or of
    a column of `film`. COALESCE hides that from the planner, which without statistics would leave
    the order of the list for an index on a language.
    """

    rows: str
    test: str
    column: str = ""  # the condition of a column, as an index may answer it


def _linked(table: str, condition: str) -> Condition:
    rows = f"{table} WHERE {condition}"
    return Condition(rows, f"EXISTS (SELECT 1 FROM {rows} AND film_id = {{id}})")


def _column(name: str, condition: str) -> Condition:
    rows = f"(SELECT id AS film_id FROM films_film WHERE {name} {condition}) film"
    return Condition(rows, f"COALESCE(film.{name}, NULL) {condition}", f"{name} {condition}")


# In the order in which they stand in an address.
CONDITIONS = {
    "genre": _linked("films_film_genres", GENRE),
    "decade": _column("year", "BETWEEN %(decade)s AND %(decade)s + 9"),
    "certificate": _linked("films_filmcertificate", LABELLED),
    "age": _linked("films_filmcertificate", SUITABLE),
    "country": _linked("films_film_countries", "country_id = %(country)s"),
    "language": _column("original_language", "= %(language)s"),
    "runtime": _column("runtime", "BETWEEN %(shortest)s AND %(longest)s"),
    "min_score": _linked(SCORE, LIKED),
    "watchlist": _linked(WATCHLIST, OWN),
    "unvoted": Condition("", f"NOT {_linked(VOTE, OWN).test}"),
}
LABELS = {
    "genre": _("Genre"),
    "decade": _("Decade"),
    "certificate": _("Certificate"),
    "age": _("Suitable for age"),
    "country": _("Country"),
    "language": _("Language"),
    "runtime": _("Runtime"),
    "min_score": _("Audience score"),
    "watchlist": _("On my watchlist"),
    "unvoted": _("Not voted on by me"),
}
OWN_FILTERS = ("watchlist", "unvoted")  # of the signed-in


@dataclass
class Narrowing:
    """The filters of one request, with what they put into the SQL of a list."""

    filters: list[Filter]
    values: dict[str, Any]
    sizes: dict[str, int]  # rows behind each filter; where they are too many, as many as films
    films: int  # how many there are at most: the highest number of a film
    is_far: bool = False  # whether a page is asked for that is the tenth or further

    @property
    def chosen(self) -> list[Filter]:
        return [each for each in self.filters if each.chosen]

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.chosen]

    def tests(self, names: Iterable[str], number: str = "film.id") -> str:
        """Conditions on the film of this number, those first that need not read it."""
        ordered = sorted(names, key=lambda name: bool(CONDITIONS[name].column))
        return "".join(f" AND {CONDITIONS[name].test}" for name in ordered).format(id=number)

    def rarest(self, names: list[str]) -> "Rows | None":
        """The fewest rows that these filters have; None where they have none."""
        columns = [name for name in names if CONDITIONS[name].column]
        found = [
            Rows(self.sizes[name], CONDITIONS[name].rows, [name])
            for name in names
            if name in self.sizes and name not in columns
        ]
        if columns:  # one index answers for all of them
            least = min(self.sizes[name] for name in columns)
            found.append(Rows(self.sizes.get(" ".join(columns), least), _rows_of(columns), columns))
        return min(found, default=None)

    def matching(self, names: list[str], limit: str) -> str:
        """SQL of the published films that pass these filters, found from the rarest on."""
        columns = "film.id, film.year, film.original_language, film.runtime"
        rarest = self.rarest(names)
        if not rarest:
            return (
                f"SELECT {columns} FROM films_film film WHERE film.published_at <= %(now)s"
                f"{self.tests(names)} LIMIT {limit}"
            )
        others = self.tests(rarest.unsettled(names), "driver.film_id")
        return (
            f"SELECT {columns} FROM (SELECT film_id FROM {rarest.rows}) driver"
            " CROSS JOIN films_film film"
            f" WHERE film.id = driver.film_id AND {PUBLISHED}{others} LIMIT {limit}"
        )


class Rows(NamedTuple):
    """Where the films that pass some filters are found: how many rows, which, for which filters."""

    size: int
    rows: str
    settled: list[str]

    def unsettled(self, names: list[str]) -> list[str]:
        return [name for name in names if name not in self.settled]


def _rows_of(columns: Iterable[str]) -> str:
    conditions = " AND ".join(CONDITIONS[name].column for name in columns)
    return f"(SELECT id AS film_id FROM films_film WHERE {conditions}) film"


def _values(asked: Mapping[str, str], member: int | None) -> dict[str, Any]:
    """What a request asks for, as the SQL takes it: keys of CONDITIONS that it knows, and more."""
    board, _colon, label = asked.get("certificate", "").rpartition(":")
    shortest = RUNTIMES.get(asked.get("runtime", ""), 0)
    longer = [least for least in RUNTIMES.values() if least > shortest]
    return {
        "now": connection.ops.adapt_datetimefield_value(timezone.now()),
        "home": settings.HOME_COUNTRY,
        "least_votes": settings.AUDIENCE_SCORE_MIN_VOTES,
        "member": member,
        "genre": asked.get("genre", ""),
        "decade": int(asked.get("decade", 0)),
        "board": board,
        "label": label,
        "age": int(asked.get("age", 0)),
        "country": asked.get("country", ""),
        "language": asked.get("language", ""),
        "shortest": shortest,
        "longest": longer[0] - 1 if longer else 32_767,
        "min_score": int(asked.get("min_score", 0)) * 100,
    }


def _is_age(value: str) -> bool:
    return value in map(str, range(OLDEST_AGE + 1))


SHAPES: dict[str, Callable[[str], bool]] = {
    "genre": lambda value: value.isascii() and value.isprintable() and len(value) <= 60,
    "decade": lambda value: value in map(str, range(1870, 2210, 10)),
    "certificate": lambda value: value.isprintable() and len(value) <= 41,
    "age": _is_age,
    "country": lambda value: value.isascii() and value.isalpha() and len(value) == 2,
    "language": lambda value: value.isascii() and value.isalpha() and len(value) <= 3,
    "runtime": RUNTIMES.__contains__,
    "min_score": lambda value: value in map(str, SCORES),
    "watchlist": FLAG.__eq__,
    "unvoted": FLAG.__eq__,
}


# --- What is on offer ---------------------------------------------------------------------------

# Kind, number, value, name, more. Each value is looked for by itself, so that a catalogue of a
# million costs what one of a thousand does; years and languages go from one to the next. BETWEEN
# and ORDER BY leave PostgreSQL no other plan: for EXISTS or = it would join all films.
OFFERS = """
WITH RECURSIVE
decades(decade) AS (
    SELECT MIN(year) / 10 * 10 FROM films_film
    UNION ALL
    SELECT (SELECT MIN(year) / 10 * 10 FROM films_film WHERE year >= decade + 10)
    FROM decades WHERE decade IS NOT NULL),
languages(language) AS (
    SELECT MIN(original_language) FROM films_film
    UNION ALL
    SELECT (SELECT MIN(original_language) FROM films_film WHERE original_language > language)
    FROM languages WHERE language IS NOT NULL)
SELECT 'genre', 0, slug, name, '' FROM films_genre genre WHERE 1 = (
    SELECT 1 FROM films_film_genres link JOIN films_film film ON film.id = link.film_id
    WHERE link.genre_id BETWEEN genre.id AND genre.id
    AND COALESCE(film.published_at, NULL) <= %(now)s ORDER BY link.genre_id LIMIT 1)
UNION ALL
SELECT 'country', 0, code, name, '' FROM films_country country WHERE 1 = (
    SELECT 1 FROM films_film_countries link JOIN films_film film ON film.id = link.film_id
    WHERE link.country_id BETWEEN country.code AND country.code
    AND COALESCE(film.published_at, NULL) <= %(now)s ORDER BY link.country_id LIMIT 1)
UNION ALL
SELECT CASE WHEN country_id = %(home)s THEN 'home' ELSE 'abroad' END, position, label, board,
    CAST(minimum_age AS text)
FROM films_certificate certificate WHERE 1 = (
    SELECT 1 FROM films_filmcertificate link JOIN films_film film ON film.id = link.film_id
    WHERE link.certificate_id BETWEEN certificate.id AND certificate.id
    AND COALESCE(film.published_at, NULL) <= %(now)s ORDER BY link.certificate_id LIMIT 1)
UNION ALL
SELECT 'decade', decade, '', '', '' FROM decades WHERE 1 = (
    SELECT 1 FROM films_film film WHERE film.year BETWEEN decade AND decade + 9
    AND COALESCE(film.published_at, NULL) <= %(now)s ORDER BY film.year LIMIT 1)
UNION ALL
SELECT 'language', 0, language, '', '' FROM languages WHERE language <> '' AND 1 = (
    SELECT 1 FROM films_film film WHERE film.original_language BETWEEN language AND language
    AND COALESCE(film.published_at, NULL) <= %(now)s ORDER BY film.original_language LIMIT 1)
UNION ALL
SELECT 'films', MAX(id), '', '', '' FROM films_film
"""
Offers = dict[str, list[tuple[int, str, str, str]]]


def unnarrowed() -> Narrowing:
    """All published films, and no filter on offer; no query."""
    return Narrowing([], _values({}, None), {}, 0)


def narrowing(query: Mapping[str, str], member: int | None = None) -> Narrowing:
    """The filters on offer, with what a query chooses of them; one query to the database.

    `member` is the reader's number; the filters of one's own are for the signed-in alone.
    A certificate's value is `PG-13` for the home country's, `BBFC:12A` for another's.
    """
    names = [name for name in CONDITIONS if member is not None or name not in OWN_FILTERS]
    asked = {name: query[name] for name in names if query.get(name) and SHAPES[name](query[name])}
    values = _values(asked, member)
    page = query.get("page", "")
    is_far = page.isascii() and page.isdigit() and len(page) > 1
    most = MOST_ROWS[is_far or len(asked) > 1]
    rows = {name: CONDITIONS[name].rows for name in asked if CONDITIONS[name].rows}
    columns = [name for name in asked if CONDITIONS[name].column]
    if len(columns) > 1:
        rows[" ".join(columns)] = _rows_of(columns)
    probes = "".join(
        f" UNION ALL SELECT 'size', COUNT(*), '{name}', '', ''"
        f" FROM (SELECT 1 FROM {each} LIMIT {most}) size"
        for name, each in rows.items()
    )
    offers: Offers = {}
    with connection.cursor() as cursor:
        cursor.execute(OFFERS + probes, values)
        for kind, *offer in cursor.fetchall():
            offers.setdefault(kind, []).append(tuple(offer))
    choices = _choices(offers)
    if asked.get("age"):
        choices["age"].setdefault(asked["age"], asked["age"])  # 12 is asked for where none is at 12
    filters = [Filter(name, LABELS[name], choices[name]) for name in names]
    for each in filters:
        each.choose(asked.get(each.name, ""))
    films = offers["films"][0][0] or 0
    counted = {name: size for size, name, _, _ in offers.get("size", [])}
    sizes = {name: size if size < most else max(size, films) for name, size in counted.items()}
    return Narrowing(filters, values, sizes, films, is_far)


def _choices(offers: Offers) -> dict[str, dict[str, str]]:
    """Value and words of each filter."""
    home = sorted(offers.get("home", []))
    decades = sorted((number for number, *_rest in offers.get("decade", [])), reverse=True)
    languages = [row[1] for row in offers.get("language", [])]
    certificates = {label: label for _position, label, _board, _age in home}
    for _position, label, board, _age in sorted(offers.get("abroad", []), key=itemgetter(2, 0)):
        certificates[f"{board}:{label}"] = f"{board} {label}"
    ages = sorted({int(age) for _position, _label, _board, age in home if age})
    return {
        "genre": _by_name(offers.get("genre", [])),
        "decade": {f"{decade}": f"{decade}s" for decade in decades},
        "certificate": certificates,
        "age": {f"{age}": str(age or _("all ages")) for age in ages},
        "country": _by_name(offers.get("country", [])),
        "language": _by_name([(0, code, language_name(code), "") for code in languages]),
        "runtime": {value: _length(value) for value in RUNTIMES},
        "min_score": {f"{least}": str(_("%d%% or more") % least) for least in SCORES},
        "watchlist": {FLAG: str(LABELS["watchlist"])},
        "unvoted": {FLAG: str(LABELS["unvoted"])},
    }


def _by_name(rows: list[tuple[int, str, str, str]]) -> dict[str, str]:
    return {value: name for _, value, name, _ in sorted(rows, key=itemgetter(2))}


def _length(value: str) -> str:
    """A range of runtimes as all pages write a length: `1hr 30min to 1hr 59min`."""
    shortest, _dash, longest = value.partition("-")
    if not longest:
        return str(_("%s and longer")) % Film(runtime=int(shortest)).runtime_text
    if shortest == "0":
        return str(_("up to %s")) % Film(runtime=int(longest)).runtime_text
    return str(_("%(shortest)s to %(longest)s")) % {
        "shortest": Film(runtime=int(shortest)).runtime_text,
        "longest": Film(runtime=int(longest)).runtime_text,
    }
