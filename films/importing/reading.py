"""Which kind of file this is, told from its contents, and the reader for it."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from films.importing import filmsite_csv, tmdb
from films.importing.rows import FilmRow, Refusal, RowRefusedError
from films.importing.table import FileRefusedError, Table

LARGEST_POSTER = 10 * 2**20  # bytes
LARGEST_UNPACKED = 2**30  # bytes of the table inside a zip


class FilmFile:
    """A file of films, open for reading: a context manager.

    `format` names what it is, `size` is its length in bytes, `offset` how many of them are read
    (of what a zip packs, the unpacked ones). FileRefusedError where nothing here can read it.
    """

    def __init__(self, path: Path, credits_path: Path | None = None) -> None:
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        self._table: Table | None = None
        self._folder = ""
        self._close = ExitStack()
        try:
            self.rows = self._open(credits_path)
        except BaseException:
            self._close.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._close.close()

    @property
    def offset(self) -> int:
        return self._table.offset if self._table else self.size

    def poster(self, name: str) -> "ContentFile[bytes]":
        """The picture of that name beside the table. RowRefusedError where there is none."""
        try:
            with self._open_beside(name) as stream:
                contents = stream.read(LARGEST_POSTER + 1)
        except (OSError, KeyError, RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
            raise RowRefusedError(
                _("poster “%(name)s” is not beside the table.") % {"name": name}
            ) from error
        if len(contents) > LARGEST_POSTER:
            raise RowRefusedError(_("poster “%(name)s” is larger than 10 MB.") % {"name": name})
        return ContentFile(contents, name)

    def _open_beside(self, name: str) -> IO[bytes]:
        if self._zip:
            return self._zip.open(self._folder + name)
        return (self._path.parent / name).open("rb")

    def _open(self, credits_path: Path | None) -> Iterator[FilmRow | Refusal]:
        stream: IO[bytes] = self._close.enter_context(self._path.open("rb"))
        self.size = self._path.stat().st_size
        start = stream.read(64)
        stream.seek(0)
        if start.startswith(b"PK\x03\x04"):
            stream = self._open_zip(stream)
        elif start.startswith(b"\x1f\x8b"):
            raise FileRefusedError(_("The file is packed: unpack it with gunzip first."))
        elif start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
            self.format = _("films of TMDB in JSON")
            return tmdb.read_json(stream)
        self._table = Table(stream)
        return self._reader(self._table, credits_path)

    def _open_zip(self, stream: IO[bytes]) -> IO[bytes]:
        try:
            self._zip = self._close.enter_context(zipfile.ZipFile(stream))
            tables = [
                entry
                for entry in self._zip.infolist()
                if entry.filename.lower().endswith((".csv", ".tsv"))
                and not entry.filename.startswith("__MACOSX/")
            ]
            if len(tables) != 1:
                raise FileRefusedError(
                    _("The zip must have one table (.csv), and has %d.") % len(tables)
                )
            if tables[0].file_size > LARGEST_UNPACKED:
                raise FileRefusedError(_("The table in the zip is larger than 1 GB."))
            self._folder = tables[0].filename.rpartition("/")[0]
            self._folder += "/" if self._folder else ""
            self.size = tables[0].file_size
            return self._close.enter_context(self._zip.open(tables[0]))
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise FileRefusedError(
                _("The zip cannot be read: %(error)s.") % {"error": error}
            ) from error

    def _reader(self, table: Table, credits_path: Path | None) -> Iterator[FilmRow | Refusal]:
        columns = set(table.columns)
        if columns >= tmdb.MOVIE_COLUMNS:
            self.format = "TMDB 5000"
            return tmdb.read_table(table, self._credit_table(credits_path))
        if columns >= tmdb.CREDIT_COLUMNS:
            raise FileRefusedError(
                _("These are TMDB's credits. Give tmdb_5000_movies.csv, and this as its credits.")
            )
        if "title" not in columns:
            raise FileRefusedError(
                _("The file is none that can be read here: its first line names the columns %s.")
                % ", ".join(name[:30] for name in table.columns[:10])
            )
        filmsite_csv.check_header(table.columns)
        self.format = "Filmsite CSV"
        return filmsite_csv.read(table)

    def _credit_table(self, path: Path | None) -> tmdb.CreditTable | None:
        if path is None:
            return None
        return tmdb.CreditTable(self._close.enter_context(path.open("rb")))
