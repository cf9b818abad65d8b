"""The text index on SQLite: two FTS5 tables, and the SQL that writes a film and a person into them.

A row's number is its tier and the film's or person's id. FTS5 gives rows out by number, so the
well-known come first and a search that stops after some rows has seen them.

A migration that remakes films_film, films_alternativetitle, films_tagline or films_person starts
with RunPython(remove, install) and ends with RunPython(install, remove) of `films.search.index`.
"""

from collections.abc import Iterable
from typing import Any

from films.search.asking import Asked, Field, Group, Term
from films.search.words import ARTICLES, JOINING, SPACELESS
from films.triggers import Trigger

IDS = 40  # bits of a row's number that hold the id
TIERS = 4
LAST_TIER = TIERS - 1

_TOKENS = "tokenize = \"unicode61 remove_diacritics 2 categories 'L* M* N* Co'\", prefix = '1 2 3'"
TABLES = (
    """CREATE TABLE films_searchletter (letter text PRIMARY KEY, plain text NOT NULL,
        joined text NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE films_searchword (key text NOT NULL, word text NOT NULL,
        weight integer NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID""",
    "CREATE TABLE films_searchrenown (person_id integer PRIMARY KEY, renown integer NOT NULL)",
    f"""CREATE VIRTUAL TABLE films_searchfilm USING fts5(
        whole, title, original_whole, original, other_whole, other, tagline, {_TOKENS})""",
    f"CREATE VIRTUAL TABLE films_searchperson USING fts5(whole, name, {_TOKENS})",
)
NO_TABLES = tuple(
    f"DROP TABLE IF EXISTS films_search{name}"
    for name in ("film", "person", "renown", "word", "letter")
)
COLUMNS = {
    Field.WHOLE: "whole",
    Field.CALLED: "whole original_whole other_whole",
    Field.TITLE: "title",
    Field.TEXT: "title original other tagline",
    Field.NAME: "name",
}


_NOT_ASCII, _NOT_PLAIN = "*[^ -~]*", "*[^0-9A-Za-z ]*"

# --- Text as the index holds it: the SQL of `films.search.words` ----------------------------------


def _by_letter(text: str, becomes: str) -> str:
    """SQL for what the letters of a text become, one by one."""
    return f"""COALESCE((
        WITH RECURSIVE place (n) AS (
            SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length({text}))
        SELECT group_concat(COALESCE({becomes}), '')
        FROM place LEFT JOIN films_searchletter AS known ON known.letter = substr({text}, n, 1)
        ), '')"""


def _plain(text: str) -> str:
    """SQL for plain letters; those of ASCII are left as they are, FTS5 makes them small."""
    letter = f"substr({text}, n, 1)"
    spaceless = " OR ".join(
        f"unicode({letter}) BETWEEN {ord(first)} AND {ord(last)}" for first, last in SPACELESS
    )
    spaced = f"CASE WHEN {spaceless} THEN ' ' || {letter} || ' ' ELSE {letter} END"
    slow = _by_letter(text, f"known.plain, {spaced}")
    return (
        f"CASE WHEN {text} GLOB '{_NOT_ASCII}' THEN {slow} ELSE replace({text}, '&', ' and ') END"
    )


def _whole(text: str) -> str:
    slow = _by_letter(text, f"known.joined, substr({text}, n, 1)")
    return f"CASE WHEN {text} GLOB '{_NOT_PLAIN}' THEN {slow} ELSE replace({text}, ' ', '') END"


def _readings(text: str) -> str:
    """SQL for the words of a title in both readings: FTS5 itself splits at marks."""
    joined, marks = "p", JOINING.replace("-", "").replace("'", "''")
    for mark in JOINING:
        joined = f"replace({joined}, '{mark.replace(chr(39), chr(39) * 2)}', '')"
    return f"""(SELECT p || CASE WHEN p GLOB '*[{marks}-]*' THEN ' ' || {joined} ELSE '' END
        FROM (SELECT {_plain(text)} AS p))"""


def _whole_title(text: str) -> str:
    """The title as one word, and once more without its article."""
    articles = ", ".join(f"'{article}'" for article in ARTICLES)
    rest = f"substr({text}, instr({text}, ' ') + 1)"
    return f"""{_whole(text)} || CASE
        WHEN lower(substr({text}, 1, instr({text}, ' ') - 1)) IN ({articles})
        THEN ' ' || {_whole(rest)} ELSE '' END"""


def _all(column: str, table: str, film: str) -> str:
    """SQL for a text of each row of a film's, in one; empty where it has none."""
    return f"COALESCE((SELECT group_concat({column}, ' ') FROM {table} WHERE film_id = {film}), '')"


def _title_columns(film: str) -> dict[str, str]:
    return {
        "whole": _whole_title(f"{film}.title"),
        "title": _readings(f"{film}.title"),
        "original_whole": _whole(f"{film}.original_title"),
        "original": _readings(f"{film}.original_title"),
    }


def _other_columns(film: str) -> dict[str, str]:
    return {
        "other_whole": _all(_whole("title"), "films_alternativetitle", film),
        "other": _all(_readings("title"), "films_alternativetitle", film),
    }


def _tagline_columns(film: str) -> dict[str, str]:
    return {"tagline": _all(_readings("text"), "films_tagline", film)}


def _film_columns(film: str) -> dict[str, str]:
    number = f"{film}.id"
    return {**_title_columns(film), **_other_columns(number), **_tagline_columns(number)}


def _person_columns(person: str) -> dict[str, str]:
    return {"whole": _whole(f"{person}.name"), "name": _readings(f"{person}.name")}


# --- Triggers -------------------------------------------------------------------------------------


def _rows(number: str) -> str:
    """Where a film's or a person's row may stand: one place in each tier."""
    return "(" + ", ".join(f"{tier << IDS} + {number}" for tier in range(TIERS)) + ")"


def _insert(table: str, number: str, columns: dict[str, str], condition: str = "1") -> str:
    return f"""INSERT INTO {table} (rowid, {", ".join(columns)})
        SELECT {LAST_TIER << IDS} + {number}, {", ".join(columns.values())} WHERE {condition};"""


def _update(table: str, number: str, columns: dict[str, str]) -> str:
    changes = ", ".join(f"{column} = {value}" for column, value in columns.items())
    return f"UPDATE {table} SET {changes} WHERE rowid IN {_rows(number)};"


def _delete(table: str, number: str) -> str:
    return f"DELETE FROM {table} WHERE rowid IN {_rows(number)};"


def _parts_triggers(table: str, text: str, columns: Any) -> Iterable[Trigger]:
    """Triggers on a table whose rows belong to a film: each change writes the film's columns."""
    old, new = (
        _update("films_searchfilm", f"{row}.film_id", columns(f"{row}.film_id"))
        for row in ("OLD", "NEW")
    )
    name = f"films_search_{table}"
    for event, body in (
        ("INSERT", new),
        (f"UPDATE OF {text}, film_id", old + new),
        ("DELETE", old),
    ):
        yield Trigger(
            name=f"{name}_{event.split()[0].lower()}",
            table=f"films_{table}",
            writes_to="films_searchfilm",
            sqlite=f"AFTER {event} ON films_{table} BEGIN {body} END",
        )


TRIGGERS = (
    Trigger(
        name="films_search_film_insert",
        table="films_film",
        writes_to="films_searchfilm",
        sqlite=f"""AFTER INSERT ON films_film WHEN NEW.published_at IS NOT NULL BEGIN
            {_insert("films_searchfilm", "NEW.id", _film_columns("NEW"))}
        END""",
    ),
    Trigger(
        name="films_search_film_title",
        table="films_film",
        writes_to="films_searchfilm",
        sqlite=f"""AFTER UPDATE OF title, original_title ON films_film
            WHEN OLD.title <> NEW.title OR OLD.original_title <> NEW.original_title BEGIN
            {_update("films_searchfilm", "NEW.id", _title_columns("NEW"))}
        END""",
    ),
    Trigger(
        name="films_search_film_published",
        table="films_film",
        writes_to="films_searchfilm",
        sqlite=f"""AFTER UPDATE OF published_at ON films_film
            WHEN (OLD.published_at IS NULL) <> (NEW.published_at IS NULL) BEGIN
            {_delete("films_searchfilm", "NEW.id")}
            {
            _insert(
                "films_searchfilm", "NEW.id", _film_columns("NEW"), "NEW.published_at IS NOT NULL"
            )
        }
        END""",
    ),
    Trigger(
        name="films_search_film_delete",
        table="films_film",
        writes_to="films_searchfilm",
        sqlite=f"AFTER DELETE ON films_film BEGIN {_delete('films_searchfilm', 'OLD.id')} END",
    ),
    *_parts_triggers("alternativetitle", "title", _other_columns),
    *_parts_triggers("tagline", "text", _tagline_columns),
    Trigger(
        name="films_search_person_insert",
        table="films_person",
        writes_to="films_searchperson",
        sqlite=f"""AFTER INSERT ON films_person BEGIN
            {_insert("films_searchperson", "NEW.id", _person_columns("NEW"))}
        END""",
    ),
    Trigger(
        name="films_search_person_update",
        table="films_person",
        writes_to="films_searchperson",
        sqlite=f"""AFTER UPDATE OF name ON films_person WHEN OLD.name <> NEW.name BEGIN
            {_update("films_searchperson", "NEW.id", _person_columns("NEW"))}
        END""",
    ),
    Trigger(
        name="films_search_person_delete",
        table="films_person",
        writes_to="films_searchperson",
        sqlite=f"""AFTER DELETE ON films_person BEGIN
            {_delete("films_searchperson", "OLD.id")}
        END""",
    ),
)


# --- Asking ---------------------------------------------------------------------------------------


def match(asked: Asked) -> str:
    """The question as FTS5 reads it. Each word is quoted: bare, it could be syntax."""
    groups = " OR ".join(f"({_group(group)})" for group in asked.groups)
    return f"{{{COLUMNS[asked.field]}}} : ({groups})"


def _group(group: Group) -> str:
    return " AND ".join(f"({' OR '.join(map(_term, choice))})" for choice in group)


def _term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + "*" * term.begun


def found(table: str, asked: Asked, enough: int, most: int) -> tuple[str, list[Any]]:
    """SQL, and its values, for the ids of the first `most` rows, the well-known before others.

    FTS5 gives rows out as it finds them: there is nothing to be saved where fewer are `enough`.
    """
    return (
        f"SELECT rowid & {(1 << IDS) - 1} AS id FROM {table} WHERE {table} MATCH %s LIMIT %s",
        [match(asked), most],
    )


# --- Checking and rebuilding ----------------------------------------------------------------------

_SOURCES = {
    "films_searchfilm": ("films_film", _film_columns, "source.published_at IS NOT NULL"),
    "films_searchperson": ("films_person", _person_columns, "1"),
}


def real(table: str, condition: str, base: str = "0") -> str:
    """SQL for what rows of the index should be: id (upon a base), then the columns."""
    source, columns, wanted = _SOURCES[table]
    values = ", ".join(columns("source").values())
    rows = f"{source} AS source WHERE {wanted} AND {condition}"
    return f"SELECT {base} + source.id, {values} FROM {rows}"


def kept(table: str) -> str:
    """SQL for what they are, from one id to another, given for each tier."""
    columns = ", ".join(_SOURCES[table][1]("source"))
    return " UNION ALL ".join(
        f"SELECT rowid - {tier << IDS}, {columns} FROM {table}"
        f" WHERE rowid BETWEEN {tier << IDS} + %(first)s AND {tier << IDS} + %(last)s"
        for tier in range(TIERS)
    )


def last(table: str) -> str:
    """SQL for the largest id there is in it, or 0."""
    return (
        " UNION ALL ".join(
            f"SELECT COALESCE(MAX(rowid), {tier << IDS}) - {tier << IDS} AS id FROM {table}"
            f" WHERE rowid BETWEEN {tier << IDS} AND {(tier + 1 << IDS) - 1}"
            for tier in range(TIERS)
        )
        + " ORDER BY id DESC"
    )


def rewrite(cursor: Any, table: str, ids: list[int]) -> None:
    """Write these rows anew, in the last tier; those that should not be there go."""
    numbers = ", ".join(map(str, ids))
    places = ", ".join(str((tier << IDS) + number) for tier in range(TIERS) for number in ids)
    columns = ", ".join(_SOURCES[table][1]("source"))
    cursor.execute(f"DELETE FROM {table} WHERE rowid IN ({places})")
    cursor.execute(
        f"INSERT INTO {table} (rowid, {columns})"
        f" {real(table, f'id IN ({numbers})', str(LAST_TIER << IDS))}"
    )


def settled(cursor: Any) -> None:
    """FTS5 plans without statistics."""


def tiers(cursor: Any, table: str) -> dict[int, int]:
    """The tier of each id that is not in the last."""
    cursor.execute(f"SELECT rowid FROM {table} WHERE rowid < {LAST_TIER << IDS}")
    return {number & (1 << IDS) - 1: number >> IDS for (number,) in cursor.fetchall()}


def move(cursor: Any, table: str, ids: list[int], tier: int) -> None:
    """Put rows into a tier."""
    for number in ids:
        cursor.execute(
            f"UPDATE {table} SET rowid = %s WHERE rowid IN {_rows('%s')} AND rowid <> %s",
            [(tier << IDS) + number, *[number] * TIERS, (tier << IDS) + number],
        )
