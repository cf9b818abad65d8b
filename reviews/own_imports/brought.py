"""What a file says, whoever's file it is: rows to bring, rows that cannot be, tables not read."""

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from films.importing.table import FileRefusedError, Record
from reviews.models import OwnImportEntry

What = OwnImportEntry.What
MOST_ROWS = 50_000  # of all tables of a file; a film a day is 20,000 in a life


class Named(NamedTuple):
    """How a file calls a film. The year is None, the number empty, where it does not say."""

    title: str
    year: int | None = None
    imdb_id: str = ""
    original_title: str = ""

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year else self.title


@dataclass(frozen=True)
class Item:
    """A vote, a review or a film to see, as a file has it.

    `score` is 1 to 10, of a vote alone; `text` is Markdown, of a review alone; `day` is an ISO
    date, empty where the file has none.
    """

    what: str
    place: str
    named: Named
    score: int = 0
    text: str = ""
    gives_away: bool = False
    day: str = ""

    def moment(self, latest: datetime) -> datetime:
        """Noon of the item's day, which is that day nearly everywhere; never after `latest`."""
        if not self.day:
            return latest
        day = date.fromisoformat(self.day)
        return min(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), latest)


@dataclass(frozen=True)
class Skipped:
    """A row that is not brought: where it stands, its film where it names one, and why."""

    place: str
    title: str
    reason: str


@dataclass
class Brought:
    """A file's rows. `ignored` names the tables that nothing here has a place for.

    `asks` is whether films to see are only brought where the member says so: IMDb's lists are
    lists of anything.
    """

    source: str
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    asks: bool = False
    rows: int = 0

    def count_row(self) -> None:
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise FileRefusedError(
                _("The file has more than %d rows. Split it into several.") % MOST_ROWS
            )

    def skip(self, place: str, title: str, reason: str) -> None:
        self.skipped.append(Skipped(place, title, reason))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Brought":
        items = [Item(**{**item, "named": Named(*item["named"])}) for item in kept["items"]]
        skipped = [Skipped(**row) for row in kept["skipped"]]
        return cls(**{**kept, "items": items, "skipped": skipped})


def place_of(record: Record, file: str = "") -> str:
    """Where a row stands, for its owner to look: `ratings.csv, line 12`."""
    line = _("line %d") % record.line
    return f"{file}, {line}" if file else line


def day_of(text: str) -> str:
    """The text where it is an ISO date from 1970 on, else empty. A date may be of any day."""
    text = text.strip()
    try:
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)
        return text if is_day and date.fromisoformat(text).year >= 1970 else ""
    except ValueError:
        return ""


def year_of(text: str) -> int | None:
    """A year in four digits, else None: then the title alone says which film is meant."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[12][0-9]{3}", text) else None
