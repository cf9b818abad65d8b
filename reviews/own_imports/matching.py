"""Which film of the site a file means: by IMDb number, else by title and year.

Only films that everybody may read: whether there is a draft of that name is not told. What is not
certain is left to the member, with the films that come nearest.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from django.db.models import Q

from films.importing.cleaning import fold
from films.importing.credits import chunks
from films.models import AlternativeTitle, Film
from films.slugs import make_slug
from reviews.own_imports.brought import Named

FIELDS = ["title", "original_title", "release_date", "release_year", "imdb_id", "voting_opens_on"]
FIELDS += [f"newcomer_hold__{name}" for name in ("younger_than", "until", "reason")]
MOST_CANDIDATES = 4
MOST_SOUGHT = 500  # names for which like ones are looked for: a second for 5,000 films
YEARS_APART = 1  # of a festival and the cinemas; beyond that only the very title will do
LEAST_LIKENESS = 0.7  # of two titles, 0 to 1
COMMON = 4  # letters of a word by which titles are looked up


class Films:
    """The films that these names may mean, loaded in a few queries."""

    def __init__(self, names: Iterable[Named], chosen: Iterable[int] = ()) -> None:
        self._films: dict[int, Film] = {}
        names = list(names)
        for some in chunks(names, 150):
            self._load(_like(some))
        for numbers in chunks(sorted(set(chosen) - self._films.keys())):
            self._load(Q(pk__in=numbers))
        self._by_imdb = {film.imdb_id: film for film in self._films.values() if film.imdb_id}
        self._by_title: dict[str, list[Film]] = defaultdict(list)
        for film in self._films.values():
            for title in {fold(film.title), fold(film.original_title)} - {""}:
                self._by_title[title].append(film)

    def of(self, named: Named) -> Film | None:
        """The film of this name; None where there is none, or no telling which."""
        if named.imdb_id and (film := self._by_imdb.get(named.imdb_id)):
            return film
        same = [
            film
            for film in self._titled(named)
            if named.year
            and film.known_year == named.year
            and not (named.imdb_id and film.imdb_id)  # another film of that name
        ]
        return same[0] if len(same) == 1 else None

    def numbered(self, number: int) -> Film | None:
        """The film that a member chose by its number on the site."""
        return self._films.get(number)

    def candidates(self, names: list[Named]) -> dict[Named, list[Film]]:
        """For each name, the films it may mean after all: the likeliest first, at most four.

        Those of that very title in other years, or where there are none, those with one like it;
        these are looked for up to the first 500 names.
        """
        found = {
            named: sorted(self._titled(named), key=lambda film: _years_between(film, named))
            for named in names
        }
        unlike = [named for named in names if named.year and not found[named]]
        near = _near(unlike[:MOST_SOUGHT])
        for numbers in chunks(sorted({pk for likely in near.values() for pk in likely})):
            self._load(Q(pk__in=numbers))
        for named, likely in near.items():
            found[named] = [self._films[pk] for pk in likely if pk in self._films]
        return {named: films[:MOST_CANDIDATES] for named, films in found.items()}

    def _titled(self, named: Named) -> list[Film]:
        titles = dict.fromkeys(fold(title) for title in (named.title, named.original_title))
        found = (film for title in titles if title for film in self._by_title.get(title, []))
        return list(dict.fromkeys(found))

    def _load(self, which: Q) -> None:
        films = Film.objects.published().filter(which).select_related("newcomer_hold")
        self._films |= {film.pk: film for film in films.only(*FIELDS).order_by("pk")}


def _like(names: list[Named]) -> Q:
    """Films with a number of these, or a title of theirs, exactly or as an address."""
    titles = {title for named in names for title in (named.title, named.original_title) if title}
    slugs = {
        make_slug(title, "film", named.year)
        for named in names
        for title in (named.title, named.original_title)
        if title
    }
    numbers = {named.imdb_id for named in names if named.imdb_id}
    return Q(title__in=titles) | Q(slug__in=slugs) | Q(imdb_id__in=numbers)


def _years_between(film: Film, named: Named) -> int:
    return abs((film.known_year or 0) - (named.year or 0))


def _near(names: list[Named]) -> dict[Named, list[int]]:
    """The numbers of films with a title like these, of the same year or the one beside it."""
    years = {
        named.year + d for named in names if named.year for d in (-YEARS_APART, 0, YEARS_APART)
    }
    by_word: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for pk, year, title in _titles_of(years):
        for word in _words(title):
            by_word[word].append((pk, year, fold(title)))
    near = {}
    for named in names:
        likeness: dict[int, float] = {}
        for title in {named.title, named.original_title} - {""}:
            likeness_of = _Likeness(title)
            for pk, year, other in {hit for word in _words(title) for hit in by_word[word]}:
                if abs(year - (named.year or 0)) <= YEARS_APART:
                    likeness[pk] = max(likeness.get(pk, 0), likeness_of.to(other))
        enough = [pk for pk, value in likeness.items() if value >= LEAST_LIKENESS]
        near[named] = sorted(enough, key=lambda pk: -likeness[pk])[:MOST_CANDIDATES]
    return near


def _titles_of(years: set[int]) -> Iterable[tuple[int, int, str]]:
    """Each title of the films of these years: its own, the original, and those elsewhere."""
    films = Film.objects.published().filter(year__in=years).order_by()
    for pk, year, title, original in films.values_list(
        "pk", "year", "title", "original_title"
    ).iterator():
        yield pk, year, title
        if original:
            yield pk, year, original
    others = AlternativeTitle.objects.filter(film__in=films).order_by()
    yield from others.values_list("film_id", "film__year", "title").iterator()


def _words(title: str) -> set[str]:
    """The words by which a title is looked up: the longer ones, or all where it has none."""
    words = {fold(word) for word in re.split(r"[\W_]+", title) if word}
    return {word for word in words if len(word) >= COMMON} or words


class _Likeness:
    """How like one title others are, 0 to 1. One that begins with the other is like it."""

    def __init__(self, title: str) -> None:
        self.title = fold(title)
        self._matcher = SequenceMatcher(None, "", self.title, autojunk=False)

    def to(self, other: str) -> float:
        """`other` is folded. 0 where it is less like than LEAST_LIKENESS."""
        short, long = sorted((self.title, other), key=len)
        if long.startswith(short):
            return 1 - 1 / len(long)
        self._matcher.set_seq1(other)
        for ratio in (self._matcher.real_quick_ratio, self._matcher.quick_ratio):
            if ratio() < LEAST_LIKENESS:
                return 0
        return self._matcher.ratio()
