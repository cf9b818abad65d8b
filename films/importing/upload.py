"""What somebody uploaded for an import, kept on disk between the look at it and the confirmation.

Too large for a session, and not to be imported before its owner has seen what would happen.
"""

import json
import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.http import Http404

KEPT_FOR = 24 * 60 * 60  # seconds


class Upload:
    """One person's upload: a folder of its own, which nobody else can name.

    `PLACE` is the folder of all uploads of a kind under MEDIA_ROOT; `FIRST` the name of what
    each has from its beginning to its end.
    """

    PLACE: ClassVar[str]
    FIRST: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, owner: Any) -> Self:
        """An empty upload. Those that were left lying for a day are removed first."""
        for folder in cls._all("*-*"):
            with suppress(FileNotFoundError):  # another page removes it just now
                if time.time() - folder.stat().st_mtime > KEPT_FOR:
                    shutil.rmtree(folder, ignore_errors=True)
        folder = cls._folder(owner, secrets.token_hex(16))
        folder.mkdir(parents=True, mode=0o700)
        return cls(folder)

    @classmethod
    def of(cls, owner: Any, token: str) -> Self:
        """The owner's upload of this token; Http404 where there is none."""
        upload = cls(cls._folder(owner, token))
        if not re.fullmatch(r"[0-9a-f]{32}", token) or not upload.load(cls.FIRST):
            raise Http404
        return upload

    @classmethod
    def delete_all_of(cls, owner: Any) -> None:
        """Remove whatever this person uploaded and did not confirm."""
        for folder in cls._all(f"{owner.pk}-*"):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def token(self) -> str:
        return self.folder.name.rpartition("-")[2]

    def save(self, name: str, content: dict[str, Any]) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def load(self, name: str) -> dict[str, Any]:
        """What was saved under this name; empty where nothing was."""
        try:
            return dict(json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @classmethod
    def _all(cls, pattern: str) -> list[Path]:
        return list((Path(settings.MEDIA_ROOT) / cls.PLACE).glob(pattern))

    @classmethod
    def _folder(cls, owner: Any, token: str) -> Path:
        return Path(settings.MEDIA_ROOT) / cls.PLACE / f"{owner.pk}-{token}"
