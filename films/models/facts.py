"""The small facts of one film, from five tables in one query: what stands on its page in lists."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

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


# By hand: putting this UNION together through the ORM costs twenty times what asking it does.
# Kind, position, row, then up to five texts; each part asks for one film.
FACTS = """
SELECT 'tagline', position, id, text, '', '', '', '' FROM films_tagline WHERE film_id = %s
UNION ALL
SELECT 'certificate', 0, 0, given.board, certificate.label, country.code, country.name, given.advice
FROM films_filmcertificate given
JOIN films_certificate certificate ON certificate.id = given.certificate_id
JOIN films_country country ON country.code = certificate.country_id
WHERE given.film_id = %s
UNION ALL
SELECT 'genre', 0, 0, genre.name, genre.slug, '', '', ''
FROM films_film_genres link JOIN films_genre genre ON genre.id = link.genre_id
WHERE link.film_id = %s
UNION ALL
SELECT 'country', 0, 0, country.name, '', '', '', ''
FROM films_film_countries link JOIN films_country country ON country.code = link.country_id
WHERE link.film_id = %s
UNION ALL
SELECT 'title', 0, 0, other.title, COALESCE(country.name, ''), '', '', ''
FROM films_alternativetitle other LEFT JOIN films_country country ON country.code = other.country_id
WHERE other.film_id = %s
"""


def facts_of(film: "Film") -> Facts:
    """The film's taglines, certificates, genres, countries and other titles; one query."""
    facts = Facts()
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [film.pk] * 5)
        rows = sorted(cursor.fetchall())
    for kind, _position, _row, one, two, three, four, five in rows:
        if kind == "tagline":
            facts.taglines.append(one)
        elif kind == "certificate":
            is_home = three == settings.HOME_COUNTRY
            facts.certificates.append(Classification(one, two, four, is_home, five))
        elif kind == "genre":
            facts.genres.append(Genre(name=one, slug=two))
        elif kind == "country":
            facts.countries.append(one)
        else:
            facts.titles.append((one, two))
    facts.certificates.sort(key=lambda certificate: not certificate.is_home)
    return facts
