"""`manage.py restore FILE`: put back what `backup` wrote."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from reviews import copies, review_tally, tally


class Command(BaseCommand):
    help = (
        "Put back database and uploaded files from a file that backup wrote. Stop the site first."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="What backup wrote.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Also where the site has members or films: they are lost.",
        )

    def handle(self, *args: Any, file: Path, replace: bool, verbosity: int, **options: Any) -> None:
        if not replace and self.site_holds_something():
            raise CommandError("The site is not empty. --replace puts the copy in its place.")
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        with copies.unpacked(file, show_progress=verbosity > 0) as (folder, manifest):
            database = folder / copies.DATABASE
            self.check_copy(database, manifest)
            copies.place_media(folder, manifest)
            copies.load(database)
        removed = copies.remove_other_media(manifest)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        copies.check(connection)
        if tally.missing() or review_tally.missing():
            raise CommandError("The tally's triggers are missing: run recount_scores --fix.")
        gone = f"; {removed} other files removed" if removed else ""
        self.stdout.write(f"{file}: {manifest} put back, every film recounted{gone}.")

    def site_holds_something(self) -> bool:
        """Whether there is a member, a film or an uploaded file; an empty database has none."""
        if next(copies.uploaded(), None):
            return True
        tables = connection.introspection.table_names()
        return any(
            model._meta.db_table in tables and model._default_manager.exists()
            for model in copies.COUNTED.values()
        )

    def check_copy(self, database: Path, manifest: copies.Manifest) -> None:
        """Refuse a copy of another kind of database or of a newer Filmsite, or a damaged one."""
        if manifest.engine != connection.vendor:
            raise CommandError(
                f"The copy is of {manifest.engine}, but DATABASE_URL names {connection.vendor}."
            )
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}
        newer = sorted(set(manifest.migrations) - known)
        if newer:
            raise CommandError(f"The copy is of a newer Filmsite (it has {newer[0]}): upgrade.")
        if manifest.engine == "sqlite":
            with copies.opened(database) as copy:
                copies.check(copy)
