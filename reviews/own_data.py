"""What the site knows about a member: all of it to take along, and how an account is deleted.

`PARTS` is the one list of what an export holds; a test walks every model and fails where one that
refers to members is neither there nor in `LEFT_OUT`, which says why. `delete_members` is the one
way an account goes, whoever asks for it.
"""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from typing import IO, Any, NamedTuple

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from films.admin.importing import FilmUpload
from films.importing.upload import Upload
from films.models import Film
from reviews.models import Helpful, Member, Report, Review, Vote
from reviews.own_imports.upload import OwnUpload
from reviews.sessions import end_sessions

UPLOADS: tuple[type[Upload], ...] = (OwnUpload, FilmUpload)  # what may lie on disk, unconfirmed


def _columns(*same: str, **other: str) -> dict[str, str]:
    """Columns named as the fields they come from, and others."""
    return {name: name for name in same} | other


FILM = _columns(film="film__title", film_slug="film__slug")
REVIEWED = _columns(film="review__film__title", film_slug="review__film__slug", review="review_id")
ACT = _columns("what", "before", "after", "reason", "done_at", subject="subject_id", film="film_id")
NOTE = _columns("action_time", "object_repr", "action_flag", "change_message")


class Part(NamedTuple):
    """One table of the export: its file's name, its model, the fields that make a row the
    member's, its columns with where they come from; `rows`, where fields alone do not tell.
    """

    name: str
    model: str
    by: tuple[str, ...]
    columns: dict[str, str]
    rows: Callable[[Member], Q] | None = None

    def table(self, member: Member) -> list[dict[str, Any]]:
        """The member's rows, oldest first."""
        mine = self.rows(member) if self.rows else Q(*((field, member.pk) for field in self.by))
        rows = apps.get_model(self.model)._default_manager.filter(mine).order_by("pk")
        values = rows.values_list(*self.columns.values())
        return [dict(zip(self.columns, row, strict=True)) for row in values]


def _acts_about(member: Member) -> Q:
    """Moderators' acts on the member, and on votes, reviews and reports that are still there."""
    subjects: dict[str, QuerySet[Any]] = {
        "vote": Vote.objects.filter(member=member),
        "review": Review.objects.filter(author=member),
        "report": Report.objects.filter(member=member),
        "member": Member.objects.filter(pk=member.pk),
    }
    about = Q()
    for what, rows in subjects.items():
        about |= Q(what=what, subject_id__in=rows.order_by().values("pk"))
    return about


def _notes_about(member: Member) -> Q:
    """What the desk's own log has of the account and its addresses."""
    addresses = EmailAddress.objects.filter(user=member)
    return _notes_of(Member, [member.pk]) | _notes_of(EmailAddress, [one.pk for one in addresses])


PARTS = (
    Part(
        "account",
        "reviews.Member",
        ("pk",),
        _columns(
            *("username", "display_name", "about", "email", "date_joined", "last_login"),
            *("shows_votes", "shows_reviews", "shows_watchlist", "is_active", "suspended_because"),
            *("is_staff", "is_superuser", "imported_as"),
            number="pk",
        ),
    ),
    Part(
        "email_addresses",
        "account.EmailAddress",
        ("user",),
        _columns("email", "verified", "primary"),
    ),
    Part(
        "second_factor",
        "mfa.Authenticator",
        ("user",),
        _columns("type", "created_at", "last_used_at"),
    ),
    Part("sessions", "reviews.Session", ("member_id",), _columns(ends_at="expire_date")),
    Part("groups", "reviews.Member_groups", ("member",), _columns(group="group__name")),
    Part(
        "permissions",
        "reviews.Member_user_permissions",
        ("member",),
        _columns(permission="permission__codename"),
    ),
    Part(
        "votes",
        "reviews.Vote",
        ("member",),
        FILM | _columns("score", "status", "reason", "cast_at", "changed_at", number="pk"),
    ),
    Part(
        "reviews",
        "reviews.Review",
        ("author",),
        FILM
        | _columns("headline", "body", "gives_away_ending", "status", "reason")
        | _columns("written_at", "edited_at", found_helpful="tally__helpful", number="pk"),
    ),
    Part(
        "earlier_texts",
        "reviews.ReviewRevision",
        ("review__author",),
        REVIEWED | _columns("headline", "body", "gives_away_ending", "written_at"),
    ),
    Part("helpful", "reviews.Helpful", ("member",), REVIEWED | _columns("found_at")),
    Part(
        "reports",
        "reviews.Report",
        ("member",),
        REVIEWED | _columns("why", "note", "reported_at", "status", "reason", number="pk"),
    ),
    Part("watchlist", "reviews.WatchlistEntry", ("member",), FILM | _columns("added_at")),
    Part(
        "imports",
        "reviews.OwnImport",
        ("member",),
        _columns("source", "made_at", "taken_back_at", number="pk"),
    ),
    Part(
        "imported",
        "reviews.OwnImportEntry",
        ("own_import__member",),
        FILM | _columns("what", number_of_import="own_import"),
    ),
    Part("moderation_of_yours", "reviews.ModerationAct", ("subject_id",), ACT, _acts_about),
    Part("moderation_by_you", "reviews.ModerationAct", ("actor_id",), ACT),
    Part("desk_log_about_you", "admin.LogEntry", ("object_id",), NOTE, _notes_about),
    Part(
        "desk_log_by_you",
        "admin.LogEntry",
        ("user",),
        NOTE | _columns("object_id", kind="content_type__model"),
    ),
)

# What refers to members, or to what is theirs, and is not in the export; why not.
LEFT_OUT = {
    "reviews.Member.password": _("It is stored as a hash, which opens nothing but doors."),
    "mfa.Authenticator.data": _("The secrets of the second step open the account."),
    "reviews.Session.session_key": _("A session’s key opens the account."),
    "reviews.Session.session_data": _("What a browser is in the middle of, for that key."),
    "account.EmailConfirmation.email_address": _("Keys that were mailed open the account."),
    "reviews.Helpful.review": _("Who found your reviews helpful: only how many is told."),
    "reviews.Report.review": _("Who reported your reviews: that is theirs."),
    "reviews.ReviewTally.review": _("Counted from the rest; it is in reviews."),
}


# --- The zip ------------------------------------------------------------------------------------

RISKY = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula


def export(member: Member) -> IO[bytes]:
    """A zip with a README and every part that has rows, as CSV and as JSON, open at its start."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (who sends it closes it)
    tables = [(part.name, part.table(member)) for part in PARTS]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        context = {
            "member": member,
            "tables": [(name, len(rows)) for name, rows in tables],
            "left_out": LEFT_OUT.items(),
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
        }
        zipped.writestr("README.txt", render_to_string("reviews/own_data_readme.txt", context))
        for name, rows in tables:
            if rows:
                zipped.writestr(f"{name}.csv", _csv(rows))
                zipped.writestr(
                    f"{name}.json",
                    json.dumps(rows, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False),
                )
    file.seek(0)
    return file


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A value as text that no spreadsheet runs; times in ISO 8601, nothing for None."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


# --- Deletion -----------------------------------------------------------------------------------


class LastSuperuserError(Exception):
    """Without them nobody could make another superuser. Nothing was deleted."""


def takes_last_superuser(members: QuerySet[Member]) -> bool:
    """Whether a superuser is among these members, and none would be left who can sign in."""
    if not members.filter(is_superuser=True).exists():
        return False
    left = Member.objects.filter(is_superuser=True, is_active=True)
    return not left.exclude(pk__in=members.order_by().values("pk")).exists()


def delete_members(members: QuerySet[Member]) -> int:
    """Delete these members with everything that names them; how many there were.

    Votes go first, so the scores follow in the same transaction; what is theirs goes with them,
    and the admin's log of them. The moderation log keeps their numbers. Raises
    LastSuperuserError, and deletes nothing, where no superuser would be left.
    """
    with transaction.atomic():
        gone = _locked(members)
        numbers = [member.pk for member in gone]
        found = EmailAddress.objects.filter(user__in=numbers).values_list("pk", "email")
        addresses: dict[int, str] = dict(found)
        words = {member.email for member in gone} | set(addresses.values()) - {""}
        Vote.objects.filter(member__in=numbers).delete()
        _marks(numbers).delete()
        LogEntry.objects.filter(
            _notes_of(Member, numbers)
            | _notes_of(EmailAddress, addresses)
            | _notes_of(
                Review, Review.objects.filter(author__in=numbers).values_list("pk", flat=True)
            )
            | Q(object_repr__in=words)
        ).delete()
        Member.objects.filter(pk__in=numbers).delete()
        end_sessions(numbers)
        transaction.on_commit(partial(_sweep, gone))
    return len(gone)


def _locked(members: QuerySet[Member]) -> list[Member]:
    """The members, locked with all that their deletion touches until the end of the transaction.

    All deletions keep this order, and in it that of the ids: members, films, reviews, votes,
    marks. So nobody who votes, marks, moderates or deletes meanwhile waits for them for ever.
    """
    numbers = set(members.order_by().values_list("pk", flat=True))
    wanted = Q(pk__in=numbers)
    if members.filter(is_superuser=True).exists():
        wanted |= Q(is_superuser=True, is_active=True)  # two who delete themselves at once
    locked = list(Member.objects.filter(wanted).select_for_update().order_by("pk"))
    gone = [member for member in locked if member.pk in numbers]
    if len(locked) == len(gone) and any(member.is_superuser for member in gone):
        raise LastSuperuserError
    if connection.features.has_select_for_update:
        votes, marks = Vote.objects.filter(member__in=numbers), _marks(numbers)
        written = Review.objects.filter(author__in=numbers)
        films = Film.objects.filter(
            Q(pk__in=votes.order_by().values("film"))
            | Q(pk__in=written.order_by().values("film"))
            | Q(pk__in=marks.values("review__film"))
        )
        for rows in (films, written, votes, marks):
            # Votes and reviews of others hold the film's key, which goes on: no_key.
            locking = rows.select_for_update(no_key=rows.model is Film)
            list(locking.order_by("pk").values_list("pk", flat=True))
    return gone


def _marks(numbers: Collection[int]) -> QuerySet[Helpful]:
    """What these members found helpful, and what others found helpful of theirs."""
    written = Review.objects.filter(author__in=numbers).order_by().values("pk")
    return Helpful.objects.filter(Q(member__in=numbers) | Q(review__in=written))


def _notes_of(model: type[Model], numbers: Iterable[int]) -> Q:
    """Entries of the admin's log about these rows."""
    kind = ContentType.objects.get_for_model(model)
    return Q(content_type=kind, object_id__in=[str(number) for number in numbers])


def _sweep(gone: list[Member]) -> None:
    """After the commit: sessions begun meanwhile, and uploads left lying."""
    end_sessions([member.pk for member in gone])
    for kind in UPLOADS:
        for member in gone:
            kind.delete_all_of(member)
