"""The text index: its tables, the triggers that keep it, how it is asked, checked and rebuilt.

`films_searchfilm` holds the titles and taglines of every film that is published or will be, drafts
never; `films_searchperson` everybody's name. Whatever changes a text, by whatever door, changes
them in the same transaction. A film's people are not copied into it: they are found by their own
index, and their films through the credits.

A row stands in one of three tiers, by votes. Votes move no row, so that they cost nothing here:
`rebuild` puts rows where they belong, and a search joins the votes of today.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from films import triggers
from films.models import Credit, Film
from films.search import postgresql, sqlite
from films.search.asking import Asked
from films.search.words import letters

TABLES = {"films_searchfilm": "films_film", "films_searchperson": "films_person"}
TRIGGERS = sqlite.TRIGGERS + postgresql.TRIGGERS
WELL_KNOWN = (100, 2_000, 20_000)  # rows of each tier but the last
MOST = 500  # films that are looked at for one question
MOST_PEOPLE = 100
CHUNK = 1_000  # rows compared at once
Progress = Callable[[int], Any]
Row = tuple[int, int, int]  # step, id, votes or renown


def _on(connection: BaseDatabaseWrapper) -> ModuleType:
    return sqlite if connection.vendor == "sqlite" else postgresql


# --- For migrations -------------------------------------------------------------------------------


def create(apps: Any, schema_editor: Any) -> None:
    """Make the tables, empty but for the letters."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in _on(connection).TABLES:
            cursor.execute(statement)
        cursor.executemany("INSERT INTO films_searchletter VALUES (%s, %s, %s)", list(letters()))


def drop(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for statement in _on(schema_editor.connection).NO_TABLES:
            cursor.execute(statement)


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(TRIGGERS, schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    """Drop the triggers, before a table that they are on or read is remade."""
    triggers.remove(TRIGGERS, schema_editor.connection)


def fill(apps: Any, schema_editor: Any) -> None:
    """Write what is missing: all of it."""
    mend(schema_editor.connection)


# --- Asking ---------------------------------------------------------------------------------------


def films(steps: Sequence[Asked], most: int, connection: BaseDatabaseWrapper) -> list[Row]:
    """The films that are asked for in each step, those with most votes first: the step's number,
    id and votes. Scheduled films are among them. One query.

    Of more than MOST films those are looked at that had most votes at the last rebuild.
    """
    return _ask("films_searchfilm", steps, most, connection)


def people(steps: Sequence[Asked], most: int, connection: BaseDatabaseWrapper) -> list[Row]:
    """The people that are asked for in each step: the step's number, id and renown. One query.

    Renown is how many votes their films had at the last rebuild: a star has hundreds of films,
    too many to count up for each search.
    """
    return _ask("films_searchperson", steps, most, connection)


def _ask(
    table: str, steps: Sequence[Asked], most: int, connection: BaseDatabaseWrapper
) -> list[Row]:
    if table == "films_searchfilm":
        looked_at, known = MOST, f"SELECT film_id AS id, votes AS worth FROM {_scores()}"
    else:
        looked_at = MOST_PEOPLE
        known = "SELECT person_id AS id, renown AS worth FROM films_searchrenown"
    parts, values = [], []
    for step, asked in enumerate(steps):
        rows, asked_values = _on(connection).found(table, asked, most, looked_at)
        parts.append(
            f"""SELECT * FROM (
                SELECT {step} AS step, found.id, COALESCE(known.worth, 0) AS worth
                FROM ({rows}) AS found LEFT JOIN ({known}) AS known ON known.id = found.id
                ORDER BY worth DESC, found.id LIMIT %s) AS step_{step}"""
        )
        values += [*asked_values, most]
    return _fetch(connection, " UNION ALL ".join(parts), values)


def films_of(
    people: list[int], most: int, connection: BaseDatabaseWrapper
) -> list[tuple[int, int]]:
    """Ids and votes of the films that these people worked on, unpublished ones among them."""
    if not people:
        return []
    marks = ", ".join(["%s"] * len(people))
    sql = f"""
        SELECT billed.film_id, COALESCE(score.votes, 0) AS votes
        FROM (SELECT DISTINCT film_id FROM films_credit WHERE person_id IN ({marks})) AS billed
        LEFT JOIN {_scores()} AS score ON score.film_id = billed.film_id
        ORDER BY votes DESC, billed.film_id LIMIT %s"""
    return _fetch(connection, sql, [*people, most])


def _fetch(connection: BaseDatabaseWrapper, sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _scores() -> str:
    related: Any = Film._meta.get_field("audience_score").related_model
    return str(related._meta.db_table)


# --- Checking and rebuilding ----------------------------------------------------------------------


def size(connection: BaseDatabaseWrapper) -> int:
    """How far `differences` counts: the largest numbers of a film and of a person together."""
    return sum(_last(connection, source) for source in TABLES.values())


def differences(
    connection: BaseDatabaseWrapper, progress: Progress = bool
) -> Iterator[tuple[str, list[int]]]:
    """The rows of the index that are not what the tables say: index and ids, chunk by chunk."""
    on = _on(connection)
    for table, source in TABLES.items():
        last = _last(connection, source)
        for first in range(1, max(last, _last_kept(connection, table)) + 1, CHUNK):
            span = {"first": first, "last": first + CHUNK - 1}
            within = "source.id BETWEEN %(first)s AND %(last)s"
            with connection.cursor() as cursor:
                cursor.execute(on.real(table, within), span)
                real = Counter(cursor.fetchall())
                cursor.execute(on.kept(table), span)
                kept = Counter(cursor.fetchall())
            if real != kept:
                yield table, sorted({row[0] for row in [*(real - kept), *(kept - real)]})
            progress(max(0, min(CHUNK, last - first + 1)))


def _last(connection: BaseDatabaseWrapper, source: str) -> int:
    return int(_fetch(connection, f"SELECT COALESCE(MAX(id), 0) FROM {source}", [])[0][0])


def _last_kept(connection: BaseDatabaseWrapper, table: str) -> int:
    return int(_fetch(connection, _on(connection).last(table), [])[0][0])


def mend(connection: BaseDatabaseWrapper, progress: Progress = bool) -> int:
    """Write every row anew that is wrong; how many were. A thousand at a time hold writers up."""
    mended = 0
    for table, ids in differences(connection, progress):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            _on(connection).rewrite(cursor, table, ids)
        mended += len(ids)
    return mended


def settle(connection: BaseDatabaseWrapper) -> int:
    """Put the films with most votes, and their people, into the first tiers; how many moved."""
    best = Film.objects.using(connection.alias).published().by_votes()
    votes = {
        film: count or 0
        for film, count in best.values_list("pk", "audience_score__votes")[: sum(WELL_KNOWN)]
    }
    renown = dict(_renown(votes).most_common(sum(WELL_KNOWN)))
    moved = _settle(connection, "films_searchfilm", list(votes))
    moved += _settle(connection, "films_searchperson", list(renown))
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("DELETE FROM films_searchrenown")
        cursor.executemany("INSERT INTO films_searchrenown VALUES (%s, %s)", list(renown.items()))
    with connection.cursor() as cursor:
        _on(connection).settled(cursor)
    return moved


def _renown(votes: dict[int, int]) -> Counter[int]:
    """The votes of their films together, for everybody credited on these films."""
    renown: Counter[int] = Counter()
    films = list(votes)
    for start in range(0, len(films), 500):
        some = films[start : start + 500]
        credit = Credit.objects.filter(film__in=some).order_by("film", "position", "pk")
        for film, person in dict.fromkeys(credit.values_list("film_id", "person_id")):
            renown[person] += votes[film]
    return renown


def _settle(connection: BaseDatabaseWrapper, table: str, known: list[int]) -> int:
    on, moved = _on(connection), 0
    with connection.cursor() as cursor:
        before = on.tiers(cursor, table)
    wanted: dict[int, int] = dict.fromkeys(before, on.LAST_TIER)
    start = 0
    for tier, count in enumerate(WELL_KNOWN):
        wanted.update(dict.fromkeys(known[start : start + count], tier))
        start += count
    for tier in range(on.TIERS):
        movers = [n for n, to in wanted.items() if to == tier != before.get(n, on.LAST_TIER)]
        for start in range(0, len(movers), CHUNK):
            some = movers[start : start + CHUNK]
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                on.move(cursor, table, some, tier)
        moved += len(movers)
    return moved


def missing(using: str = "default") -> list[str]:
    """The names of these triggers that the database lacks; empty where all is well."""
    return triggers.missing(TRIGGERS, connections[using])


KEEPER = triggers.Keeper(
    TRIGGERS, mend=mend, hint="Run manage.py rebuild_search: it makes it and mends the index."
)
