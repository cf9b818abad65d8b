"""Spelling: the catalogue's own words, and which of them are one slip away from another.

A slip is a letter changed, left out, put in, or swapped with its neighbour. Every word is stored
under itself and under what is left of it without one of its letters: two words that are one slip
apart share such a key. One table for both databases, rebuilt by `rebuild_search`; it may lag,
since whatever it proposes is looked up in the index before anybody sees it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from films.models import AlternativeTitle, Credit, Film, Person
from films.models.film import published_now
from films.search.words import both_readings, is_spaceless

LONGEST = 24  # letters of a word that is offered
MOST = 16  # words offered for one
A_TITLE = 8  # names that count as much: titles are what most people look for
BATCH = 500  # words written in one transaction


def keys_of(word: str) -> set[str]:
    """The word, and what is left of it without one letter."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter changed, left out, put in or swapped makes one of the other.

    >>> is_one_slip("inceptoin", "inception")
    True
    """
    if len(one) > len(other):
        one, other = other, one
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, others = one[start:], other[start:]
    if len(one) == len(other):
        swapped = rest[:2] == others[1::-1]
        return rest[1:] == others[1:] or (swapped and rest[2:] == others[2:])
    return rest == others[1:]


def neighbours(words: Iterable[str], connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """For each word those of the catalogue that are one slip away, the commonest first.

    At most MOST each; a word that has none is left out. One query.
    """
    wanted = {word: keys_of(word) for word in words if len(word) <= LONGEST}
    keys = sorted(set(chain.from_iterable(wanted.values())) - {""})
    if not keys:
        return {}
    marks = ", ".join(["%s"] * len(keys))
    under: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, word, weight FROM films_searchword WHERE key IN ({marks})", keys
        )
        for key, word, weight in cursor.fetchall():
            under[key].append((-weight, word))
    found = {}
    for word, own_keys in wanted.items():
        near = {pair for key in own_keys for pair in under[key]}
        close = [other for _weight, other in sorted(near) if other != word]
        if offered := [other for other in close if is_one_slip(word, other)][:MOST]:
            found[word] = offered
    return found


def rebuild(connection: BaseDatabaseWrapper) -> int:
    """Make the dictionary what the published films say; how many words it has.

    Only what changed is written, a few hundred words at a time.
    """
    wanted = {word: count.bit_length() for word, count in _counted(connection.alias).items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT word, weight FROM films_searchword WHERE key = word")
        have = dict(cursor.fetchall())
    gone = have.keys() - wanted.keys()
    changed = [word for word, weight in wanted.items() if have.get(word) != weight]
    for some in _batches([*gone, *changed]):
        keys = [(key, word) for word in some for key in keys_of(word) if key]
        new = [(key, word, wanted[word]) for key, word in keys if word in wanted]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            old = [pair for pair in keys if pair[1] in have]
            cursor.executemany("DELETE FROM films_searchword WHERE key = %s AND word = %s", old)
            cursor.executemany("INSERT INTO films_searchword VALUES (%s, %s, %s)", new)
    return len(wanted)


def _batches(words: list[str]) -> Iterator[list[str]]:
    return (words[start : start + BATCH] for start in range(0, len(words), BATCH))


def _counted(using: str) -> Counter[str]:
    """How common each word is: in so many titles and, for little, names."""
    films = Film.objects.using(using).published().order_by()
    others = AlternativeTitle.objects.using(using).filter(published_now("film")).order_by()
    credited = Credit.objects.filter(published_now("film")).values("person")
    people = Person.objects.using(using).filter(pk__in=credited).order_by()
    counts: Counter[str] = Counter()
    for texts, worth in (
        (films.values_list("title"), A_TITLE),
        (films.exclude(original_title="").values_list("original_title"), A_TITLE),
        (others.values_list("title"), A_TITLE),
        (people.values_list("name"), 1),
    ):
        for (text,) in texts.iterator():
            for word in set(both_readings(text)):
                if len(word) <= LONGEST and not is_spaceless(word[0]):
                    counts[word] += worth
    return counts
