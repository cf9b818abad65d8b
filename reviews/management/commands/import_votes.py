"""Votes of an existing community: see reviews.importing, which does the work."""

import argparse
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from films.importing.report import Report
from films.importing.table import FileRefusedError
from reviews.importing import REPORT_COLUMNS, Outcome, VoteFile, VoteImport


class Command(BaseCommand):
    help = (
        "Import votes: MovieLens' ratings.csv (with --films links.csv), or a table"
        " member,film,score,cast_at whose film is an address, imdb:tt… or tmdb:…. Voters become"
        " members <source>-<member> who cannot sign in. Exits with 1 when a row was refused, after"
        " importing all others; votes for films that are not here are counted, and no failure."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--films", type=Path, metavar="MAP.csv", help="MovieLens' links.csv")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only tell")
        parser.add_argument(
            "--source",
            default="",
            help="what the voters' names start with (default: movielens, or the file's name)",
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="OUT.csv",
            help="write the rows that were not simply stored, and why",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ExitStack() as stack:
                file = stack.enter_context(closing(VoteFile(options["file"], options["films"])))
                done = VoteImport(file, options["source"], options["dry_run"])
                report = None
                if path := options["report"]:
                    stream = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                    report = Report(stream, REPORT_COLUMNS)
                self._run(done, report)
        except FileRefusedError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        self.stdout.write(closing_line(done))
        if refused := done.counts[Outcome.REFUSED]:
            raise CommandError(
                f"{refused} rows were refused, as named above."
                " Mend them in the file and import it again: the others stay as they are."
            )

    def _run(self, done: VoteImport, report: Report | None) -> None:
        with tqdm(total=done.file.size, unit="B", unit_scale=True, disable=None) as bar:
            for row in done:
                if report and row.outcome not in {Outcome.CREATED, Outcome.SAME}:
                    reason = row.reason or row.outcome.label
                    report.write(
                        (row.line, row.outcome, row.member, row.film, row.score or "", reason)
                    )
                if row.outcome == Outcome.REFUSED:
                    bar.clear()
                    self.stderr.write(f"line {row.line}: {row.reason}")
                bar.update(done.file.offset - bar.n)


def closing_line(done: VoteImport) -> str:
    """What was done, in one line of figures."""
    counts = done.counts
    start = "Dry run, nothing changed. " if done.dry_run else ""
    return (
        f"{start}{counts.total()} votes of {done.source}: {counts[Outcome.CREATED]} created,"
        f" {counts[Outcome.UPDATED]} updated, {counts[Outcome.SAME]} same,"
        f" {counts[Outcome.OLDER]} older than another,"
        f" {counts[Outcome.NO_FILM]} of {len(done.missing_films)} films that are not here,"
        f" {counts[Outcome.REFUSED]} refused; {done.new_members} members made."
    )
