"""Letterboxd's export: a zip of tables, read without unpacking it onto the disk.

It has no number of TMDB or IMDb, and the address in a diary line or review is the entry's, so a
film is known by its title and year. What was deleted there stays deleted.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

from django.utils.translation import gettext as _

from films.importing.cleaning import fold, one_line
from films.importing.table import FileRefusedError, Record, Table
from reviews.importing import RowRefusedError, score_of_stars
from reviews.models.vote import stars_text
from reviews.own_imports.brought import Brought, Item, Named, What, day_of, place_of, year_of
from reviews.own_imports.texts import review_of

COLUMNS = {
    "ratings.csv": {"name", "year", "rating"},
    "diary.csv": {"name", "year", "rating"},
    "reviews.csv": {"name", "year", "review"},
    "watchlist.csv": {"name", "year"},
}
SPOILER_COLUMNS = ("spoiler", "spoilers", "contains spoilers")
THROWN_AWAY = {"deleted", "orphaned"}  # folders of what its writer took back there

MOST_MEMBERS = 5_000  # one table a list, and some have hundreds of lists
LARGEST_DIRECTORY = 2**20  # bytes of the zip's own list of its members
LARGEST_UNPACKED = 20 * 2**20  # bytes of the four tables together
HIGHEST_RATIO = 200  # real tables are packed to a third or a tenth
SMALL = 2**16  # bytes that may be packed as tight as can be
SHOWN_IGNORED = 20

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_LENGTH_OF_END = 22
_PACKED_HOW = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_TROUBLE = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)

Key = tuple[str, int | None]


def read(stream: IO[bytes]) -> Brought:
    """The votes, reviews and films to see in the zip. FileRefusedError where it is none."""
    _check_directory(stream)
    try:
        with zipfile.ZipFile(stream) as zipped:
            return _Export(zipped).read()
    except _TROUBLE as error:
        raise FileRefusedError(_("The zip cannot be read: %s.") % error) from error


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a list of members that would fill the memory, before anything reads it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _LENGTH_OF_END - 2**16))
    tail = stream.read()
    stream.seek(0)
    end = tail[-_LENGTH_OF_END:]
    if not (end.startswith(_END) and end.endswith(b"\0\0")):  # a remark may follow
        end = tail[tail.rfind(_END) :] if _END in tail else b""
    if len(end) < _LENGTH_OF_END:
        raise FileRefusedError(_("The zip is cut off: download it again."))
    (length,) = struct.unpack("<I", end[12:16])
    if length > LARGEST_DIRECTORY or _END_64 in tail:
        raise FileRefusedError(_("The zip has too many files in it to be Letterboxd’s."))


class _Export:
    """One zip, checked before anything in it is unpacked."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self.zip = zipped
        self.brought = Brought("letterboxd")
        self.tables = self._find_tables()

    def read(self) -> Brought:
        votes = self._latest(self._votes("ratings.csv"))
        for key, seen in self._latest(self._votes("diary.csv")).items():
            kept = votes.setdefault(key, seen)
            if kept.score != seen.score:
                reason = _("ratings.csv has %s stars for this film.") % stars_text(kept.score)
                self.brought.skip(seen.place, str(seen.named), reason)
        for items in (votes, self._latest(self._reviews()), self._latest(self._to_see())):
            self.brought.items += items.values()
        return self.brought

    def _find_tables(self) -> dict[str, zipfile.ZipInfo]:
        members = [
            (entry.filename.split("/"), entry)
            for entry in self.zip.infolist()
            if not entry.is_dir() and not entry.filename.startswith(("__MACOSX/", "/"))
        ]
        if len(members) > MOST_MEMBERS:
            raise FileRefusedError(_("The zip has too many files in it to be Letterboxd’s."))
        folders = [
            path[:-1]
            for path, _entry in members
            if path[-1] in COLUMNS and not THROWN_AWAY.intersection(path) and ".." not in path
        ]
        if not folders:
            raise FileRefusedError(
                _("The zip has none of Letterboxd’s tables: %s.") % ", ".join(COLUMNS)
            )
        root = min(folders, key=len)  # a zip made again has them in a folder
        found: dict[str, zipfile.ZipInfo] = {}
        for path, entry in members:
            if path[:-1] == root and path[-1] in COLUMNS:
                if path[-1] in found:
                    raise FileRefusedError(_("The zip has %s twice.") % path[-1])
                found[path[-1]] = entry
            else:
                self._ignore(path[len(root)] if path[: len(root)] == root else path[0])
        _check_sizes(found.values())
        return found

    def _ignore(self, name: str) -> None:
        ignored = self.brought.ignored
        if name[:60] not in ignored and len(ignored) < SHOWN_IGNORED:
            ignored.append(name[:60])

    def _latest(self, items: Iterable[Item]) -> dict[Key, Item]:
        """One item a film: that of the latest day, of the later line on one day."""
        latest: dict[Key, Item] = {}
        for item in items:
            key = (fold(item.named.title), item.named.year)
            other = latest.get(key)
            older = item if other and item.day < other.day else other
            if older is not item:
                latest[key] = item
            if older:
                reason = _("The table has this film again, of a later day or further down.")
                self.brought.skip(older.place, str(older.named), reason)
        return latest

    def _votes(self, file: str) -> Iterator[Item]:
        for record, place, named in self._records(file):
            try:
                if not (stars := record.cells["rating"].strip()):
                    raise RowRefusedError(_("No rating."))
                score = score_of_stars(stars)
            except RowRefusedError as problem:
                self.brought.skip(place, str(named), str(problem))
            else:
                yield Item(What.VOTE, place, named, score, day=_day(record))

    def _reviews(self) -> Iterator[Item]:
        for record, place, named in self._records("reviews.csv"):
            try:
                text = review_of(record.cells["review"])
            except RowRefusedError as problem:
                self.brought.skip(place, str(named), str(problem))
                continue
            spoils = any(record.cells.get(name, "") == "Yes" for name in SPOILER_COLUMNS)
            yield Item(What.REVIEW, place, named, 0, text, spoils, _day(record))

    def _to_see(self) -> Iterator[Item]:
        for record, place, named in self._records("watchlist.csv"):
            yield Item(What.WATCHLIST, place, named, day=_day(record))

    def _records(self, file: str) -> Iterator[tuple[Record, str, Named]]:
        """The rows of a table that name a film, each with its place and film."""
        if file not in self.tables or not self.tables[file].file_size:
            return
        with self.zip.open(self.tables[file]) as stream:
            for record in _table(file, stream):
                self.brought.count_row()
                place = place_of(record, file)
                title = one_line(record.cells.get("name", ""))
                if record.problem or not title:
                    self.brought.skip(place, title, record.problem or _("No title."))
                else:
                    yield record, place, Named(title, year_of(record.cells["year"]))


def _table(file: str, stream: IO[bytes]) -> Table:
    try:
        table = Table(stream)
    except FileRefusedError as refused:
        raise FileRefusedError(f"{file}: {refused}") from refused
    if missing := COLUMNS[file].difference(table.columns):
        raise FileRefusedError(
            _("%(file)s does not name the columns %(names)s.")
            % {"file": file, "names": ", ".join(sorted(missing))}
        )
    return table


def _check_sizes(entries: Iterable[zipfile.ZipInfo]) -> None:
    """By what the zip says of them; more than that is never unpacked."""
    entries = list(entries)
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise FileRefusedError(_("The tables in the zip are larger than 20 MB."))
    for entry in entries:
        if entry.compress_type not in _PACKED_HOW:
            raise FileRefusedError(_("The zip is packed in a way that cannot be read here."))
        if entry.file_size > max(SMALL, HIGHEST_RATIO * entry.compress_size):
            raise FileRefusedError(_("The zip is packed tighter than texts can be."))


def _day(record: Record) -> str:
    return day_of(record.cells.get("date", ""))
