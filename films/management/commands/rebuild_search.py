"""rebuild_search: the text index and the spelling dictionary, made what the films say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from tqdm import tqdm

from films import triggers
from films.search import index, spelling


class Command(BaseCommand):
    help = (
        "Mends the text index where it differs from the films, puts those with most votes where"
        " searches look first, and makes the spelling dictionary anew. The index keeps itself;"
        " run this by a timer, daily or weekly, for the other two."
    )
    # The system check would stop the one command that mends a missing trigger.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; exit 1 if the index differs or a trigger is missing.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = index.missing()
        for name in missing:
            self.stdout.write(f"The trigger {name} is missing.")
        with tqdm(total=index.size(connection), unit=" rows", disable=None) as bar:
            if options["check"]:
                self._check(missing, bar)
                return
            triggers.install(index.TRIGGERS, connection)
            mended = index.mend(connection, bar.update)
        moved, words = index.settle(connection), spelling.rebuild(connection)
        self.stdout.write(
            f"{mended} rows of the index mended, {moved} moved by their votes,"
            f" {words} words in the dictionary, {len(missing)} triggers made."
        )

    def _check(self, missing: list[str], bar: Any) -> None:
        wrong = sum(len(ids) for _table, ids in index.differences(connection, bar.update))
        self.stdout.write(f"{wrong} rows of the index differ, {len(missing)} triggers missing.")
        if wrong or missing:
            raise CommandError("Run manage.py rebuild_search to mend this.")
