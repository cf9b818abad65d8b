"""Tables in text files: comma, semicolon or tab, quoted or not, read record by record.

Memory does not grow with the file. A record that cannot be read is given out with its line and
its problem, and the reading goes on with the line after it.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

LONGEST_LINE = LONGEST_CELL = 16 * 2**20  # bytes; the longest known cast has 40,000
DELIMITERS = ",;\t"
csv.field_size_limit(LONGEST_CELL)


class FileRefusedError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Record:
    """One record: its first line in the file, from 1, and its cells by column, or its problem."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str = ""


class Table:
    """The records of a file whose first line names the columns.

    FileRefusedError where that line cannot be read. Column names are without case and spaces
    around them. `offset` is how many bytes the records given out so far take up.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines = _Lines(stream)
        first = self._lines.peek()
        self.delimiter = max(DELIMITERS, key=first.count)
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        try:
            header = next(self._reader, [])
        except csv.Error as error:
            raise FileRefusedError(
                _("Line 1, which names the columns, cannot be read: %(error)s.") % {"error": error}
            ) from error
        self.columns = [name.strip().lower() for name in header]
        named = [name for name in self.columns if name]
        if not named or _undecodable(header):
            raise FileRefusedError(_("Line 1 does not name columns in UTF-8."))
        if twice := {name for name in named if named.count(name) > 1}:
            raise FileRefusedError(
                _("Line 1 names a column twice: %(names)s.") % {"names": ", ".join(sorted(twice))}
            )

    @property
    def offset(self) -> int:
        return self._lines.offset

    def __iter__(self) -> Iterator[Record]:
        while True:
            line = self._lines.start_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._lines.go_back()
                yield Record(line, problem=_("The line cannot be read: %(e)s.") % {"e": error})
            else:
                if any(cell.strip() for cell in cells):
                    yield self._record(line, cells)

    def record_at(self, offset: int, line: int) -> Record:
        """The record that starts at this byte, where `offset` stood before it was read."""
        self._lines.seek(offset, line)
        return next(iter(self), Record(line, problem=_("The file is shorter than it was.")))

    def _record(self, line: int, cells: list[str]) -> Record:
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(self.columns):
            problem = _("The line has %(has)d columns instead of %(wants)d.")
            numbers = {"has": len(cells), "wants": len(self.columns)}
            return Record(line, problem=problem % numbers)
        if _undecodable(cells):
            return Record(line, problem=_("The line is not UTF-8: save the file as UTF-8."))
        return Record(line, dict(zip(self.columns, cells, strict=True)))


class _Lines:
    """The file's lines as text, counted, with a way back to the start of a record."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._waiting: deque[bytes] = deque()
        self._taken: list[bytes] = []
        self.line = self.offset = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._waiting.popleft() if self._waiting else self._read()
        if not raw:
            raise StopIteration
        self._taken.append(raw)
        self.offset += len(raw)
        self.line += 1
        if self.line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        return raw.decode("utf-8", "surrogateescape")

    def peek(self) -> str:
        """The first line. FileRefusedError where the file is empty or UTF-16."""
        raw = self._read()
        if not raw.strip():
            raise FileRefusedError(_("The file is empty, or starts with an empty line."))
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileRefusedError(_("The file is UTF-16: save it as UTF-8."))
        self._waiting.append(raw)
        return raw.decode("utf-8", "surrogateescape")

    def start_record(self) -> int:
        """Remember this place as a record's start; its line."""
        self._taken.clear()
        return self.line + 1

    def go_back(self) -> None:
        """To the second line of the record that was begun: its first is what cannot be read."""
        again = self._taken[1:]
        self._waiting.extendleft(reversed(again))
        self.offset -= sum(map(len, again))
        self.line -= len(again)

    def seek(self, offset: int, line: int) -> None:
        self._stream.seek(offset)
        self._waiting.clear()
        self.offset, self.line = offset, line - 1

    def _read(self) -> bytes:
        return self._stream.readline(LONGEST_LINE)


def _undecodable(cells: list[str]) -> bool:
    """Whether bytes that are not UTF-8 stand in a cell (decoded to lone surrogates)."""
    return any(max(cell, default="") >= "\udc80" and _has_surrogate(cell) for cell in cells)


def _has_surrogate(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)
