"""A member's upload between the look at it and the confirmation.

Only the rows that mean something are kept, not the file: an export also has the member's name and
address in it. They lie in a hidden folder, which backups leave out, and go when they are imported.
"""

from collections.abc import Mapping
from typing import IO, Any, Self

from django.utils.translation import gettext as _

from films.importing.table import FileRefusedError
from films.importing.upload import Upload
from reviews.models import OwnImport
from reviews.own_imports.brought import Brought, Named
from reviews.own_imports.planning import plan
from reviews.own_imports.preview import preview
from reviews.own_imports.reading import read
from reviews.own_imports.storing import store


class OwnUpload(Upload):
    """One member's file: its rows until they are imported, and what the page tells of them."""

    PLACE, FIRST = ".own-imports", "preview"

    @classmethod
    def create(cls, member: Any, stream: IO[bytes], name: str) -> Self:
        """Read the file and keep its rows, in place of whatever the member left lying.

        FileRefusedError, and nothing kept, where it cannot be read or has no row.
        """
        brought = read(stream)
        if not brought.rows:
            raise FileRefusedError(_("There is nothing in the file: no vote, review or film."))
        told = preview(name, brought, plan(member, brought))
        cls.delete_all_of(member)
        upload = cls.make(member)
        upload.save("rows", brought.as_json())
        upload.save("preview", told)
        return upload

    @property
    def waits(self) -> bool:
        """Whether it can be confirmed: neither done nor under way."""
        return (self.folder / "rows.json").exists()

    def confirm(
        self, member: Any, chosen: Mapping[Named, int], leave_out: frozenset[str] = frozenset()
    ) -> OwnImport | None:
        """Import the rows; the import, or None where nothing in them is new.

        Raises FileNotFoundError where that was done before, or is being done: a second click.
        After any other error nothing is stored, and it can be confirmed again.
        """
        rows, taken = self.folder / "rows.json", self.folder / "taken.json"
        rows.rename(taken)
        try:
            brought = Brought.from_json(self.load("taken"))
            own_import = store(member, brought.source, plan(member, brought, chosen, leave_out))
        except BaseException:
            taken.rename(rows)
            raise
        taken.unlink(missing_ok=True)
        self.save("preview", {"done": True})
        return own_import
