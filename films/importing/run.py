"""One import from end to end: rows in, decisions out, batch by batch."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import Error, reset_queries

from films.importing.planning import Decision, Known, Outcome, Plan, refused
from films.importing.reading import FilmFile
from films.importing.rows import FilmRow, Refusal
from films.importing.writing import write

BATCH = 100  # films: a batch with its credits holds the database for well under a second


class Import:
    """What an import of a file does, or with `dry_run` would do: iterate to have it done.

    Gives out a Decision for each row, in the order of the file, once it is carried out. `counts`
    has how many of each outcome there were.
    """

    def __init__(
        self,
        file: FilmFile,
        *,
        dry_run: bool = False,
        publish: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.file, self.dry_run = file, dry_run
        self.publish, self.overwrite = publish, overwrite
        self.counts: Counter[str] = Counter()
        self.left_as_drafts = 0
        self._known = Known()
        self._seen: dict[int, int] = {}  # some 300 bytes a film: all that grows with the file

    def __iter__(self) -> Iterator[Decision]:
        rows = iter(self.file.rows)
        while batch := list(islice(rows, BATCH)):
            for decision in self._decisions(batch):
                self._count(decision)
                yield decision
            reset_queries()  # with DEBUG on, Django keeps them all

    def _decisions(self, batch: list[FilmRow | Refusal]) -> list[Decision]:
        """Decisions on a batch; where the database refuses it, row by row to find the one."""
        rows = [row for row in batch if isinstance(row, FilmRow)]
        try:
            decided = self._carry_out(rows)
        except Error:
            decided = [decision for row in rows for decision in self._carry_out_one(row)]
        decided += [refused(row) for row in batch if isinstance(row, Refusal)]
        return sorted(decided, key=lambda decision: decision.line)

    def _carry_out(self, rows: Iterable[FilmRow]) -> list[Decision]:
        plan = Plan(rows, self._known, self._seen, self.file.poster, self.overwrite)
        if not self.dry_run:
            write(plan, self.publish)
        plan.remember(self._seen)
        return plan.decisions

    def _carry_out_one(self, row: FilmRow) -> list[Decision]:
        try:
            return self._carry_out([row])
        except Error as error:
            reason = " ".join(str(error).split())
            return [Decision(row.line, str(row), Outcome.REFUSED, reason=reason)]

    def _count(self, decision: Decision) -> None:
        self.counts[decision.outcome] += 1
        if decision.outcome == Outcome.CREATED and self.publish and decision.row:
            self.left_as_drafts += not decision.row.released
