"""By what the list of films can be narrowed: only what the published films offer."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Coalesce
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
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

    @property
    def options(self) -> SafeString:
        """The choices as <option>s: hundreds of countries and languages cost a loop in a
        template milliseconds.
        """
        return format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (value, mark_safe(" selected") if value == self.chosen else "", words)
                for value, words in self.choices.items()
            ),
        )

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
    found: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    for kind, *row in _offers():
        found[kind].append(tuple(row))
    decades = {decade for decade, _language, _, _ in found["film"] if decade}
    languages = {language for _decade, language, _, _ in found["film"] if language}
    choices = {
        "genre": _by_name(found["genre"]),
        "decade": {f"{decade}0": f"{decade}0s" for decade in sorted(decades, reverse=True)},
        "certificate": _certificates(found["certificate"]),
        "country": _by_name(found["country"]),
        "language": _by_name([(0, code, language_name(code), "") for code in languages]),
    }
    return [Filter(name, LABELS[name], choices[name]) for name in NARROW]


def _by_name(rows: list[tuple[int, str, str, str]]) -> dict[str, str]:
    return {value: name for _, value, name, _ in sorted(rows, key=itemgetter(2))}


def _certificates(rows: list[tuple[int, str, str, str]]) -> dict[str, str]:
    """The home country's first, each board's from the mildest to the strictest."""
    home = [row for row in rows if row[3] == settings.HOME_COUNTRY]
    others = [row for row in rows if row[3] != settings.HOME_COUNTRY]
    choices = {label: label for _position, label, _board, _country in sorted(home)}
    for _position, label, board, _country in sorted(others, key=itemgetter(2, 0)):
        choices[f"{board}:{label}"] = f"{board} {label}"
    return choices


def _offers() -> Any:
    """Decades with languages, genres, certificates and countries that published films have."""
    certificates = _used(Certificate, FilmCertificate, "certificate")
    return (
        _rows(
            Film.objects.published(),
            "film",
            "original_language",
            number=Coalesce(F("year") / 10, 0),
        )
        .distinct()
        .union(
            _rows(_used(Genre, Film.genres.through, "genre"), "genre", "slug", "name"),
            _rows(_used(Country, Film.countries.through, "country"), "country", "code", "name"),
            _rows(
                certificates, "certificate", "label", "board", "country_id", number=F("position")
            ),
            all=True,
        )
    )


def _used(model: Any, through: Any, link: str) -> Any:
    """The rows of a model that a published film refers to."""
    links = through.objects.filter(
        Exists(Film.objects.published().filter(pk=OuterRef("film"))), **{link: OuterRef("pk")}
    )
    return model.objects.filter(Exists(links))


def _rows(found: Any, kind: str, *texts: str, number: Any = 0) -> Any:
    """Rows of kind, number and three texts: all branches of a UNION look alike."""
    columns: dict[str, Any] = {f"option_{n}": Value("") for n in range(3)}
    columns |= {f"option_{n}": F(text) for n, text in enumerate(texts)}
    columns = {
        "option_kind": Value(kind, output_field=CharField()),
        "option_number": number or Value(0),
        **columns,
    }
    return found.order_by().annotate(**columns).values_list(*columns)
