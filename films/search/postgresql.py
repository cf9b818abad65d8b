"""The text index on PostgreSQL: a tsvector a film and a person, and the functions that make it.

No extension, no text search configuration, no locale: letters are folded by films_searchletter,
and the vector is written out word by word, so that "3:10" and "E.T." are words like any others.
A whole title stands in it as `=neverletmego`. Weights: A the title or name, B other titles, C
taglines.

Each tier has an index of its own, and a search asks the well-known first: what is common enough
to be slow in the last tier was found before. It does so in a function that keeps its plan, since
planning took longer than searching, and that always goes by the index.
"""

from typing import Any

from films.search.asking import Asked, Field, Group, Term
from films.search.words import ARTICLES, JOINING, MARKS, SPACELESS
from films.triggers import Trigger

TIERS = 4
LAST_TIER = TIERS - 1

_SPACELESS = " OR ".join(
    f"ascii(c) BETWEEN {ord(first)} AND {ord(last)}" for first, last in SPACELESS
)
_ARTICLES = ", ".join(f"'{article}'" for article in ARTICLES)
_MARKS = f"$marks${MARKS}$marks$"
_JOINING = JOINING.replace("'", "''")

# In PL/pgSQL, which plans each of them once a session.
_FUNCTIONS = {
    # Small plain letters.
    "films_search_plain(t text) RETURNS text": f"""
        BEGIN
        RETURN lower(string_agg(COALESCE(known.plain,
                CASE WHEN {_SPACELESS} THEN ' ' || c || ' ' ELSE c END), '' ORDER BY n) COLLATE "C")
            FROM (SELECT n, substr(t, n, 1) AS c FROM generate_series(1, length(t)) AS n) AS one
            LEFT JOIN films_searchletter AS known ON known.letter = one.c;
        END""",
    # What stands in the index for a title or a name: all of it as one word, marked as such, once
    # more without its article, and its words in both readings.
    "films_search_words(t text) RETURNS text": f"""
        DECLARE
            p text := CASE WHEN octet_length(t) = length(t) THEN lower(t COLLATE "C")
                ELSE films_search_plain(t) END;
            whole text := translate(replace(p, '&', 'and'), {_MARKS}, '');
            found text := '=' || whole || ' ';
        BEGIN
        IF whole = '' THEN RETURN ''; END IF;
        IF split_part(p, ' ', 1) IN ({_ARTICLES}) THEN
            found := found || '=' || translate(
                replace(substr(p, strpos(p, ' ') + 1), '&', 'and'), {_MARKS}, '') || ' ';
        END IF;
        p := replace(p, '&', ' and ');
        IF p ~ '[{_JOINING}]' THEN p := p || ' ' || translate(p, '{_JOINING}', ''); END IF;
        RETURN found || translate(p, {_MARKS}, '{" " * len(MARKS)}') || ' ';
        END""",
    # Words with their weight.
    "films_search_vector(words text, weight text) RETURNS tsvector": """
        BEGIN
        IF words IS NULL OR words = '' THEN RETURN ''; END IF;
        RETURN (SELECT COALESCE(string_agg(
                '''' || word || ''':' || least(n, 16000) || weight, ' ')::tsvector, '')
            FROM unnest(array_remove(string_to_array(words, ' '), ''))
                WITH ORDINALITY AS one (word, n) WHERE word <> '=');
        END""",
    "films_search_film(film films_film) RETURNS tsvector": """
        BEGIN
        RETURN films_search_vector(films_search_words(film.title), 'A')
            || films_search_vector(films_search_words(film.original_title)
                || COALESCE((SELECT string_agg(films_search_words(title), '' ORDER BY id)
                    FROM films_alternativetitle WHERE film_id = film.id), ''), 'B')
            || films_search_vector((SELECT string_agg(films_search_words(text), '' ORDER BY id)
                FROM films_tagline WHERE film_id = film.id), 'C');
        END""",
    "films_search_person(person films_person) RETURNS tsvector": """
        BEGIN
        RETURN films_search_vector(films_search_words(person.name), 'A');
        END""",
}


def _found(table: str) -> str:
    """SQL of the function that goes from tier to tier, until it has enough.

    `asked` is looked up in the index, `also` in the rows found by it: as a function, which no
    index answers, while `@@` would have them all collected that begin with one letter.
    """
    steps = "".join(
        f"""
        RETURN QUERY SELECT id FROM {table}
            WHERE tier = {tier} AND vector @@ asked AND ts_match_vq(vector, also) LIMIT most;
        GET DIAGNOSTICS n = ROW_COUNT;
        most := most - n;
        enough := enough - n;
        IF most = 0 OR enough <= 0 THEN RETURN; END IF;"""
        for tier in range(TIERS)
    )
    return f"""CREATE FUNCTION
        {table}_found(asked tsquery, also tsquery, enough integer, most integer)
        RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 100 SET enable_seqscan = off
        SET plan_cache_mode = force_generic_plan
        AS $body$ #variable_conflict use_column
        DECLARE n integer; BEGIN {steps} END $body$"""


def _tables() -> Any:
    yield (
        'CREATE TABLE films_searchletter (letter text COLLATE "C" PRIMARY KEY,'
        " plain text NOT NULL, joined text NOT NULL)"
    )
    yield (
        'CREATE TABLE films_searchword (key text COLLATE "C" NOT NULL,'
        ' word text COLLATE "C" NOT NULL, weight integer NOT NULL, PRIMARY KEY (key, word))'
    )
    yield "CREATE TABLE films_searchrenown (person_id bigint PRIMARY KEY, renown bigint NOT NULL)"
    for table in ("films_searchfilm", "films_searchperson"):
        yield (
            f"CREATE TABLE {table} (id bigint PRIMARY KEY, vector tsvector NOT NULL,"
            f" tier smallint NOT NULL DEFAULT {LAST_TIER})"
        )
        for tier in range(TIERS):
            # What waits to be put into a GIN index is read through at each search: not much may.
            yield (
                f"CREATE INDEX {table}_{tier} ON {table} USING gin (vector)"
                f" WITH (gin_pending_list_limit = 64) WHERE tier = {tier}"
            )
        yield _found(table)
    for head, body in _FUNCTIONS.items():
        yield f"CREATE FUNCTION {head} LANGUAGE plpgsql STABLE AS $body${body}$body$"


TABLES = tuple(_tables())
NO_TABLES = (
    *(
        f"DROP FUNCTION IF EXISTS films_search{name}_found(tsquery, tsquery, integer, integer)"
        for name in ("film", "person")
    ),
    *(f"DROP FUNCTION IF EXISTS {head.split(')')[0]})" for head in reversed(_FUNCTIONS)),
    *(
        f"DROP TABLE IF EXISTS films_search{name}"
        for name in ("film", "person", "renown", "word", "letter")
    ),
)

# --- Triggers -------------------------------------------------------------------------------------

_SOURCES = {
    "films_searchfilm": ("films_film", "films_search_film", "source.published_at IS NOT NULL"),
    "films_searchperson": ("films_person", "films_search_person", "true"),
}


def _write(table: str, condition: str) -> str:
    """Write the rows anew that the condition names; those that should not be there go."""
    source, vector, wanted = _SOURCES[table]
    return f"""
        DELETE FROM {table} WHERE id IN (SELECT source.id FROM {source} AS source
            WHERE {condition} AND NOT ({wanted}));
        INSERT INTO {table} (id, vector) SELECT source.id, {vector}(source)
            FROM {source} AS source WHERE {condition} AND {wanted} ORDER BY source.id
            ON CONFLICT (id) DO UPDATE SET vector = EXCLUDED.vector;
    """


# Whoever changes a part of a film holds the film: two who do so at once see each other's.
def _part(condition: str) -> str:
    return f"PERFORM 1 FROM films_film WHERE {condition} ORDER BY id FOR NO KEY UPDATE;" + _write(
        "films_searchfilm", condition.replace("id", "source.id", 1)
    )


def _parts_triggers(table: str, text: str) -> Any:
    for event, condition in (
        ("INSERT", "id = NEW.film_id"),
        (f"UPDATE OF {text}, film_id", "id IN (OLD.film_id, NEW.film_id)"),
        ("DELETE", "id = OLD.film_id"),
    ):
        yield Trigger(
            name=f"films_search_{table}_{event.split()[0].lower()}",
            table=f"films_{table}",
            writes_to="films_searchfilm",
            postgresql_event=f"AFTER {event} ON films_{table} FOR EACH ROW",
            postgresql=_part(condition),
        )


TRIGGERS = (
    Trigger(
        name="films_search_film_insert",
        table="films_film",
        writes_to="films_searchfilm",
        postgresql_event=(
            "AFTER INSERT ON films_film FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)"
        ),
        postgresql=_write("films_searchfilm", "source.id = NEW.id"),
    ),
    Trigger(
        name="films_search_film_update",
        table="films_film",
        writes_to="films_searchfilm",
        postgresql_event="""AFTER UPDATE OF title, original_title, published_at ON films_film
            FOR EACH ROW WHEN (OLD.title <> NEW.title OR OLD.original_title <> NEW.original_title
                OR (OLD.published_at IS NULL) <> (NEW.published_at IS NULL))""",
        postgresql=_write("films_searchfilm", "source.id = NEW.id"),
    ),
    Trigger(
        name="films_search_film_delete",
        table="films_film",
        writes_to="films_searchfilm",
        postgresql_event="AFTER DELETE ON films_film FOR EACH ROW",
        postgresql="DELETE FROM films_searchfilm WHERE id = OLD.id;",
    ),
    Trigger(
        name="films_search_film_truncate",
        table="films_film",
        writes_to="films_searchfilm",
        postgresql_event="AFTER TRUNCATE ON films_film FOR EACH STATEMENT",
        postgresql="DELETE FROM films_searchfilm;",
    ),
    *_parts_triggers("alternativetitle", "title"),
    *_parts_triggers("tagline", "text"),
    Trigger(
        name="films_search_person_insert",
        table="films_person",
        writes_to="films_searchperson",
        postgresql_event="AFTER INSERT ON films_person FOR EACH ROW",
        postgresql=_write("films_searchperson", "source.id = NEW.id"),
    ),
    Trigger(
        name="films_search_person_update",
        table="films_person",
        writes_to="films_searchperson",
        postgresql_event=(
            "AFTER UPDATE OF name ON films_person FOR EACH ROW WHEN (OLD.name <> NEW.name)"
        ),
        postgresql=_write("films_searchperson", "source.id = NEW.id"),
    ),
    Trigger(
        name="films_search_person_delete",
        table="films_person",
        writes_to="films_searchperson",
        postgresql_event="AFTER DELETE ON films_person FOR EACH ROW",
        postgresql="DELETE FROM films_searchperson WHERE id = OLD.id;",
    ),
    Trigger(
        name="films_search_person_truncate",
        table="films_person",
        writes_to="films_searchperson",
        postgresql_event="AFTER TRUNCATE ON films_person FOR EACH STATEMENT",
        postgresql="DELETE FROM films_searchperson;",
    ),
)

# --- Asking ---------------------------------------------------------------------------------------

_BEFORE = {Field.WHOLE: "=", Field.CALLED: "="}
_WEIGHTS = {Field.WHOLE: "A", Field.TITLE: "A"}


def match(asked: Asked) -> str:
    """The question as a tsquery. Words hold letters and digits alone, so quotes are enough."""
    before, weight = _BEFORE.get(asked.field, ""), _WEIGHTS.get(asked.field, "")

    def term(term: Term) -> str:
        *first, last = (f"'{before}{word}'" for word in term.words)
        label = f":*{weight}" if term.begun else f":{weight}" if weight else ""
        return " <-> ".join(
            [*(f"{word}:{weight}" if weight else word for word in first), last + label]
        )

    def group(choices: Group) -> str:
        return " & ".join(f"({' | '.join(map(term, choice))})" for choice in choices)

    return " | ".join(f"({group(choices)})" for choices in asked.groups)


def found(table: str, asked: Asked, enough: int, most: int) -> tuple[str, list[Any]]:
    """SQL, and its values, for the ids of the first `most` rows, the well-known before others.

    A tier that is less known is looked at only where those before it have not `enough` rows.
    """
    return (
        f"SELECT id FROM {table}_found(%s::tsquery, %s::tsquery, %s, %s) AS id",
        [match(_quickly(asked)), match(asked), enough, most],
    )


def _quickly(asked: Asked) -> Asked:
    """The question without a last word of which there is one letter, where there are others."""
    groups = [
        group[:-1] if len(group) > 1 and group[-1][0].is_one_letter else group
        for group in asked.groups
    ]
    return Asked(asked.field, groups)


# --- Checking and rebuilding ----------------------------------------------------------------------


def real(table: str, condition: str) -> str:
    """SQL for what rows of the index should be: id, then the vector."""
    source, vector, wanted = _SOURCES[table]
    return (
        f"SELECT source.id, {vector}(source)::text FROM {source} AS source"
        f" WHERE {wanted} AND {condition}"
    )


def kept(table: str) -> str:
    """SQL for what they are, from one id to another."""
    return f"SELECT id, vector::text FROM {table} WHERE id BETWEEN %(first)s AND %(last)s"


def last(table: str) -> str:
    """SQL for the largest id there is in it, or 0."""
    return f"SELECT COALESCE(MAX(id), 0) FROM {table}"


def rewrite(cursor: Any, table: str, ids: list[int]) -> None:
    """Write these rows anew; those that should not be there go."""
    source, numbers = _SOURCES[table][0], ", ".join(map(str, ids))
    cursor.execute(f"SELECT 1 FROM {source} WHERE id IN ({numbers}) ORDER BY id FOR NO KEY UPDATE")
    cursor.execute(
        f"DELETE FROM {table} WHERE id IN ({numbers}) AND id NOT IN (SELECT id FROM {source})"
    )
    cursor.execute(_write(table, f"source.id IN ({numbers})"))


def settled(cursor: Any) -> None:
    """Let the planner know how many rows each tier has by now, and searches read no row that moved.

    A row leaves itself behind in the tier it was in, read by each search until it is vacuumed.
    """
    work = "ANALYZE" if cursor.db.in_atomic_block else "VACUUM (ANALYZE)"
    cursor.execute(f"{work} films_searchfilm, films_searchperson, films_searchrenown")


def tiers(cursor: Any, table: str) -> dict[int, int]:
    """The tier of each id that is not in the last."""
    cursor.execute(f"SELECT id, tier FROM {table} WHERE tier < {LAST_TIER}")
    return dict(cursor.fetchall())


def move(cursor: Any, table: str, ids: list[int], tier: int) -> None:
    """Put rows into a tier."""
    cursor.execute(
        f"UPDATE {table} SET tier = %s WHERE id = ANY(%s) AND tier <> %s", [tier, ids, tier]
    )
