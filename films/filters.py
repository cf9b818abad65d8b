"""By what the list of films can be narrowed: only what the published films offer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.utils.translation import gettext_lazy as _

from films.languages import language_name
from films.models import Certificate, Country, Film, FilmCertificate, FilmQuerySet, Genre


@dataclass
class Filter:
    """One choice of the form: its name in the query, what is on offer by value, what is chosen."""

    name: str
    label: Any
    choices: dict[str, str]
    chosen: str = ""  # always one of the choices, or empty

    def choose(self, value: str) -> None:
        """Take a value from a request; what is not on offer is ignored."""
        if value in self.choices:
            self.chosen = value

    def narrow(self, films: FilmQuerySet) -> FilmQuerySet:
        """The films that the choice leaves; all of them where nothing is chosen."""
        return NARROW[self.name](films, self.chosen) if self.chosen else films


def _of_decade(films: FilmQuerySet, value: str) -> FilmQuerySet:
    return films.filter(year__range=(int(value), int(value) + 9))


def _with_certificate(films: FilmQuerySet, value: str) -> FilmQuerySet:
    board, _colon, label = value.rpartition(":")
    given = FilmCertificate.objects.filter(film=OuterRef("pk"), certificate__label=label)
    if board:
        return films.filter(Exists(given.filter(board=board)))
    return films.filter(Exists(given.filter(certificate__country=settings.HOME_COUNTRY)))


def _from_country(films: FilmQuerySet, value: str) -> FilmQuerySet:
    links = Film.countries.through.objects.filter(film=OuterRef("pk"), country=value)
    return films.filter(Exists(links))


NARROW: dict[str, Callable[[FilmQuerySet, str], FilmQuerySet]] = {
    "genre": FilmQuerySet.of_genre,
    "decade": _of_decade,
    "certificate": _with_certificate,
    "country": _from_country,
    "language": lambda films, value: films.filter(original_language=value),
}
LABELS = {
    "genre": _("Genre"),
    "decade": _("Decade"),
    "certificate": _("Certificate"),
    "country": _("Country"),
    "language": _("Language"),
}


def offered_filters() -> list[Filter]:
    """The five filters with what the published films offer; one query.

    A certificate's value is `PG-13` for the home country's, `BBFC:12A` for another's.
    """
    films = Film.objects.published()
    decades = _options(films.exclude(year=None), "decade", number=F("year") / 10).distinct()
    languages = films.exclude(original_language="")
    rows = decades.union(
        _options(languages, "language", "original_language").distinct(),
        _options(_used(Genre, Film.genres.through, "genre"), "genre", "slug", "name"),
        _options(_used(Country, Film.countries.through, "country"), "country", "code", "name"),
        _options(
            _used(Certificate, FilmCertificate, "certificate"),
            "certificate",
            "label",
            "board",
            "country_id",
            number=F("position"),
        ),
        all=True,
    )
    choices: dict[str, dict[str, str]] = {name: {} for name in NARROW}
    for kind, number, value, name, country in sorted(rows, key=_in_order):
        choices[kind] |= _choice(kind, number, value, name, country)
    languages_by_name = sorted(choices["language"].items(), key=lambda choice: choice[1])
    choices["language"] = dict(languages_by_name)
    return [Filter(name, LABELS[name], choices[name]) for name in NARROW]


def _used(model: Any, through: Any, link: str) -> Any:
    """The rows of a model that a published film refers to."""
    links = through.objects.filter(
        Exists(Film.objects.published().filter(pk=OuterRef("film"))), **{link: OuterRef("pk")}
    )
    return model.objects.filter(Exists(links))


def _options(found: Any, kind: str, *texts: str, number: Any = 0) -> Any:
    """Rows of kind, number and three texts: all branches of a UNION look alike."""
    columns: dict[str, Any] = {f"option_{n}": Value("") for n in range(3)}
    columns |= {f"option_{n}": F(text) for n, text in enumerate(texts)}
    columns = {
        "option_kind": Value(kind, output_field=CharField()),
        "option_number": number or Value(0),
        **columns,
    }
    return found.order_by().annotate(**columns).values_list(*columns)


def _in_order(row: tuple[str, int, str, str, str]) -> tuple[Any, ...]:
    """Home certificates first, each board from mild to strict; decades from the latest."""
    kind, number, value, name, country = row
    if kind == "certificate":
        return kind, country != settings.HOME_COUNTRY, name, number, value
    return kind, False, name, -number, value


def _choice(kind: str, number: int, value: str, name: str, country: str) -> dict[str, str]:
    if kind == "decade":
        return {f"{number}0": f"{number}0s"}
    if kind == "language":
        return {value: language_name(value)}
    if kind == "certificate" and country == settings.HOME_COUNTRY:
        return {value: value}
    return {f"{name}:{value}": f"{name} {value}"} if kind == "certificate" else {value: name}
