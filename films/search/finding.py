"""Finding films and people: the best match first, and the known before the obscure.

A query is asked in steps, each looser than the one before, until there is enough: the whole title,
another of the film's titles, how the title begins, its words, the words of any title and tagline.
What an earlier step finds stands before what a later one does; within a step the votes of today
decide. Where little is found, the same is asked for with one slip of the pen; last come films by
the people in them.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef

from films.models import Credit, Film, Person
from films.models.film import published_now
from films.search import index
from films.search.asking import Asked, Field, Group, Term
from films.search.spelling import neighbours
from films.search.words import both_readings, runs, whole

LONGEST = 100  # characters of a query; what follows is not looked at
MOST_WORDS = 16  # of a query, likewise
FEW = 10  # films and people: with fewer, slips of the pen are looked for
SPLIT_UP_TO = 5  # words, of which some may be a title's and some a name's
TITLES = 3  # steps that look at titles; a later one looks at taglines too
NAMESAKES = 5  # people whose films are looked for
YEAR = re.compile("(18|19|20|21)[0-9]{2}")
NEAR_TITLES = 3  # titles asked about where there are films enough

Rows = dict[int, tuple[int, int]]  # by id: the step that found it, its votes or renown


@dataclass
class Found:
    """What a query finds. Lists are in order, the best first; no film is in two of them.

    `near_films` and `near_people` are found by words that are one slip away from the query's.
    `their_films` are those of people whose names have all the words, or nearly, or, where nothing
    else has them, those that have some in their title and some in a name. `part_films` and
    `part_people` have all words but one, where nothing else is found.
    `meant` is the query as it was probably meant, empty if nobody knows and where a title or a
    name has all of its words. Of a single word that many films have and none is called,
    `near_titles` are called so but for one slip. People have `film_count`, the number of their
    published films.
    """

    films: list[Film] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    their_films: list[Film] = field(default_factory=list)
    near_films: list[Film] = field(default_factory=list)
    near_people: list[Person] = field(default_factory=list)
    near_titles: list[Film] = field(default_factory=list)
    part_films: list[Film] = field(default_factory=list)
    part_people: list[Person] = field(default_factory=list)
    meant: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())


def find(text: str, films: int = 48, people: int = 12, few: int = FEW) -> Found:
    """At most so many published films and people for what somebody typed, whatever that is.

    Where fewer than `few` are found, words one slip away are tried too.
    """
    text = unicodedata.normalize("NFC", text[:LONGEST])  # as titles are: pasted ones may not be
    words = runs(text)[:MOST_WORDS]
    if not words:
        return Found(_titled_by_marks(text, films))
    return Finding(words, films, people, few).found()


def _titled_by_marks(text: str, most: int) -> list[Film]:
    """Films whose title has no letter and no digit, as "!": the index knows no word of it."""
    title = " ".join(text.replace("\0", "").split())
    return list(Film.objects.published().filter(title=title).for_cards()[:most]) if title else []


class Finding:
    """A query under way: its words, each a run of letters where the script knows no spaces."""

    def __init__(self, words: list[list[str]], films: int, people: int, few: int) -> None:
        self.words, self.whole = words, _joined(words)
        self.most_films, self.most_people, self.few = films, people, few

    def found(self) -> Found:
        called = Asked(Field.CALLED, [[[Term((self.whole,))]]])
        begins = Asked(Field.WHOLE, [[[Term((self.whole,), begun=True)]]])
        group, in_full = _group(self.words), _group(self.words, begun=False)
        names = [Asked(Field.NAME, [in_full]), Asked(Field.NAME, [group])]
        people = self._people([Asked(Field.WHOLE, called.groups), *names])
        films = self._films(
            [called, begins], [Asked(Field.TITLE, [group])], [Asked(Field.TEXT, [group])]
        )
        found = Found(self._load_films(films), self._load_people(people))
        if self._is_little(found, films, people):
            self._look_nearby(found)
        elif self._is_word_of_many(found, films):
            found.near_titles = self._called_nearly()
        if found.people or any(films[film.pk][0] < TITLES for film in found.films):
            found.meant = ""
        if (found.people or found.near_people) and len(found.films) < self.most_films:
            most = 2 * self.most_films
            theirs = _credited(in_full, most) if found.people else _made(found.near_people, most)
            seen = {film.pk for film in [*found.films, *found.near_films, *found.near_titles]}
            found.their_films = self._load_films(_step(theirs), seen)
        if not found:
            found.films = self._films_of_a_year()
        if not found:
            found.their_films = self._load_films(_step(self._films_by_parts()))
        if not found:
            films, people = self._all_but_one()
            found.part_films, found.part_people = self._load_films(films), self._load_people(people)
        return found

    # --- Steps ------------------------------------------------------------------------------------

    def _films(self, *queries: list[Asked]) -> Rows:
        """The films of the steps of each query, until there are enough."""
        found: Rows = {}
        before = 0
        for steps in queries:
            for step, number, votes in index.films(steps, 2 * self.most_films, connection):
                found.setdefault(number, (before + step, votes))
            before += len(steps)
            if len(found) >= self.most_films:
                break
        return found

    def _people(self, steps: list[Asked]) -> Rows:
        found: Rows = {}
        for step, number, renown in index.people(steps, 2 * self.most_people, connection):
            found.setdefault(number, (step, renown))
        return found

    def _films_of_a_year(self) -> list[Film]:
        """Of a query that ends in a year, as this site writes titles, the films of that year."""
        *words, last = ["".join(run) for run in self.words]
        if not words or not YEAR.fullmatch(last):
            return []
        asked = Finding(self.words[:-1], self.most_films, self.most_people, self.few).found()
        return [film for film in asked.films + asked.near_films if str(film.known_year) == last]

    def _films_by_parts(self) -> dict[int, int]:
        """Films of whose titles some words are and of whose people the others, or of two people."""
        for place in range(1, min(len(self.words), SPLIT_UP_TO)):
            before, after = _group(self.words[:place], begun=False), _group(self.words[place:])
            theirs, others = _credited(before), _credited(after)
            named = _named(after) if theirs else {}
            titled = _named(before) if others else {}
            both = {
                number: votes
                for one, other in ((theirs, named), (others, titled), (theirs, others))
                for number, votes in one.items()
                if number in other
            }
            if both:
                return both
        return {}

    # --- Slips of the pen -------------------------------------------------------------------------

    def _is_little(self, found: Found, films: Rows, people: Rows) -> bool:
        """Whether little was found, and nothing is called just so.

        A single word is many a name, so that people are no reason to look for no other title.
        """
        steps, count = [films[film.pk][0] for film in found.films], len(found.films)
        if len(self.words) > 1:
            steps += [people[person.pk][0] for person in found.people]
            count += len(found.people)
        return count < self.few and 0 not in steps

    def _is_word_of_many(self, found: Found, films: Rows) -> bool:
        """Whether many films have this one word, or begin so, and none is called so."""
        is_word = len(self.words) == 1 and len(self.whole) > 1
        return is_word and len(found.films) >= FEW and films[found.films[0].pk][0] > 0

    def _look_nearby(self, found: Found) -> None:
        """Fill `near_films`, `near_people` and `meant`."""
        others = self._neighbours()
        if not any(others):
            return
        films, people = self._ask_for_slips(others, is_name=bool(found.people))
        found.near_films = self._load_films(films, {film.pk for film in found.films})
        found.near_people = self._load_people(people, {person.pk for person in found.people})
        found.meant = _meant(list(_slips(self.words, others)), found)

    def _called_nearly(self) -> list[Film]:
        others = self._neighbours()
        if not any(others):
            return []
        called = Asked(Field.CALLED, [_as_one(_slips(self.words, others))])
        return self._load_films(self._films([called]))[:NEAR_TITLES]

    def _neighbours(self) -> list[list[str]]:
        """For each word those one slip away from it."""
        near = neighbours({run[0] for run in self.words if len(run) == 1}, connection)
        return [near.get(run[0], []) if len(run) == 1 else [] for run in self.words]

    def _ask_for_slips(self, others: list[list[str]], is_name: bool) -> tuple[Rows, Rows]:
        """What has another word in one place; if there is none, what has others in several.

        What `is_name` as it stands may still be a whole title misspelt, but no word of one.
        """
        group, choices = _group(self.words), [[Term((word,)) for word in some] for some in others]
        wholes = _as_one(_slips(self.words, others))
        one = [[*group[:n], choice, *group[n + 1 :]] for n, choice in enumerate(choices) if choice]
        called, has_words = Asked(Field.CALLED, [wholes]), Asked(Field.TITLE, one)
        films = self._films([called] if is_name else [called, has_words])
        if not films and not is_name:
            films = self._films([Asked(Field.TEXT, one)])
        people = self._people([Asked(Field.WHOLE, [wholes]), Asked(Field.NAME, one)])
        if films or people or len(group) == 1:
            return films, people
        every: Group = [[*as_is, *choice] for as_is, choice in zip(group, choices, strict=True)]
        films = self._films([Asked(Field.TITLE, [every])])
        return films, self._people([Asked(Field.NAME, [every])])

    def _all_but_one(self) -> tuple[Rows, Rows]:
        """What the query finds when each of its words is left out in turn, but not the longest."""
        longest = max(self.words, key=lambda run: len("".join(run)))
        fewer = [
            self.words[:n] + self.words[n + 1 :]
            for n, run in enumerate(self.words)
            if run is not longest
        ]
        if not fewer:
            return {}, {}
        groups = [_group(words) for words in fewer]
        asked = Asked(Field.WHOLE, [_as_one(fewer)])
        films = self._films([asked, Asked(Field.TITLE, groups), Asked(Field.TEXT, groups)])
        return films, self._people([asked, Asked(Field.NAME, groups)])

    # --- Rows into films and people ---------------------------------------------------------------

    def _load_films(self, rows: Rows, without: Collection[int] = ()) -> list[Film]:
        """The published ones of these films, best first."""

        def place(film: Film) -> Any:
            step, votes = rows[film.pk]
            title = whole(film.title)
            is_title = step == 0 and title.endswith(self.whole)  # or it is another of its titles
            is_literal = step == 0 and title == self.whole
            return step, not is_literal, not is_title, -votes, len(title), title, film.pk

        wanted = rows.keys() - set(without)
        films = Film.objects.published().filter(pk__in=wanted).for_cards() if wanted else ()
        return sorted(films, key=place)[: self.most_films]

    def _load_people(self, rows: Rows, without: Collection[int] = ()) -> list[Person]:
        """Those of these people who worked on a published film, best first."""

        def place(person: Person) -> Any:
            step, renown = rows[person.pk]
            return step, -renown, person.name, person.pk

        credited = Credit.objects.filter(published_now("film"), person=OuterRef("pk"))
        wanted = rows.keys() - set(without)
        if not wanted:
            return []
        people = Person.objects.filter(pk__in=wanted).filter(Exists(credited)).only("name", "slug")
        shown = sorted(people, key=place)[: self.most_people]
        credits_of = Credit.objects.filter(published_now("film"), person__in=shown).order_by()
        counted = credits_of.values_list("person").annotate(Count("film", distinct=True))
        film_counts = dict(counted)
        for person in shown:
            person.film_count = film_counts[person.pk]  # type: ignore[attr-defined]
        return shown


def _joined(words: list[list[str]]) -> str:
    return "".join(letter for run in words for letter in run)


def _group(words: list[list[str]], begun: bool = True) -> Group:
    """Each of the words, the last of which may be only `begun`."""
    last = len(words) - 1
    return [[Term(tuple(run), begun and n == last)] for n, run in enumerate(words)]


def _as_one(queries: Iterable[list[list[str]]]) -> Group:
    """One of these queries, as one word."""
    return [[Term((_joined(words),)) for words in queries]]


def _step(votes: dict[int, int]) -> Rows:
    return {number: (0, count) for number, count in votes.items()}


def _named(group: Group) -> dict[int, int]:
    rows = index.films([Asked(Field.TEXT, [group])], index.MOST, connection)
    return {number: votes for _step, number, votes in rows}


def _credited(group: Group, most: int = index.MOST) -> dict[int, int]:
    """Ids and votes of the films of the most renowned who are called so, most votes first."""
    people = index.people([Asked(Field.NAME, [group])], NAMESAKES, connection)
    numbers = [number for _step, number, _renown in people]
    return dict(index.films_of(numbers, most, connection))


def _made(people: list[Person], most: int) -> dict[int, int]:
    """Ids and votes of the films of the first of these people, most votes first."""
    numbers = [person.pk for person in people[:NAMESAKES]]
    return dict(index.films_of(numbers, most, connection))


def _slips(words: list[list[str]], others: list[list[str]]) -> Iterator[list[list[str]]]:
    """The words with another in one place, for each of the others."""
    for n, some in enumerate(others):
        yield from ([*words[:n], [other], *words[n + 1 :]] for other in some)


def _meant(slips: list[list[list[str]]], found: Found) -> str:
    """The query as the first of what was found nearby has it in its title or name."""
    names = [film.title for film in found.near_films[:1]]
    names += [person.name for person in found.near_people[:1]]
    for name in names:
        written, title = set(both_readings(name)), whole(name)
        for words in [words for words in slips if _joined(words) == title] + slips:
            letters = {letter for run in words for letter in run}
            if _joined(words) == title or written.issuperset(letters):
                return " ".join("".join(run) for run in words)
    return ""
