"""Which kind of file a member gives, told from its contents, and the reader for it."""

from typing import IO

from django.utils.translation import gettext as _

from films.importing.table import FileRefusedError, Table
from reviews.own_imports import imdb, letterboxd
from reviews.own_imports.brought import Brought

_LETTERBOXDS_LISTS = "letterboxd list export"


def read(stream: IO[bytes]) -> Brought:
    """What is in the file. FileRefusedError, with what to do, where it cannot be read here."""
    start = stream.read(4)
    stream.seek(0)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return letterboxd.read(stream)
    if start.startswith(b"\x1f\x8b"):
        raise FileRefusedError(_("The file is packed with gzip: unpack it first."))
    table = Table(stream)
    columns = set(table.columns)
    if columns >= imdb.COLUMNS:
        return imdb.read(table)
    if "letterboxd uri" in columns or _LETTERBOXDS_LISTS in table.columns[0]:
        raise FileRefusedError(
            _("This is one of Letterboxd’s tables alone: give the whole zip as it was downloaded.")
        )
    raise FileRefusedError(
        _("This is neither Letterboxd’s zip nor a table of IMDb’s: its first line names %s.")
        % ", ".join(name[:30] for name in table.columns[:10])
    )
