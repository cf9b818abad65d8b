"""Whole copies of the site: `backup` writes one, `restore` puts it back.

A copy is one tar file: the database, every uploaded file under `media/`, and last a manifest with
what is in it, so that half a copy is known by its lack. SQLite is copied by its own backup, as
it was at one moment while the site goes on, never file by file; PostgreSQL by pg_dump. Each
database is checked and every film recounted on the copy itself, before it counts as one.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from tqdm import tqdm

from films.models import Film
from reviews import review_tally, tally
from reviews.models import Member, ReviewTally, Vote

FORMAT = 1
MANIFEST, DATABASE, MEDIA = "manifest.json", "database", "media/"
COUNTED: dict[str, type[Model]] = {"films": Film, "votes": Vote, "members": Member}
Stamp = tuple[int, int]  # a file's size and the time of its last change, in nanoseconds


@dataclass
class Manifest:
    """What a copy holds: rows by kind, the migrations its database has, each file's SHA-256."""

    engine: str
    rows: dict[str, int]
    migrations: list[str]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def __str__(self) -> str:
        media = sum(name.startswith(MEDIA) for name in self.files)
        rows = ", ".join(f"{number} {name}" for name, number in self.rows.items())
        return f"{rows} and {media} uploaded files"


def describe(copy: BaseDatabaseWrapper) -> Manifest:
    """What a database holds."""
    with copy.cursor() as cursor:
        rows = {}
        for name, model in COUNTED.items():
            cursor.execute(f"SELECT COUNT(*) FROM {model._meta.db_table}")
            rows[name] = int(cursor.fetchone()[0])
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        migrations = [f"{app}.{name}" for app, name in cursor.fetchall()]
    return Manifest(copy.vendor, rows, migrations)


def check(copy: BaseDatabaseWrapper) -> None:
    """Recount every film; on SQLite look at each page of the file, too. CommandError on a fault."""
    if copy.vendor == "sqlite":
        with copy.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found = cursor.fetchone()[0]
            if found != "ok":
                raise CommandError(f"The copied database is damaged: {found}")
            cursor.execute("PRAGMA foreign_key_check")
            if cursor.fetchone():
                raise CommandError("The copied database has rows that refer to nothing.")
    wrong = sum(1 for _ in tally.differences(copy))
    if wrong:
        raise CommandError(
            f"{wrong} audience scores differ from their votes: run recount_scores --fix first."
        )
    with copy.cursor() as cursor:  # a copy of an older site has none
        tables = copy.introspection.table_names(cursor)
    if ReviewTally._meta.db_table in tables and (reviews := review_tally.differences(copy)):
        raise CommandError(
            f"{len(reviews)} tallies of reviews are wrong: run recount_scores --fix first."
        )


# --- Writing a copy -------------------------------------------------------------------------------


def write(target: Path, show_progress: bool) -> Manifest:
    """Write a whole copy; what stood at `target` before is replaced only when it is done."""
    partial = target.with_name(f".{target.name}.partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with (
            open(descriptor, "wb") as file,
            tempfile.TemporaryDirectory(dir=target.parent, prefix=".filmsite-backup-") as folder,
        ):
            with tarfile.open(fileobj=file, mode="w") as tar:
                manifest = _fill(tar, Path(folder) / DATABASE, show_progress)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(target.parent)
    return manifest


def _fill(tar: tarfile.TarFile, database: Path, show_progress: bool) -> Manifest:
    # Media before the database and what is new once more after it: a picture that was replaced
    # or added meanwhile is there in every version that the copied database may name.
    files: dict[str, str] = {}
    seen: dict[Path, Stamp] = {}
    _add_media(tar, files, seen, show_progress)
    manifest = _copy_sqlite(database) if connection.vendor == "sqlite" else _dump(database)
    _add(tar, database, DATABASE, files)
    _add_media(tar, files, seen, show_progress)
    manifest.files = files
    text = json.dumps(manifest.__dict__, indent=1).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size = len(text)
    tar.addfile(entry, BytesIO(text))
    return manifest


def _add_media(
    tar: tarfile.TarFile, files: dict[str, str], seen: dict[Path, Stamp], show_progress: bool
) -> None:
    """Add every uploaded file that is not in the copy as it is now."""
    for path in tqdm(list(uploaded()), "Uploaded files", disable=None if show_progress else True):
        try:
            status = path.stat()
            if seen.get(path) != (status.st_size, status.st_mtime_ns):
                _add(tar, path, MEDIA + path.relative_to(settings.MEDIA_ROOT).as_posix(), files)
                seen[path] = (status.st_size, status.st_mtime_ns)
        except FileNotFoundError:
            continue  # deleted since the folder was listed


def _add(tar: tarfile.TarFile, path: Path, name: str, files: dict[str, str]) -> None:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), 0o600
        hashed = _Hashed(file)
        tar.addfile(entry, hashed)
    files[name] = hashed.sha256.hexdigest()


class _Hashed:
    """A file that hashes what is read from it: just the bytes that went into the copy."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sha256.update(data)
        return data


def uploaded() -> Iterator[Path]:
    """Every file under MEDIA_ROOT but the hidden ones."""
    root = Path(settings.MEDIA_ROOT)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


# --- The database ------------------------------------------------------------------------------


@contextmanager
def opened(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A copied SQLite file as a database of Django's, that nothing can write to."""
    copy = connection.copy("copy")
    copy.settings_dict.update(
        NAME=str(path), OPTIONS={"init_command": "PRAGMA query_only=ON"}, CONN_MAX_AGE=0
    )
    try:
        yield copy
    finally:
        copy.close()


def _copy_sqlite(path: Path) -> Manifest:
    connection.ensure_connection()
    source: Any = connection.connection
    path.touch(0o600)
    with closing(sqlite3.connect(path)) as copy:
        source.backup(copy, pages=-1)  # all at once: in steps it never ends while votes come in
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    with opened(path) as database:
        check(database)
        return describe(database)


def _dump(path: Path) -> Manifest:
    """PostgreSQL: check one snapshot of the database, and dump that same snapshot."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        check(connection)
        manifest = describe(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges"]
        _postgresql("pg_dump", *options, f"--snapshot={snapshot}", f"--file={path}")
    _postgresql("pg_restore", f"--file={os.devnull}", str(path))  # reads all of it
    return manifest


def load(path: Path) -> None:
    """Put a copied database in place of the site's own, whole or not at all."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            copy.backup(connection.connection, pages=-1)
    else:
        name = settings.DATABASES["default"]["NAME"]
        connection.close()
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
        _postgresql("pg_restore", *options, "--single-transaction", f"--dbname={name}", str(path))
    connection.close()


def _postgresql(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the site's database."""
    database = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    where = {name: str(database[key]) for name, key in names.items() if database.get(key)}
    environment = {**os.environ, "PGDATABASE": str(database["NAME"]), **where}
    try:
        run = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise CommandError(
            f"{program} is not installed: apt install postgresql-client, not older than the server."
        ) from error
    if run.returncode:
        raise CommandError(f"{program} failed: {run.stderr.strip()[-1000:]}")


# --- Reading a copy ----------------------------------------------------------------------------


@contextmanager
def unpacked(source: Path, show_progress: bool) -> Iterator[tuple[Path, Manifest]]:
    """A copy's files in a folder of their own under MEDIA_ROOT, each compared with the manifest.

    CommandError where the file is no copy, not whole, or changed since it was made.
    """
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=media, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:") as tar:
                manifest = _unpack(tar, folder, show_progress)
        except (tarfile.TarError, EOFError, ValueError, TypeError) as error:
            raise CommandError(f"{source} is not a whole copy made by backup: {error}") from error
        yield folder, manifest


def _unpack(tar: tarfile.TarFile, folder: Path, show_progress: bool) -> Manifest:
    found: dict[str, str] = {}
    text = ""
    for entry in tqdm(tar, "Unpacking", disable=None if show_progress else True, unit="file"):
        file = tar.extractfile(entry) if entry.isreg() else None
        path = PurePosixPath(entry.name)
        if file is None or path.is_absolute() or ".." in path.parts:
            raise ValueError(f"it holds {entry.name!r}, which no copy does")
        if entry.name == MANIFEST:
            text = file.read().decode()
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as written:  # of a file that changed, the later one counts
            shutil.copyfileobj(file, written)
        with target.open("rb") as written:
            found[entry.name] = hashlib.file_digest(written, "sha256").hexdigest()
    if not text:
        raise ValueError("its end is missing")
    manifest = Manifest(**json.loads(text))
    if manifest.format != FORMAT:
        raise ValueError(f"its format is {manifest.format}, not {FORMAT}")
    if manifest.files != found or DATABASE not in found:
        raise ValueError("its files are not those it was made with")
    return manifest


def place_media(folder: Path, manifest: Manifest) -> None:
    """Move the unpacked files to where the site looks for them."""
    for name in manifest.files:
        if name.startswith(MEDIA):
            target = Path(settings.MEDIA_ROOT) / name.removeprefix(MEDIA)
            target.parent.mkdir(parents=True, exist_ok=True)
            (folder / name).chmod(0o644)
            (folder / name).replace(target)


def remove_other_media(manifest: Manifest) -> int:
    """Delete uploaded files that are not in the copy; how many there were."""
    root = Path(settings.MEDIA_ROOT)
    others = [
        path
        for path in uploaded()
        if MEDIA + path.relative_to(root).as_posix() not in manifest.files
    ]
    for path in others:
        path.unlink()
    return len(others)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
