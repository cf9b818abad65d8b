"""The tally: triggers on the vote table that keep every film's AudienceScore exact.

Whatever changes a vote (a page, the admin, a bulk update, a cascade, an import, raw SQL) changes
the counts in the same transaction, at a cost that does not grow with the votes. `recount` reads
the votes themselves: to check the tally, and to mend it after what triggers cannot see.

Only an insert or update makes a film's row; a delete merely updates it, so that deleting a film
never brings its row back. A migration that remakes a table which these triggers are on or write
to starts with RunPython(remove, install) and ends with RunPython(install, remove): SQLite drops
a remade table's triggers without a word, and stumbles over triggers that write to it.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from films import triggers
from films.triggers import Trigger
from reviews.models.vote import SCORES

COUNTS = (*(f"n{score}" for score in SCORES), "held", "discounted")


def _is(count: str, row: str = "") -> str:
    """The SQL condition under which a vote belongs to a count."""
    if count.startswith("n"):
        return f"{row}status = 'counted' AND {row}score = {count[1:]}"
    return f"{row}status = '{count}'"


# --- SQLite: row by row ------------------------------------------------------------------------


def _add(row: str, sign: str) -> str:
    changes = ", ".join(f"{count} = {count} {sign} ({_is(count, row)})" for count in COUNTS)
    return f"UPDATE reviews_audiencescore SET {changes} WHERE film_id = {row}film_id;"


# No INSERT OR IGNORE: inside a trigger the outer statement's OR REPLACE would take its place.
_ROW = """INSERT INTO reviews_audiencescore (film_id)
    SELECT NEW.film_id WHERE NOT EXISTS
        (SELECT 1 FROM reviews_audiencescore WHERE film_id = NEW.film_id);"""


# --- PostgreSQL: statement by statement, films in the order of their ids ------------------------


def _deltas(*changed: tuple[str, str]) -> str:
    """Lock the rows of the films in question in order, then add what the statement changed."""
    rows = " UNION ALL ".join(
        f"SELECT film_id, status, score, {sign} AS sign FROM {table}" for table, sign in changed
    )
    sums = ", ".join(
        f"COALESCE(SUM(sign) FILTER (WHERE {_is(count)}), 0) AS {count}" for count in COUNTS
    )
    changes = ", ".join(f"{count} = tally.{count} + delta.{count}" for count in COUNTS)
    differs = " OR ".join(f"delta.{count} <> 0" for count in COUNTS)
    return f"""
        PERFORM 1 FROM reviews_audiencescore
            WHERE film_id IN (SELECT film_id FROM ({rows}) AS changed)
            ORDER BY film_id FOR UPDATE;
        UPDATE reviews_audiencescore AS tally SET {changes}
            FROM (SELECT film_id, {sums} FROM ({rows}) AS changed GROUP BY film_id) AS delta
            WHERE tally.film_id = delta.film_id AND ({differs});
    """


# Whoever deletes a film or a member locks it first. A new vote too holds both before the tally:
# its foreign keys ask for them only at the commit, where each could wait for the other for ever.
_HOLD = """
    PERFORM 1 FROM films_film WHERE id IN (SELECT film_id FROM new_votes)
        ORDER BY id FOR KEY SHARE;
    PERFORM 1 FROM reviews_member WHERE id IN (SELECT member_id FROM new_votes)
        ORDER BY id FOR KEY SHARE;
"""

_ROWS = """
    INSERT INTO reviews_audiencescore (film_id)
        SELECT DISTINCT film_id FROM new_votes ORDER BY film_id
        ON CONFLICT (film_id) DO NOTHING;
"""

TRIGGERS = (
    Trigger(
        name="reviews_tally_insert",
        table="reviews_vote",
        sqlite=f"AFTER INSERT ON reviews_vote BEGIN {_ROW} {_add('NEW.', '+')} END",
        postgresql_event=(
            "AFTER INSERT ON reviews_vote REFERENCING NEW TABLE AS new_votes FOR EACH STATEMENT"
        ),
        postgresql=_HOLD + _ROWS + _deltas(("new_votes", "1")),
    ),
    Trigger(
        name="reviews_tally_update",
        table="reviews_vote",
        sqlite=(
            "AFTER UPDATE OF film_id, score, status ON reviews_vote"
            f" BEGIN {_add('OLD.', '-')} {_ROW} {_add('NEW.', '+')} END"
        ),
        postgresql_event=(
            "AFTER UPDATE ON reviews_vote"
            " REFERENCING OLD TABLE AS old_votes NEW TABLE AS new_votes FOR EACH STATEMENT"
        ),
        postgresql=_ROWS + _deltas(("new_votes", "1"), ("old_votes", "-1")),
    ),
    Trigger(
        name="reviews_tally_delete",
        table="reviews_vote",
        sqlite=f"AFTER DELETE ON reviews_vote BEGIN {_add('OLD.', '-')} END",
        postgresql_event=(
            "AFTER DELETE ON reviews_vote REFERENCING OLD TABLE AS old_votes FOR EACH STATEMENT"
        ),
        postgresql=_deltas(("old_votes", "-1")),
    ),
    Trigger(
        name="reviews_tally_truncate",
        table="reviews_vote",
        postgresql_event="AFTER TRUNCATE ON reviews_vote FOR EACH STATEMENT",
        postgresql="DELETE FROM reviews_audiencescore;",
    ),
)


def install(apps: Any, schema_editor: Any) -> None:
    """For migrations: make the triggers."""
    triggers.install(TRIGGERS, schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    """For migrations: drop the triggers, before a table of theirs is remade."""
    triggers.remove(TRIGGERS, schema_editor.connection)


# --- Recounting -----------------------------------------------------------------------------------

_SUMS = ", ".join(f"SUM(CASE WHEN {_is(count)} THEN 1 ELSE 0 END) AS {count}" for count in COUNTS)
_VOTES = f"SELECT film_id, {_SUMS} FROM reviews_vote {{}} GROUP BY film_id"
_WITHOUT_ROW = """WHERE film_id IN (SELECT id FROM films_film WHERE NOT EXISTS
    (SELECT 1 FROM reviews_audiencescore AS kept WHERE kept.film_id = films_film.id))"""
_KEPT = ", ".join(f"kept.{count}" for count in COUNTS)
_REAL = ", ".join(f"COALESCE(real.{count}, 0)" for count in COUNTS)
_DIFFERS = " OR ".join(f"kept.{count} <> COALESCE(real.{count}, 0)" for count in COUNTS)


def differences(connection: BaseDatabaseWrapper) -> Iterator[tuple[int, list[int], list[int]]]:
    """Films whose tally is not what their votes say: film id, counts kept, counts recounted.

    Each list is n1 … n10, held, discounted. A film that has votes but no row is kept as zeros.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kept.film_id, {_KEPT}, {_REAL} FROM reviews_audiencescore AS kept"
            f" LEFT JOIN ({_VOTES.format('')}) AS real ON real.film_id = kept.film_id"
            f" WHERE {_DIFFERS}"
            f" UNION ALL SELECT real.film_id, {', '.join('0' for _ in COUNTS)}, {_REAL}"
            f" FROM ({_VOTES.format(_WITHOUT_ROW)}) AS real"
        )
        size = len(COUNTS)
        for film, *counts in cursor.fetchall():
            yield film, [int(n) for n in counts[:size]], [int(n) for n in counts[size:]]


def recount(connection: BaseDatabaseWrapper) -> int:
    """Write every film's counts anew from its votes; how many films were wrong.

    Waits for votes under way and holds new ones off, so that none is counted twice or missed.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE reviews_vote IN SHARE ROW EXCLUSIVE MODE")
        wrong = list(differences(connection))
        for film, _kept, real in wrong:
            cursor.execute("DELETE FROM reviews_audiencescore WHERE film_id = %s", [film])
            columns, marks = ", ".join(COUNTS), ", ".join("%s" for _ in COUNTS)
            cursor.execute(
                f"INSERT INTO reviews_audiencescore (film_id, {columns}) VALUES (%s, {marks})",
                [film, *real],
            )
    return len(wrong)


def missing(using: str = "default") -> list[str]:
    """The names of tally triggers that the database lacks; empty where all is well."""
    return triggers.missing(TRIGGERS, connections[using])


KEEPER = triggers.Keeper(
    TRIGGERS, mend=recount, hint="Run manage.py recount_scores --fix: it makes it and recounts."
)
