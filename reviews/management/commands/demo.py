"""`manage.py demo`: the site with something in it, for whoever found it a minute ago."""

import csv
import random
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import BaseCommand, CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from films.models import Collection, Film, FilmCertificate, Page
from reviews.models import Helpful, Member, Review, Vote
from reviews.models.vote import SCORES

DEMO = Path(__file__).resolve().parents[2] / "demo"
# Username, display name, group: the people whose sign-in is printed.
STAFF = [("editor", "Demo Editor", "Editors"), ("moderator", "Demo Moderator", "Moderators")]
LEADING = "never-let-me-go-2010"
COLLECTION = "Films that take their time"
INTRODUCTION = (
    "Nothing explodes. People wait, walk and look out of windows, and by the end you have seen"
    " **more** than in most chases. Start anywhere."
)
REVEALS_ENDING = ["jeanne-dielman-23-quai-du-commerce-1080-bruxelles-1975"]


def rows(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def password_of(username: str) -> str:
    """The demo's password of a staff member: the same at each run on one SECRET_KEY."""
    return salted_hmac("filmsite.demo", username).hexdigest()[:12]


class Command(BaseCommand):
    help = "Fill an empty database with 24 films, members, votes and reviews, and serve the site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", metavar="addr:port")
        parser.add_argument("--load-only", action="store_true", help="Fill, but do not serve.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for trying the site: it runs with DEBUG=1 alone.")
        call_command("migrate", verbosity=0)
        if Film.objects.exists() or Member.objects.exists():
            self.stdout.write("The database has films or members already: nothing added.")
        else:
            self.load()
        self.tell_sign_in()
        if not options["load_only"]:
            self.stdout.write(f"Open http://{options['address']} (Ctrl-C ends it).", ending="\n\n")
            call_command("runserver", options["address"], use_reloader=False)

    @transaction.atomic
    def load(self) -> None:
        """Everything or nothing: a demo that was interrupted leaves an empty database."""
        call_command("import_films", str(DEMO / "films.csv"), publish=True, stdout=self.stdout)
        spread_films()
        give_advice()
        make_collection()
        Page.objects.bulk_create(Page(**row) for row in rows("pages.csv"))
        make_staff()
        members = make_members()
        write_reviews(members)
        find_helpful(members)
        Vote.objects.bulk_create(demo_votes(members), batch_size=2000)
        for command in ("find_alike", "rebuild_search"):
            call_command(command, stdout=StringIO())
        self.stdout.write(
            f"Demo: {Film.objects.count()} films, {Member.objects.count()} members,"
            f" {Vote.objects.count()} votes, {Review.objects.count()} reviews."
        )

    def tell_sign_in(self) -> None:
        for username, _name, group in STAFF:
            if Member.objects.filter(username=username, imported_as=f"demo-{username}").exists():
                self.stdout.write(
                    f"Sign in as {username} with {password_of(username)} ({group.lower()})."
                )


def spread_films() -> None:
    """As if editors had added a film every few days; the one that leads is the oldest."""
    now = timezone.now()
    films = sorted(Film.objects.order_by("pk"), key=lambda film: film.slug == LEADING)
    for number, film in enumerate(films):
        film.published_at = now - timedelta(days=3 * number, hours=1)
        film.essay_reveals_ending = film.slug in REVEALS_ENDING
    Film.objects.bulk_update(films, ["published_at", "essay_reveals_ending"])
    Film.objects.filter(slug=LEADING).update(featured_from=now - timedelta(hours=1))


def give_advice() -> None:
    """What the boards warn of, which the film's file has no column for."""
    for row in rows("advice.csv"):
        FilmCertificate.objects.filter(film__slug=row["film"], board=row["board"]).update(
            advice=row["advice"]
        )


def make_collection() -> None:
    collection = Collection.objects.create(
        title=COLLECTION,
        introduction=INTRODUCTION,
        published_at=timezone.now() - timedelta(hours=1),
        home_position=1,
    )
    for position, row in enumerate(rows("collection.csv"), 1):
        film = Film.objects.get(slug=row["film"])
        collection.entries.create(film=film, position=position, note=row["note"])


def make_staff() -> None:
    for username, name, group in STAFF:
        member = Member.objects.create_user(
            username,
            f"{username}@demo.invalid",
            password_of(username),
            display_name=name,
            is_staff=True,
            imported_as=f"demo-{username}",
        )
        member.groups.add(Group.objects.get(name=group))
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)


def make_members() -> dict[str, Member]:
    """The members who write, and as many silent ones as the most voted film needs."""
    most = max(sum(histogram(row)) for row in rows("votes.csv"))
    writers = [Member(imported_as=f"demo-{row['username']}", **row) for row in rows("members.csv")]
    silent = [
        Member(username=f"voter-{number:04}", imported_as=f"demo-voter-{number:04}")
        for number in range(1, most + 1)
    ]
    for member in [*writers, *silent]:
        member.set_unusable_password()
    return {member.username: member for member in Member.objects.bulk_create([*writers, *silent])}


def write_reviews(members: dict[str, Member]) -> None:
    """The reviews, and the earlier text of those that were edited: their first, so that the
    database keeps it.
    """
    films = {film.slug: film for film in Film.objects.all()}
    earlier = {(row["film"], row["member"]): row for row in rows("earlier.csv")}
    written, edited = [], []
    for row in rows("reviews.csv"):
        review = Review(
            film=films[row["film"]],
            author=members[row["member"]],
            headline=row["headline"],
            body=row["body"],
            gives_away_ending=row["gives_away_ending"] == "1",
            written_at=datetime.fromisoformat(row["written_at"]),
        )
        written.append(review)
        if first := earlier.get((row["film"], row["member"])):
            edited.append((review, row, datetime.fromisoformat(first["edited_at"])))
            review.headline, review.body = first["headline"], first["body"]
    Review.objects.bulk_create(written)
    for review, row, edited_at in edited:
        review.headline, review.body, review.edited_at = row["headline"], row["body"], edited_at
        review.save()


def find_helpful(members: dict[str, Member]) -> None:
    """As many helpful marks for each review as its row says, from silent members."""
    silent = [member for name, member in members.items() if name.startswith("voter-")]
    reviews = {
        (each.film.slug, each.author_id): each for each in Review.objects.select_related("film")
    }
    marks = []
    for number, row in enumerate(rows("reviews.csv")):
        review = reviews[row["film"], members[row["member"]].pk]
        chance = random.Random(number)  # noqa: S311  (the same demo every time)
        readers = chance.sample(silent, int(row["helpful"]))
        marks += [Helpful(review=review, member=member) for member in readers]
    Helpful.objects.bulk_create(marks)


def histogram(row: dict[str, str]) -> list[int]:
    return [int(row[f"n{score}"]) for score in SCORES]


def demo_votes(members: dict[str, Member]) -> Iterator[Vote]:
    """Votes that make each film's histogram: the writers' own, the rest from silent members."""
    films = {film.slug: film for film in Film.objects.all()}
    silent = [member for name, member in members.items() if name.startswith("voter-")]
    for row in rows("votes.csv"):
        film, left = films[row["film"]], histogram(row)
        for review in rows("reviews.csv"):
            if review["film"] == film.slug and review["score"]:
                score, cast_at = int(review["score"]), datetime.fromisoformat(review["written_at"])
                left[score - 1] -= 1
                yield Vote(
                    film=film,
                    member=members[review["member"]],
                    score=score,
                    cast_at=cast_at,
                    changed_at=cast_at,
                )
        scores = [score for score, count in enumerate(left, 1) for _ in range(count)]
        chance = random.Random(film.slug)  # noqa: S311  (the same demo every time)
        chance.shuffle(scores)
        for member, score in zip(chance.sample(silent, len(scores)), scores, strict=True):
            cast_at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(
                minutes=chance.randrange(660 * 24 * 60)
            )
            yield Vote(film=film, member=member, score=score, cast_at=cast_at, changed_at=cast_at)
