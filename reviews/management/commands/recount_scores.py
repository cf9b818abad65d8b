"""recount_scores: compare every film's and review's tally with what it counts, or mend it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from films import triggers
from films.models import Film
from reviews import review_tally, tally

SHOWN = 20  # films printed in full


class Command(BaseCommand):
    help = "Compares every film's audience score with its votes (--check), or mends it (--fix)."
    # The system check would stop the one command that mends a missing trigger.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group(required=True)
        ways.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; exit 1 if a score differs or a trigger is missing.",
        )
        ways.add_argument(
            "--fix", action="store_true", help="Make missing triggers, and recount what differs."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = tally.missing() + review_tally.missing()
        for name in missing:
            self.stdout.write(f"The trigger {name} is missing.")
        wrong = self._report() + self._report_reviews()
        films = Film.objects.count()
        if options["fix"]:
            triggers.install(tally.TRIGGERS + review_tally.TRIGGERS, connection)
            mended = tally.recount(connection) + review_tally.recount(connection)
            self.stdout.write(f"{films} films, {mended} mended, {len(missing)} triggers made.")
            return
        self.stdout.write(f"{films} films, {wrong} differences, {len(missing)} triggers missing.")
        if wrong or missing:
            raise CommandError("Run manage.py recount_scores --fix to mend this.")

    def _report(self) -> int:
        """Print the first films whose tally differs, with both rows; how many there are."""
        wrong = list(tally.differences(connection))
        slugs = Film.objects.in_bulk([film for film, _kept, _real in wrong[:SHOWN]])
        for film, kept, real in wrong[:SHOWN]:
            name = slugs[film].slug if film in slugs else "a film that is gone"
            self.stdout.write(f"{name} (film {film})")
            self.stdout.write(f"  kept:  {self._row(kept)}")
            self.stdout.write(f"  votes: {self._row(real)}")
        if len(wrong) > SHOWN:
            self.stdout.write(f"… and {len(wrong) - SHOWN} more films.")
        return len(wrong)

    def _report_reviews(self) -> int:
        """Print the reviews whose tally differs from votes and helpful marks; how many."""
        wrong = review_tally.differences(connection)
        if wrong:
            numbers = ", ".join(map(str, wrong[:SHOWN]))
            more = ", …" if len(wrong) > SHOWN else ""
            self.stdout.write(f"Reviews whose tally differs: {numbers}{more}")
        return len(wrong)

    def _row(self, counts: list[int]) -> str:
        return " ".join(f"{name}={n}" for name, n in zip(tally.COUNTS, counts, strict=True))
