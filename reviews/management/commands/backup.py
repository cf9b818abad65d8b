"""`manage.py backup FILE`: a whole, verified copy of the site while it runs."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from reviews import copies


class Command(BaseCommand):
    help = "Write database and uploaded files into one tar file, checked and recounted."
    requires_system_checks = []  # a site with a fault needs its backup most

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Replaced if it exists, once the new is done.")

    def handle(self, *args: Any, file: Path, verbosity: int, **options: Any) -> None:
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}: make it first.")
        try:
            manifest = copies.write(file, show_progress=verbosity > 0)
        except OSError as error:
            raise CommandError(f"{file} was not written: {error}") from error
        size = file.stat().st_size / 1_000_000
        self.stdout.write(f"{file}: {manifest}, {size:.1f} MB; checked, every film recounted.")
