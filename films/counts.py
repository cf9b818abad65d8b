"""How many films the filters leave, up to a thousand, and how many each of their values would."""

from dataclasses import dataclass

from django.db import connection

from films.filters import OWN, SCORE, VOTE, WATCHLIST, Filter, Narrowing

MOST_COUNTED = 1_000  # films; a longer list is not counted to its end
# But for a far page of films that several filters leave: where these are no more than the hundred
# pages of 48, going through all films for them, in the list's order, could take seconds.
MOST_FAR = 4_800

# {found} is the films that the other filters leave. Kind, value, films.
COUNTS = {
    "genre": """SELECT 'genre', genre.slug, COUNT(*)
        FROM {found} found CROSS JOIN films_film_genres link CROSS JOIN films_genre genre
        WHERE link.film_id = found.id AND genre.id = link.genre_id GROUP BY genre.slug""",
    "decade": """SELECT 'decade', CAST(year / 10 * 10 AS text), COUNT(*)
        FROM {found} found WHERE year IS NOT NULL GROUP BY year / 10 * 10""",
    "certificate": """SELECT 'certificate', CASE WHEN certificate.country_id = %(home)s
            THEN certificate.label ELSE certificate.board || ':' || certificate.label END, COUNT(*)
        FROM {found} found CROSS JOIN films_filmcertificate given
        CROSS JOIN films_certificate certificate
        WHERE given.film_id = found.id AND certificate.id = given.certificate_id
        GROUP BY certificate.country_id, certificate.board, certificate.label""",
    "age": """SELECT 'age', CAST(certificate.minimum_age AS text), COUNT(DISTINCT found.id)
        FROM {found} found CROSS JOIN films_filmcertificate given
        CROSS JOIN films_certificate certificate
        WHERE given.film_id = found.id AND certificate.id = given.certificate_id
        AND certificate.country_id = %(home)s AND certificate.minimum_age IS NOT NULL
        GROUP BY certificate.minimum_age""",
    "country": """SELECT 'country', link.country_id, COUNT(*)
        FROM {found} found CROSS JOIN films_film_countries link
        WHERE link.film_id = found.id GROUP BY link.country_id""",
    "language": """SELECT 'language', original_language, COUNT(*)
        FROM {found} found GROUP BY original_language""",
    "runtime": """SELECT 'runtime', CAST(runtime AS text), COUNT(*)
        FROM {found} found WHERE runtime IS NOT NULL GROUP BY runtime""",
    "min_score": f"""SELECT 'min_score', CAST(score.percent / 100 AS text), COUNT(*)
        FROM {{found}} found CROSS JOIN {SCORE} score
        WHERE score.film_id = found.id AND score.votes >= %(least_votes)s
        GROUP BY score.percent / 100""",
    "watchlist": f"""SELECT 'watchlist', '1', COUNT(*)
        FROM {{found}} found CROSS JOIN {WATCHLIST} entry
        WHERE entry.film_id = found.id AND entry.{OWN}""",
    "unvoted": f"""SELECT 'unvoted', '1', COUNT(*) FROM {{found}} found
        WHERE NOT EXISTS (SELECT 1 FROM {VOTE} WHERE film_id = found.id AND {OWN})""",
}


@dataclass
class Found:
    """What the filters leave: how many films (1,001 or more: not counted to the end), and which."""

    total: int
    numbers: list[int] | None  # the films, in no order; None where they are too many
    without: dict[str, int]  # how many it would be without each chosen filter, where few

    @property
    def is_counted(self) -> bool:
        return self.total <= MOST_COUNTED


def count(narrowing: Narrowing, each_value: bool = True) -> Found:
    """Count what the filters leave, up to 1,001. Where it is no more, also what each value of each
    filter would leave, which is put into the filters. For a far page that several filters leave up
    to 4,801. One query.
    """
    names = narrowing.names
    is_far = narrowing.is_far and len(names) > 1
    cap, most = MOST_COUNTED + 1, (MOST_FAR if is_far else MOST_COUNTED) + 1
    sets = [
        f"matching AS ({narrowing.matching(names, str(most))})",
        # Two boards at home may have given one film a certificate each.
        "total AS (SELECT COUNT(DISTINCT id) AS films FROM matching)",
        f"few AS (SELECT DISTINCT * FROM matching WHERE (SELECT films FROM total) < {cap})",
    ]
    few = f"CASE WHEN (SELECT films FROM total) < {cap} THEN {cap} ELSE 0 END"
    parts = [
        "SELECT 'total', '', films FROM total",
        f"SELECT DISTINCT 'film', '', id FROM matching WHERE (SELECT films FROM total) < {most}",
    ]
    for name in names if each_value else []:
        others = [other for other in names if other != name]
        sets.append(f"without_{name} AS ({narrowing.matching(others, few)})")
        parts.append(f"SELECT 'without', '{name}', COUNT(DISTINCT id) FROM without_{name}")
    for each in narrowing.filters if each_value else []:
        found = f"without_{each.name}" if each.chosen else "few"
        parts.append(COUNTS[each.name].format(found=found))
    rows: dict[str, list[tuple[str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(sets)} {' UNION ALL '.join(parts)}", narrowing.values)
        for kind, value, number in cursor.fetchall():
            rows.setdefault(kind, []).append((value, number))
    total = rows["total"][0][1]
    numbers = [number for _, number in rows.get("film", [])] if total < most else None
    if total > MOST_COUNTED:
        return Found(total, numbers, {})
    without = dict(rows.get("without", []))
    for each in narrowing.filters:
        if each_value and without.get(each.name, total) <= MOST_COUNTED:
            each.counts = _counted(each, rows.get(each.name, []))
    return Found(total, numbers, without)


def _counted(offered: Filter, rows: list[tuple[str, int]]) -> dict[str, int]:
    """Films by value of the filter: as counted, or added up where a value takes in several."""
    if offered.name not in ("age", "runtime", "min_score"):
        return {value: number for value, number in rows if number and value in offered.choices}
    counts: dict[str, int] = {}
    for value in offered.choices:
        taken = [number for counted, number in rows if _takes_in(offered.name, value, int(counted))]
        if taken:
            counts[value] = sum(taken)
    return counts


def _takes_in(name: str, value: str, counted: int) -> bool:
    """Whether a filter's value leaves films of this age, these minutes or this per cent."""
    if name == "age":
        return counted <= int(value)
    if name == "min_score":
        return counted >= int(value)
    shortest, _dash, longest = value.partition("-")
    return int(shortest) <= counted <= int(longest or counted)
