"""By what the list of films can be narrowed: only what the published films offer."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from films.languages import language_name
from films.models import Film, FilmCertificate, FilmQuerySet


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


# By hand, as FACTS in films.models.facts: kind, number, value, name, country.
OFFERS = """
SELECT DISTINCT 'film', COALESCE(year / 10, 0), original_language, '', ''
FROM films_film WHERE published_at <= %(now)s
UNION ALL
SELECT 'genre', 0, slug, name, '' FROM films_genre genre WHERE EXISTS (
    SELECT 1 FROM films_film_genres link JOIN films_film film ON film.id = link.film_id
    WHERE link.genre_id = genre.id AND film.published_at <= %(now)s)
UNION ALL
SELECT 'country', 0, code, name, '' FROM films_country country WHERE EXISTS (
    SELECT 1 FROM films_film_countries link JOIN films_film film ON film.id = link.film_id
    WHERE link.country_id = country.code AND film.published_at <= %(now)s)
UNION ALL
SELECT 'certificate', position, label, board, country_id FROM films_certificate certificate
WHERE EXISTS (
    SELECT 1 FROM films_filmcertificate link JOIN films_film film ON film.id = link.film_id
    WHERE link.certificate_id = certificate.id AND film.published_at <= %(now)s)
"""


def offered_filters() -> list[Filter]:
    """The five filters with what the published films offer; one query.

    A certificate's value is `PG-13` for the home country's, `BBFC:12A` for another's.
    """
    found: dict[str, list[tuple[int, str, str, str]]] = defaultdict(list)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(OFFERS, {"now": now})
        for kind, number, value, name, country in cursor.fetchall():
            found[kind].append((number, value, name, country))
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
