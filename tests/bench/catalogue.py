"""A made-up catalogue of any size, the same at every run: films, people, credits, votes and all.

`SIZE=100000 python -m tests.bench.catalogue` fills the empty, migrated database of the settings.
Skewed as real catalogues are: a few films hold most votes and three in five have none, a few
words make most titles, most films are recent, a few languages lead, a third were imported at one
moment. Of a hundred films two are drafts and one is scheduled. Rows go in raw, so that a million
films take minutes; the triggers stay on, so tally and text index are the database's own.
"""

# ruff: noqa: SIM905  (lists of words)
import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

BATCH = 50_000  # rows of one transaction
IMPORTED_AT = "2025-06-01 12:00:00"
NEVER_YET = "2199-01-01 00:00:00"
STEP = 7_368_787  # a prime: by it the popular films are dealt over all ids

GENRES = """Drama Comedy Thriller Romance Action Horror Crime Documentary Adventure Animation
Family Fantasy Mystery Music History War Western Musical Sport Noir""".split()
LANGUAGES = """en fr ja es de it hi zh ru ko pt sv da pl cs ta te fa ar tr el hu nl fi no he th id
ro uk bn sr is ka et lv lt""".split()
COUNTRIES = """US GB FR JP IN DE IT ES CA KR CN RU AU SE DK PL BR MX AR CZ HK IR TR GR HU NL BE FI
NO IL TH TW IE RO UA AT CH PT NZ IS""".split()
COMMON = """the of a and night love man house last day girl life dead city world little blood time
king heart black woman dark story dream way home secret summer lost moon lady fire wild war street
road red white long river good boy island blue sea one two death angel star song winter child game
return train letter garden stranger shadow mother father brother sister door window silence rain
year bride golden devil ghost hunter kingdom desert mountain beyond under after before
without""".split()
STARTS = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w z".split()
VOWELS = "a e i o u ai ea ou".split()
ENDS = ["", "", "n", "r", "s", "l", "m", "nd", "rk", "th", "x", "t"]
SCRIPTS = {
    "ja": "あいうえおかきくけこさしすせそたちつてとなにぬねの夜川山海人",
    "ru": "абвгдежзиклмнопрстуфхцчшэюя",
    "el": "αβγδεζηθικλμνξοπρστυφχψω",
    "ko": "가나다라마바사아자차카타파하",
    "zh": "夜海山人火天城雨花月",
    "ar": "ابتثجحخدذرزسشصضطعغ",
}
ODD_TITLES = "9 O 300 Up M 1917 Z If It 8½ 2046 Pi Ran Her Us 21 Io Amélie Léon Łódź".split()


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from films.models import Film

    if Film.objects.exists():
        raise SystemExit("There are films already: the catalogue goes into an empty database.")
    fill(int(os.environ.get("SIZE", "100000")))
    with connection.cursor() as cursor:
        for table in ("films_film", "films_person", "films_credit", "reviews_vote"):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            print(f"{table} {cursor.fetchone()[0]:,}", end="  ")
    print()


def fill(size: int) -> None:
    """Make so many films and what belongs to them; ids of films are 1 to `size`."""
    from django.core.management.color import no_style
    from django.db import connection

    from films import models

    quicken(connection)
    sort_out(size)
    words, names = vocabulary(2_000 + size // 25, 1), vocabulary(1_000 + size // 50, 2)
    people, voters = max(50, size // 3), max(200, size // 50)
    insert(models.Person, ["id", "name", "slug"], person_rows(people, names))
    insert(models.Film, FILM, film_rows(size, words))
    for model, columns, rows in parts(size, people, words, names):
        insert(model, columns, rows)
    cast_votes(size, voters)
    with connection.cursor() as cursor:
        tables = [models.Person, models.Film, models.Genre]
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
        if connection.vendor == "postgresql":  # what autovacuum would have done within minutes
            cursor.execute("VACUUM ANALYZE")


def parts(size: int, people: int, words: list[str], names: list[str]) -> Iterator[Any]:
    """What belongs to the films: model, columns, rows."""
    from films import models

    film = models.Film
    yield film.genres.through, ["film_id", "genre_id"], genre_rows(size)
    yield film.countries.through, ["film_id", "country_id"], country_rows(size)
    columns = ["film_id", "person_id", "department", "job", "character", "position"]
    yield models.Credit, columns, credit_rows(size, people, names)
    columns = ["film_id", "certificate_id", "board"]
    yield models.FilmCertificate, columns, certificate_rows(size)
    yield models.Tagline, ["film_id", "text", "position"], tagline_rows(size, words)
    columns = ["film_id", "title", "country_id"]
    yield models.AlternativeTitle, columns, other_title_rows(size, words)


def cast_votes(size: int, voters: int) -> None:
    from reviews.models import Member, Vote

    newcomers = [Member(username=f"voter-{n}", password="!") for n in range(voters)]
    members = [member.pk for member in Member.objects.bulk_create(newcomers, batch_size=2_000)]
    columns = ["film_id", "member_id", "score", "cast_at", "changed_at"]
    insert(Vote, columns, vote_rows(size, members))


# --- Rows --------------------------------------------------------------------------------------

FILM = ["id", "title", "original_title", "slug", "runtime", "release_date", "release_year"]
FILM += ["synopsis", "original_language", "published_at", "created_at", "changed_at"]


def chance(name: str) -> random.Random:
    """Each table's own dice, so that no table depends on what was thrown for another."""
    return random.Random(f"filmsite {name}")


def vocabulary(size: int, seed: int) -> list[str]:
    """So many different words that can be spoken; common words of titles first."""
    dice = chance(f"words {seed}")
    words = dict.fromkeys(COMMON if seed == 1 else [])
    while len(words) < size:
        length = dice.choice((1, 2, 2, 2, 3, 3))
        word = "".join(dice.choice(STARTS) + dice.choice(VOWELS) for _ in range(length))
        words.setdefault(word + dice.choice(ENDS))
    return list(words)


def some_title(dice: random.Random, words: list[str]) -> str:
    """One to five words, the first of the vocabulary far more often than the last."""
    throw = dice.random()
    if throw < 0.01:
        return dice.choice(ODD_TITLES)
    count = 1 + int(5 * throw * dice.random()) + (throw > 0.3)
    title = " ".join(words[int(len(words) ** dice.random()) - 1] for _ in range(min(count, 5)))
    return title[0].upper() + title[1:]


def popularity(film: int, size: int) -> int:
    """The film's place by votes, 1 to `size`."""
    return film * STEP % size + 1


def votes_of(film: int, size: int, voters: int) -> int:
    """As many as place 1 ÷ place asks for; at least one for two films in five."""
    place = popularity(film, size)
    return min(voters, max(size // 5 // place, int(place < 0.4 * size)))


def film_rows(size: int, words: list[str]) -> Iterator[tuple[Any, ...]]:
    dice = chance("films")
    first, opened = date(1900, 1, 1), datetime(2020, 1, 1)
    for film in range(1, size + 1):
        title = some_title(dice, words)
        language = LANGUAGES[int(len(LANGUAGES) ** dice.random()) - 1]
        released = first + timedelta(days=int(46_000 * dice.random() ** 0.4))
        known = dice.random()  # the day, the year alone, or nothing
        synopsis = ""
        if popularity(film, size) < size * 0.3:
            synopsis = " ".join(words[int(len(words) ** dice.random()) - 1] for _ in range(40))
        added = opened + timedelta(minutes=film * 3_000_000 // size)
        place = dice.random()
        published: str | None = str(added) if place > 0.36 else IMPORTED_AT
        if place < 0.03:
            published = NEVER_YET if place < 0.01 else None
        yield (
            film,
            title,
            spelled(dice, language) if language in SCRIPTS else "",
            f"{title.lower().replace(' ', '-').encode('ascii', 'ignore').decode()}-{film}",
            None if dice.random() < 0.1 else int(dice.triangular(5, 240, 96)),
            str(released) if known < 0.85 else None,
            released.year if 0.85 <= known < 0.98 else None,
            synopsis,
            language if dice.random() < 0.97 else "",
            published,
            str(added),
            str(added),
        )


def spelled(dice: random.Random, language: str) -> str:
    """A title in the language's own script."""
    return "".join(dice.choice(SCRIPTS[language]) for _ in range(dice.randint(2, 9)))


def person_rows(people: int, names: list[str]) -> Iterator[tuple[Any, ...]]:
    dice = chance("people")
    for person in range(1, people + 1):
        given, family = (names[int(len(names) * dice.random() ** 2)] for _ in range(2))
        yield person, f"{given} {family}".title(), f"{given}-{family}-{person}"


def credit_rows(size: int, people: int, names: list[str]) -> Iterator[tuple[Any, ...]]:
    dice = chance("credits")
    for film in range(1, size + 1):
        known = popularity(film, size) < size / 100  # a known film names more of its people
        jobs = [("directing", "Director"), *[("writing", "Screenplay")] * (dice.random() < 0.4)]
        jobs += [("cast", "")] * (12 if known else int(4.5 * dice.random()))
        billed = {1 + int(people * dice.random() ** 1.5): None for _ in jobs}
        for position, ((department, job), person) in enumerate(zip(jobs, billed, strict=False)):
            character = dice.choice(names).title() if department == "cast" else ""
            yield film, person, department, job, character, position


def genre_rows(size: int) -> Iterator[tuple[int, int]]:
    dice = chance("genres")
    for film in range(1, size + 1):
        count = int(0.95 + 2.2 * dice.random())
        yield from ((film, n) for n in picks(dice, count, lambda u: 1 + int(20 * u**1.7)))


def country_rows(size: int) -> Iterator[tuple[int, str]]:
    dice = chance("countries")
    for film in range(1, size + 1):
        count = int(0.96 + 1.2 * dice.random())
        chosen = picks(dice, count, lambda u: int(len(COUNTRIES) ** u) - 1)
        yield from ((film, COUNTRIES[n]) for n in chosen)


def certificate_rows(size: int) -> Iterator[tuple[int, int, str]]:
    """One film in three has its board's at home, fewer that of another country."""
    from films.models import Certificate

    boards: dict[str, list[int]] = {}
    for given in Certificate.objects.order_by("board", "position"):
        boards.setdefault(given.board, []).append(given.pk)
    shares = {board: 0.35 if board == "MPA" else 0.08 for board in boards}
    dice = chance("certificates")
    for film in range(1, size + 1):
        for board, share in shares.items():
            if dice.random() < share:
                yield film, dice.choice(boards[board]), board


def tagline_rows(size: int, words: list[str]) -> Iterator[tuple[int, str, int]]:
    dice = chance("taglines")
    for film in range(1, size + 1):
        if dice.random() < 0.25:
            yield film, f"{some_title(dice, words)}, {some_title(dice, words).lower()}.", 0


def other_title_rows(size: int, words: list[str]) -> Iterator[tuple[int, str, str]]:
    dice = chance("other titles")
    for film in range(1, size + 1):
        if dice.random() < 0.12:
            yield film, some_title(dice, words), COUNTRIES[int(len(COUNTRIES) * dice.random())]


def vote_rows(size: int, members: list[int]) -> Iterator[tuple[Any, ...]]:
    """By film and member; the first members vote far more than the last."""
    dice = chance("votes")
    voters = len(members)
    for film in range(1, size + 1):
        liked, first = dice.gauss(6.6, 1.4), int(voters * dice.random() ** 3)
        count = votes_of(film, size, voters)
        for number in sorted((first + n) % voters for n in range(count)):
            score = max(1, min(10, round(dice.gauss(liked, 1.9))))
            yield film, members[number], score, IMPORTED_AT, IMPORTED_AT


def picks(dice: random.Random, count: int, pick: Callable[[float], int]) -> Iterable[int]:
    """At most so many different numbers, each made from a throw of 0 to 1."""
    return {pick(dice.random()): None for _ in range(count)}


# --- Into the database -------------------------------------------------------------------------


def quicken(connection: Any) -> None:
    """This connection alone forgoes what a crash would need; triggers and constraints stay."""
    pragmas = {
        "sqlite": "PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA foreign_keys=OFF",
        "postgresql": "SET synchronous_commit = off",
    }
    with connection.cursor() as cursor:
        for statement in pragmas[connection.vendor].split(";"):
            cursor.execute(statement)


def sort_out(size: int) -> None:
    """The genres, with ids 1 to 20 in the order of how many films they get."""
    from films.models import Genre

    insert(
        Genre, ["id", "name", "slug"], [(n, name, name.lower()) for n, name in enumerate(GENRES, 1)]
    )


def insert(model: Any, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write the rows in batches. Columns that are not named get the model's own defaults."""
    from django.db import connection, transaction
    from tqdm import tqdm

    others = [
        field
        for field in model._meta.local_concrete_fields
        if not (field.generated or field.primary_key or field.has_db_default())
        and field.column not in columns
    ]
    constants = tuple(field.get_default() for field in others)
    names = [*columns, *(field.column for field in others)]
    full = (row + constants for row in rows)
    table = model._meta.db_table
    with tqdm(desc=table, unit=" rows", unit_scale=True, disable=None, file=sys.stderr) as progress:
        while batch := list(islice(full, BATCH)):
            with transaction.atomic(), connection.cursor() as cursor:
                write(cursor, table, names, batch)
            progress.update(len(batch))


def write(cursor: Any, table: str, names: list[str], batch: list[tuple[Any, ...]]) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    if cursor.db.vendor == "sqlite":
        marks = ", ".join(["%s"] * len(names))
        cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", batch)
        return
    with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)


if __name__ == "__main__":
    main()
