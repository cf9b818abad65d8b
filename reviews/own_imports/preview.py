"""What a file would bring, told: figures, rows that are skipped, films that are not found.

Written once when the file is read, so that looking at the page again costs nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from films.models import Film
from reviews.own_imports.brought import Brought, Item, Named, What
from reviews.own_imports.planning import Plan
from reviews.templatetags.stars import stars_words

MOST_CHOICES = 100  # names without a match that the page shows with what they may be
MOST_ROWS = 50  # of each reason that the page names
MOST_REASONS = 40


def preview(name: str, brought: Brought, planned: Plan) -> dict[str, Any]:
    """The page's words as plain data. `choices` are names that may mean one of some films."""
    candidates = _candidates(planned)
    asked = [named for named in planned.missing if candidates.get(named)]
    others = [named for named in planned.missing if not candidates.get(named)]
    return {
        "name": name[:100],
        "new": {what: len(planned.new[what]) for what in What},
        "there": sum(planned.there.values()),
        "skipped": len(planned.skipped),
        "reasons": _reasons(planned),
        "ignored": brought.ignored,
        "missing": len(planned.missing),
        "choices": [
            _row(planned, named)
            | {
                "named": list(named),
                "candidates": [[film.pk, str(film)] for film in candidates[named]],
            }
            for named in asked[:MOST_CHOICES]
        ],
        "more_choices": len(asked) - len(asked[:MOST_CHOICES]),
        "unknown": [_row(planned, named) for named in others[:MOST_ROWS]],
        "unknown_count": len(others),
        "more_unknown": len(others) - len(others[:MOST_ROWS]),
        "asks": brought.asks and any(item.what == What.WATCHLIST for item in brought.items),
        "only_to_see": all(item.what == What.WATCHLIST for item in brought.items),
        "can_add": any(planned.new.values()) or bool(asked),
    }


def _candidates(planned: Plan) -> dict[Named, list[Film]]:
    """What names without a match may be, but no film of which all they bring is here."""
    found = planned.films.candidates(list(planned.missing))
    return {
        named: [
            film
            for film in films
            if any(film.pk not in planned.have[item.what] for item in planned.missing[named])
        ]
        for named, films in found.items()
    }


def _row(planned: Plan, named: Named) -> dict[str, Any]:
    items = planned.missing[named]
    brings = ", ".join(_brings(item) for item in items)
    return {"title": str(named), "place": items[0].place, "brings": brings}


def _reasons(planned: Plan) -> list[dict[str, Any]]:
    """Why rows are skipped, the commonest reason last, each with its first rows."""
    counts: Counter[str] = Counter(row.reason for row in planned.skipped)
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for row in planned.skipped:
        if len(rows[row.reason]) < MOST_ROWS:
            rows[row.reason].append([row.place, row.title])
    return [
        {"reason": reason, "count": count, "rows": rows[reason], "more": count - len(rows[reason])}
        for reason, count in sorted(counts.items(), key=lambda pair: pair[1])[:MOST_REASONS]
    ]


def _brings(item: Item) -> str:
    if item.what == What.VOTE:
        return stars_words(item.score)
    return str(What(item.what).label)


def chosen_films(told: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[Named, int]:
    """The films that the member chose for names without a match, out of those they were offered.

    `answers` are a form's: a film's number as text, by `film-` and the place in the list from 0.
    """
    chosen = {}
    for number, row in enumerate(told.get("choices", [])):
        offered = {str(pk): pk for pk, _title in row["candidates"]}
        if pk := offered.get(answers.get(f"film-{number}", "")):
            chosen[Named(*row["named"])] = pk
    return chosen
