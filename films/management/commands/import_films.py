"""Films from a file: see films.importing, which does the work."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from films.importing.planning import Decision, Outcome
from films.importing.reading import FilmFile
from films.importing.report import Report
from films.importing.run import Import
from films.importing.table import FileRefusedError


class Command(BaseCommand):
    help = (
        "Import films from a Filmsite CSV (alone, or in a zip with its posters), from TMDB 5000"
        " (tmdb_5000_movies.csv, with its credits by --credits), or from TMDB's movie JSON. What"
        " is on the site is kept unless --overwrite is given. Exits with 1 when a row was"
        " refused, after importing all others."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only tell")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="new films go live at once, except those their source calls unreleased",
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="where they differ, the file replaces the site"
        )
        parser.add_argument("--credits", type=Path, metavar="FILE", help="tmdb_5000_credits.csv")
        parser.add_argument(
            "--report", type=Path, metavar="OUT.csv", help="write what became of each row"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with (
                FilmFile(options["file"], options["credits"]) as file,
                _report(options["report"]) as report,
            ):
                done = Import(
                    file,
                    dry_run=options["dry_run"],
                    publish=options["publish"],
                    overwrite=options["overwrite"],
                )
                self._run(done, report)
        except FileRefusedError as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        self.stdout.write(closing_line(done))
        if done.counts[Outcome.REFUSED]:
            raise CommandError(
                f"{done.counts[Outcome.REFUSED]} rows were refused, as named above."
                " Mend them in the file and import it again: the others stay as they are."
            )

    def _run(self, done: Import, report: Report | None) -> None:
        with tqdm(total=done.file.size, unit="B", unit_scale=True, disable=None) as bar:
            for decision in done:
                if report:
                    report.write_decision(decision)
                if decision.outcome == Outcome.REFUSED:
                    bar.clear()
                    self.stderr.write(refusal_line(decision))
                bar.update(done.file.offset - bar.n)


@contextlib.contextmanager
def _report(path: Path | None) -> Iterator[Report | None]:
    if path is None:
        yield None
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield Report(stream)


def refusal_line(decision: Decision) -> str:
    title = f" {decision.title}" if decision.title else ""
    return f"line {decision.line}{title}: {decision.reason}"


def closing_line(done: Import) -> str:
    """What was done, in one line of figures."""
    outcomes = ", ".join(f"{done.counts[outcome]} {outcome}" for outcome in Outcome)
    drafts = f", {done.left_as_drafts} unreleased left as drafts" if done.left_as_drafts else ""
    start = "Dry run, nothing changed. " if done.dry_run else ""
    return f"{start}{done.counts.total()} films in {done.file.format}: {outcomes}{drafts}."
