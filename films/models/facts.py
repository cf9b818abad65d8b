"""The small facts of one film, from five tables in one query: what stands on its page in lists."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from films.models.classification import Genre

if TYPE_CHECKING:
    from films.models.film import Film


@dataclass(frozen=True)
class Classification:
    """A certificate that a board gave the film."""

    board: str
    label: str
    country: str  # its name
    is_home: bool  # of HOME_COUNTRY
    advice: str

    def __str__(self) -> str:
        """The label alone at home, elsewhere with its board: `PG-13`, `BBFC 12A`."""
        return self.label if self.is_home else f"{self.board} {self.label}"


@dataclass
class Facts:
    taglines: list[str] = field(default_factory=list)  # in order; the first leads the page
    certificates: list[Classification] = field(default_factory=list)  # home first, then by board
    genres: list[Genre] = field(default_factory=list)  # by name
    countries: list[str] = field(default_factory=list)  # names
    titles: list[tuple[str, str]] = field(default_factory=list)  # other titles; country or ""

    @property
    def certificate(self) -> Classification | None:
        """The one to lead with: the home country's, else the first other one."""
        return self.certificates[0] if self.certificates else None

    @property
    def other_certificates(self) -> list[Classification]:
        return self.certificates[1:]


def facts_of(film: "Film") -> Facts:
    """The film's taglines, certificates, genres, countries and other titles; one query."""
    facts = Facts()
    rows = _tagline_rows(film).union(
        _certificate_rows(film), _genre_rows(film), _country_rows(film), _title_rows(film), all=True
    )
    for kind, _place, _row, one, two, three, four, five in sorted(rows):
        if kind == "tagline":
            facts.taglines.append(one)
        elif kind == "certificate":
            facts.certificates.append(
                Classification(one, two, four, three == settings.HOME_COUNTRY, five)
            )
        elif kind == "genre":
            facts.genres.append(Genre(name=one, slug=two))
        elif kind == "country":
            facts.countries.append(one)
        else:
            facts.titles.append((one, two))
    facts.certificates.sort(key=lambda certificate: not certificate.is_home)
    facts.genres.sort(key=lambda genre: genre.name)
    facts.countries.sort()
    facts.titles.sort()
    return facts


def _rows(found: Any, kind: str, *texts: Any, place: Any = 0, row: Any = 0) -> Any:
    """A query's rows as kind, place, row and five texts: all branches of a UNION look alike."""
    columns: dict[str, Any] = {f"fact_{n}": Value("") for n in range(5)}
    columns |= {f"fact_{n}": text for n, text in enumerate(texts)}
    columns = {
        "fact_kind": Value(kind, output_field=models.CharField()),
        "fact_place": place or Value(0),
        "fact_row": row or Value(0),
        **columns,
    }
    return found.order_by().annotate(**columns).values_list(*columns)


def _tagline_rows(film: "Film") -> Any:
    return _rows(film.taglines, "tagline", F("text"), place=F("position"), row=F("pk"))


def _certificate_rows(film: "Film") -> Any:
    certificate = F("certificate__label"), F("certificate__country_id")
    country, advice = F("certificate__country__name"), F("advice")
    return _rows(film.certificates, "certificate", F("board"), *certificate, country, advice)


def _genre_rows(film: "Film") -> Any:
    return _rows(film.genres, "genre", F("name"), F("slug"))


def _country_rows(film: "Film") -> Any:
    return _rows(film.countries, "country", F("name"))


def _title_rows(film: "Film") -> Any:
    country = Coalesce("country__name", Value(""))
    return _rows(film.alternative_titles, "title", F("title"), country)
