"""What an import did, as a table that a spreadsheet opens without running anything in it."""

import csv
from collections.abc import Iterable
from typing import IO

from films.importing.planning import Decision

COLUMNS = ("line", "outcome", "film", "field", "site", "file", "reason")


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip(" '").startswith(("=", "+", "-", "@", "\t", "\r")) else text


class Report:
    """Writes a table of these columns, row by row."""

    def __init__(self, stream: IO[str], columns: Iterable[str] = COLUMNS) -> None:
        self._writer = csv.writer(stream)
        self.write(columns)

    def write(self, cells: Iterable[object]) -> None:
        self._writer.writerow([safe_cell(cell) for cell in cells])

    def write_decision(self, decision: Decision) -> None:
        """A row for the film, one more for each field that differs or was filled."""
        start = (decision.line, decision.outcome, decision.title)
        reason = decision.reason or "; ".join(decision.notes)
        differing = {difference.field for difference in decision.differences}
        filled = [name for name in decision.writes if name not in differing]
        self.write((*start, " ".join(filled), "", "", reason))
        for difference in decision.differences:
            self.write((*start, difference.field, difference.site, difference.file, ""))
