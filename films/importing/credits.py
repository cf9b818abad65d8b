"""Cast and crew as people write them, and the people they mean.

    Carey Mulligan as Kathy
    Mark Romanek, director
    Steve McQueen [steve-mcqueen-2], director, producer

Read by the admin's box "Add cast and crew" and by the importers. A name that one person on the
site bears means that person, a name that nobody bears a new one. Where several bear it, the
address of the right person stands behind the name in brackets, or [new] for yet another.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from films.importing.cleaning import one_line
from films.models import Credit, Film, Person
from films.models.people import Department
from films.slugs import make_slug

MOST_LINES = 2_000  # of one box; the longest known credits have some 700
NEW = "new"  # in place of a person's address: a new person, whoever else bears the name
Who = tuple[str, str | int]


@dataclass(frozen=True)
class CreditLine:
    """One credit: who, as what. `address` or `tmdb_id` tells which person of that name."""

    name: str
    department: str = Department.CAST
    job: str = ""
    character: str = ""
    address: str = ""
    tmdb_id: int | None = None

    @property
    def who(self) -> Who:
        """What tells this person from others: two lines of one `who` mean one person."""
        if self.tmdb_id:
            return ("tmdb", self.tmdb_id)
        if self.address == NEW:
            return (NEW, self.name)
        return ("address", self.address) if self.address else ("name", self.name)


# What a job is called on the site, its department, and what else people write for it.
_JOBS: dict[str, tuple[str, str]] = {
    word: (department, job)
    for department, job, *words in (
        (Department.DIRECTING, "Director", "directed by", "direction"),
        (Department.CREW, "Assistant Director"),
        (Department.WRITING, "Writer", "written by", "author", "script"),
        (Department.WRITING, "Screenplay", "screenwriter"),
        (Department.WRITING, "Story"),
        (Department.WRITING, "Novel", "novelist", "book"),
        (Department.PRODUCTION, "Producer", "produced by"),
        (Department.PRODUCTION, "Executive Producer"),
        (Department.PRODUCTION, "Co-Producer"),
        (Department.PRODUCTION, "Casting", "casting director"),
        (
            Department.CAMERA,
            "Director of Photography",
            "cinematographer",
            "cinematography",
            "camera",
            "dop",
        ),
        (Department.EDITING, "Editor", "editing", "edited by"),
        (Department.MUSIC, "Original Music Composer", "composer", "score"),
        (Department.MUSIC, "Music", "music by"),
        (Department.MUSIC, "Sound Designer", "sound", "sound design"),
        (Department.ART, "Production Design", "production designer"),
        (Department.ART, "Art Direction", "art director"),
        (Department.COSTUME, "Costume Design", "costume designer", "costumes"),
        (Department.COSTUME, "Makeup Artist", "make-up", "make-up artist", "makeup"),
        (Department.EFFECTS, "Visual Effects Supervisor", "visual effects"),
        (Department.EFFECTS, "Animation", "animator"),
    )
    for word in (job.lower(), *words)
}
_LONGEST_NAME = getattr(Person._meta.get_field("name"), "max_length", 0)
_LONGEST_JOB = getattr(Credit._meta.get_field("job"), "max_length", 0)
_LONGEST_CHARACTER = getattr(Credit._meta.get_field("character"), "max_length", 0)
_ADDRESS = re.compile(r"\s*\[([a-z0-9_-]+)\]$")
_AS = re.compile(r"\s+as(?:\s+|$)")
_NAME_SUFFIX = re.compile(r"(jr|sr|[ivx]+|ph\.?d|m\.?d|esq)\.?", re.IGNORECASE)


def parse_credit_lines(text: str) -> list[CreditLine]:
    """The credits that a text names, one or more a line, in its order; empty lines are skipped.

    ValidationError with a sentence for each line that cannot be read.
    """
    credit_lines: list[CreditLine] = []
    errors = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if one_line(line):
                credit_lines += parse_credit_line(line)
        except ValidationError as error:
            errors.append(
                _("Line %(number)d: %(problem)s") % {"number": number, "problem": error.message}
            )
    if len(credit_lines) > MOST_LINES:
        errors.append(
            _("%(count)d credits are too many at once; the most is %(most)d.")
            % {"count": len(credit_lines), "most": MOST_LINES}
        )
    if errors:
        raise ValidationError(errors)
    return list(dict.fromkeys(credit_lines))


def parse_credit_line(line: str) -> list[CreditLine]:
    """What one line names: `Name as Character`, `Name, job, job` or `Name`, who is then cast.

    ValidationError with a sentence where it names nobody or something is too long.
    """
    line = one_line(line)
    if _AS.search(line) or "," not in line:
        return [parse_cast(line)]
    name, *jobs = (part.strip() for part in line.split(","))
    while jobs and _NAME_SUFFIX.fullmatch(_ADDRESS.sub("", jobs[0])):
        name = f"{name}, {jobs.pop(0)}"  # Robert Downey, Jr.
    if not jobs:
        return [parse_cast(name)]
    if not all(jobs):
        raise ValidationError(_("a comma stands before a job, as in “Mark Romanek, director”."))
    return [_crew(name, job) for job in jobs]


def parse_cast(text: str) -> CreditLine:
    """`Name as Character` or `Name` alone; commas belong to the name or the character."""
    text = one_line(text)
    name, *character = _AS.split(text, maxsplit=1)
    if character and not character[0]:
        raise ValidationError(_("“as” stands before a character, as in “Carey Mulligan as Kathy”."))
    return checked(_named(name, CreditLine(name="", character="".join(character))))


def parse_job(name: str, job: str) -> CreditLine:
    """A name for a job given elsewhere, as in a column of directors; commas belong to the name."""
    return _crew(one_line(name), job)


def checked(line: CreditLine) -> CreditLine:
    """The line, or a ValidationError that says what is missing or longer than its column."""
    if not line.name:
        raise ValidationError(_("this names nobody."))
    for field, text, most in (
        ("name", line.name, _LONGEST_NAME),
        ("job", line.job, _LONGEST_JOB),
        ("character", line.character, _LONGEST_CHARACTER),
    ):
        if len(text) > most:
            raise ValidationError(
                _("the %(field)s “%(start)s…” has %(length)d characters; %(most)d fit.")
                % {"field": _(field), "start": text[:30], "length": len(text), "most": most}
            )
    return line


def _crew(name: str, job: str) -> CreditLine:
    department, known = _JOBS.get(job.lower(), (Department.CREW, job[:1].upper() + job[1:]))
    return checked(_named(name, CreditLine(name="", department=department, job=known)))


def _named(name: str, line: CreditLine) -> CreditLine:
    address = _ADDRESS.search(name)
    return replace(line, name=_ADDRESS.sub("", name).strip(), address=address[1] if address else "")


# --- The people on the site ---------------------------------------------------------------------


class People:
    """The people that some credit lines mean: those the site knows, and those it does not yet.

    Asks the database a constant number of times for any number of lines (one a 500 names).
    `problems` has a sentence for each line that does not say which person it means.
    """

    def __init__(self, lines: Iterable[CreditLine]) -> None:
        self.lines = {line.who: line for line in lines}
        self.found: dict[Who, list[Person]] = defaultdict(list)
        for kind, field in (("tmdb", "tmdb_id"), ("address", "slug"), ("name", "name")):
            wanted = [value for known, value in self.lines if known == kind]
            for person in _people_by(field, wanted):
                self.found[kind, getattr(person, field)].append(person)

    def known(self, line: CreditLine) -> Person | None:
        """The one person the site has for this line; None where there is none or several."""
        found = self.found.get(line.who, [])
        return found[0] if len(found) == 1 else None

    def is_new(self, line: CreditLine) -> bool:
        """Whether this line names somebody whom the site does not have yet."""
        return line.who[0] != "address" and not self.found.get(line.who)

    def problem(self, line: CreditLine) -> str:
        """Why it is not certain whom the line means; empty where it is."""
        found = self.found.get(line.who, [])
        if line.who[0] == "address" and not found:
            return _("Nobody has the address [%(address)s].") % {"address": line.address}
        if len(found) < 2:
            return ""
        choices = ", ".join(f"{line.name} [{person.slug}]" for person in found)
        return _(
            "Several people are called %(name)s. Write which: %(choices)s, or %(new)s for"
            " somebody else."
        ) % {"name": line.name, "choices": choices, "new": f"{line.name} [{NEW}]"}

    @property
    def problems(self) -> list[str]:
        """One sentence for each person that is not certain."""
        return [problem for line in self.lines.values() if (problem := self.problem(line))]

    def create(self, lines: Iterable[CreditLine]) -> int:
        """Make those whom the site does not have; how many. Call it in a transaction."""
        new = {line.who: line for line in lines if self.is_new(line)}
        slugs = free_slugs(Person, [make_slug(line.name, "person") for line in new.values()])
        made = Person.objects.bulk_create(
            [
                Person(name=line.name, slug=slug, tmdb_id=line.tmdb_id)
                for line, slug in zip(new.values(), slugs, strict=True)
            ]
        )
        for who, person in zip(new, made, strict=True):
            self.found[who] = [person]
        return len(made)


def add_credits(film: Film, lines: Iterable[CreditLine], people: People) -> int:
    """Give the film these credits after those it has, leaving out what it has; how many were new.

    Makes the people who are new. Every line must be certain: see `People.problems`.
    """
    lines = list(lines)
    people.create(lines)
    have = set(film.credits.values_list("department", "person_id", "job", "character"))
    last = dict(film.credits.order_by().values_list("department").annotate(Max("position")))
    new = []
    for row in rows_of(film, lines, people):
        if (row.department, row.person_id, row.job, row.character) not in have:
            position = last[row.department] = last.get(row.department, -1) + 1
            new.append(row._replace(position=position))
    Credit.objects.bulk_create(Credit(**row._asdict()) for row in new)
    return len(new)


class CreditRow(NamedTuple):
    """A credit as its table has it."""

    film_id: int
    person_id: int
    department: str
    job: str
    character: str
    position: int


def rows_of(film: Film, lines: Iterable[CreditLine], people: People) -> Iterator[CreditRow]:
    """The film's credits as these lines say, each once, numbered from 0 in each department."""
    seen: set[tuple[Any, ...]] = set()
    positions: dict[str, int] = defaultdict(int)
    for line in lines:
        person = people.known(line)
        if person is None:
            raise ValueError(people.problem(line) or f"{line.name} was not made yet")
        department = str(line.department)
        key = (department, person.pk, line.job, line.character)
        if key not in seen:
            seen.add(key)
            position = positions[department]
            yield CreditRow(film.pk, person.pk, department, line.job, line.character, position)
            positions[department] += 1


def insert(rows: Iterable[CreditRow]) -> None:
    """Write many credits: `bulk_create` would take eight times as long for these, by far the most
    of a film's rows."""
    names = CreditRow._fields
    marks = ", ".join("%s" for _name in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {Credit._meta.db_table} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
            list(rows),
        )


def _people_by(field: str, values: list[Any]) -> Iterator[Person]:
    for chunk in chunks(values):
        people = Person.objects.filter(**{f"{field}__in": chunk})
        yield from people.only("name", "slug", "tmdb_id").order_by("pk")


# --- Many at once -------------------------------------------------------------------------------


def chunks(values: list[Any], size: int = 0) -> Iterator[list[Any]]:
    """The values in lists that fit into one query (of `size` each, if given)."""
    size = size or min(500, connection.features.max_query_params or 500)
    return (values[start : start + size] for start in range(0, len(values), size))


def free_slugs(model: Any, wanted: list[str], *others: Any) -> list[str]:
    """A free slug for each wanted one, numbered where others have it: a few queries for all.

    `others` are models whose slugs are taken as well. The order of the wanted ones is kept.
    """
    taken: set[str] = set()
    given: dict[int, str] = {}
    numbers: dict[str, int] = defaultdict(lambda: 1)
    while open_places := [place for place in range(len(wanted)) if place not in given]:
        tries = {place: _next_slug(wanted[place], numbers, taken) for place in open_places}
        names = list(tries.values())
        in_use = {slug for kind in (model, *others) for slug in _slugs_in_use(kind, names)}
        given.update((place, slug) for place, slug in tries.items() if slug not in in_use)
    return [given[place] for place in range(len(wanted))]


def _next_slug(wanted: str, numbers: dict[str, int], taken: set[str]) -> str:
    while True:
        number = numbers[wanted]
        numbers[wanted] += 1
        slug = wanted if number == 1 else f"{wanted}-{number}"
        if slug not in taken:
            taken.add(slug)
            return slug


def _slugs_in_use(model: Any, slugs: list[str]) -> Iterator[str]:
    for chunk in chunks(slugs):
        yield from model.objects.filter(slug__in=chunk).values_list("slug", flat=True)
