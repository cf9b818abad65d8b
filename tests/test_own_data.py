"""One's own data: the export has all that names a member, and a deleted account leaves nothing."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.models import Field
from django.test import Client
from django.utils import timezone

from films.admin.importing import FilmUpload
from films.models import Film
from reviews import own_data, review_tally, sessions, tally
from reviews.models import (
    Helpful,
    Member,
    ModerationAct,
    OwnImport,
    OwnImportEntry,
    Report,
    Review,
    ReviewTally,
    Session,
    Vote,
    WatchlistEntry,
)
from reviews.own_data import LEFT_OUT, PARTS, LastSuperuserError, delete_members
from reviews.own_imports.upload import OwnUpload
from tests.conftest import make_member
from tests.site import make_session

DATA, EXPORT, DELETE = "/account/data/", "/account/data/export/", "/account/delete/"
NAME, ADDRESS, DISPLAY = "zuleika.q", "zuleika.q@example.org", "Zuleika Quist"
# How numbers of members stand in tables that have no foreign key to them.
NUMBERS = re.compile(r"(member|actor|author|user|owner|subject|object)_(id|pk)")


@pytest.fixture
def busy(film: Film, other_member: Member, moderator: Member, settings, tmp_path) -> Member:
    """A member who has done everything there is to do, and to whom everything was done."""
    settings.MEDIA_ROOT = tmp_path
    me = make_member(NAME, display_name=DISPLAY, about="=SUM(A1)", is_staff=True)
    others = Review.objects.create(film=film, author=other_member, body="Anothers words")
    mine = Review.objects.create(film=film, author=me, headline="Mine", body="First words")
    mine.body, mine.edited_at = "Second words", timezone.now()
    mine.save()
    Vote.objects.cast(film, me, 9)
    Vote.objects.cast(film, other_member, 4)
    Helpful.objects.create(review=others, member=me)
    Helpful.objects.create(review=mine, member=other_member)
    Report.objects.create(review=others, member=me, why="other", note="My note")
    Report.objects.create(review=mine, member=other_member, why="other", note="Anothers note")
    WatchlistEntry.objects.add(me, film)
    brought = OwnImport.objects.create(member=me, source="letterboxd")
    OwnImportEntry.objects.create(own_import=brought, film=film, what="vote")
    me.groups.add(Group.objects.get(name="Editors"))
    me.user_permissions.add(Permission.objects.get(codename="change_film"))
    for after, reason in (("held", "A burst"), ("counted", "No burst")):
        ModerationAct.objects.carry_out(Vote.objects.filter(member=me), moderator, after, reason)
    theirs = Vote.objects.filter(member=other_member)
    for after in ("held", "counted"):
        ModerationAct.objects.carry_out(theirs, me, after, "By the busy one")
    note(moderator, me)
    note(moderator, EmailAddress.objects.get(user=me))
    note(moderator, mine)
    note(me, film)
    add_second_factor(me)
    for kind in (OwnUpload, FilmUpload):
        kind.make(me).save("rows", {"of": DISPLAY})
    Client().force_login(me)
    return me


def note(who: Member, about: Any) -> None:
    LogEntry.objects.log_actions(who.pk, [about], CHANGE, "Seen to", single_object=True)


def add_second_factor(member: Member) -> None:
    factor = apps.get_model("mfa.Authenticator")
    factor.objects.create(user=member, type="totp", data={"secret": "SEALED"})


@pytest.fixture
def me(busy: Member) -> Client:
    browser = Client()
    browser.force_login(busy)
    return browser


def exported(me: Client) -> zipfile.ZipFile:
    answer = me.post(EXPORT, {"password": "password"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert re.search(rf'filename="{NAME}-[\d-]+\.zip"', answer.headers["Content-Disposition"])
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


# --- The export -----------------------------------------------------------------------------------


def all_fields() -> list[tuple[str, "Field[Any, Any]"]]:
    return [
        (f"{model._meta.label}.{field.name}", field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
    ]


def test_every_table_that_refers_to_members_is_in_the_export_or_left_out_with_a_reason():
    """A table is a member's through its own field, or through a row that is the member's."""
    taken = {f"{part.model}.{path.partition('__')[0]}" for part in PARTS for path in part.by}
    exported = {part.model for part in PARTS}
    missing = []
    for name, field in all_fields():
        refers = field.related_model and field.related_model._meta.label in exported
        if (refers or NUMBERS.fullmatch(field.name)) and name not in taken | LEFT_OUT.keys():
            missing.append(name)
    assert missing == []


def test_every_column_of_an_exported_table_is_there_or_left_out_with_a_reason():
    exported = {part.model: set[str]() for part in PARTS}
    for part in PARTS:
        paths = [*part.columns.values(), *part.by]
        exported[part.model] |= {path.partition("__")[0].removesuffix("_id") for path in paths}
    missing = [
        name
        for name, field in all_fields()
        if (model := name.rpartition(".")[0]) in exported
        and not field.primary_key
        and field.name.removesuffix("_id") not in exported[model]
        and name not in LEFT_OUT
    ]
    assert missing == []


def test_nothing_is_left_out_that_is_not_there():
    there = {name for name, _field in all_fields()}
    assert LEFT_OUT.keys() <= there


def test_busy_member_has_rows_in_every_part(busy):
    """So that no test below passes because there was nothing to see."""
    assert [part.name for part in PARTS if not part.table(busy)] == []


def test_export_has_every_part_as_csv_and_json_and_a_readme(me):
    with exported(me) as zipped:
        wanted = {f"{part.name}.{kind}" for part in PARTS for kind in ("csv", "json")}
        assert set(zipped.namelist()) == {"README.txt", *wanted}
        assert zipped.testzip() is None
        for part in PARTS:
            rows = json.loads(zipped.read(f"{part.name}.json"))
            table = list(csv.DictReader(io.StringIO(zipped.read(f"{part.name}.csv").decode())))
            assert len(table) == len(rows) > 0
            assert list(table[0]) == list(rows[0]) == list(part.columns)
        readme = zipped.read("README.txt").decode()
    assert NAME in readme
    assert "votes: 1" in readme
    assert "reviews.Member.password" in readme


def test_export_says_what_the_member_said_and_what_was_done_to_it(me):
    with exported(me) as zipped:
        tables = {part.name: json.loads(zipped.read(f"{part.name}.json")) for part in PARTS}
    assert tables["account"][0]["email"] == tables["email_addresses"][0]["email"] == ADDRESS
    assert (tables["votes"][0]["film"], tables["votes"][0]["score"]) == ("Never Let Me Go", 9)
    assert (tables["reviews"][0]["body"], tables["reviews"][0]["found_helpful"]) == (
        "Second words",
        1,
    )
    assert tables["earlier_texts"][0]["body"] == "First words"
    assert tables["reports"][0]["note"] == "My note"
    assert [act["reason"] for act in tables["moderation_of_yours"]] == ["A burst", "No burst"]
    assert [act["reason"] for act in tables["moderation_by_you"]] == ["By the busy one"] * 2
    assert tables["groups"] == [{"group": "Editors"}]


def test_export_has_no_secret_and_nobody_else(me, busy):
    with exported(me) as zipped:
        everything = "".join(zipped.read(name).decode() for name in zipped.namelist())
    secrets = [busy.password, "SEALED", *Session.objects.values_list("session_key", flat=True)]
    others = ["other_member", "moderator.mo", "Anothers"]
    assert [word for word in secrets + others if word in everything] == []


@pytest.mark.parametrize("about", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cell_that_a_spreadsheet_would_run_is_defused(me, busy, about):
    Member.objects.filter(pk=busy.pk).update(about=about)
    with exported(me) as zipped:
        table = io.StringIO(zipped.read("account.csv").decode(), newline="")
        assert next(csv.DictReader(table))["about"] == f"'{about}"
        assert json.loads(zipped.read("account.json"))[0]["about"] == about


def test_export_of_a_member_who_did_nothing_is_small(client, member):
    client.force_login(member)
    answer = client.post(EXPORT, {"password": "password"})
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as zipped:
        names = {name.partition(".")[0] for name in zipped.namelist()}
    assert names == {"README", "account", "email_addresses", "sessions"}


def test_export_is_written_in_as_many_queries_however_much_there_is(
    me, busy, django_assert_num_queries
):
    with django_assert_num_queries(len(PARTS) + 1):  # and the kind of thing the desk's log is about
        own_data.export(busy).close()
    for number in range(20):
        film = Film.objects.create(title=f"Film {number}")
        Vote.objects.cast(film, busy, 5)
        WatchlistEntry.objects.add(busy, film)
    with django_assert_num_queries(len(PARTS) + 1):
        own_data.export(busy).close()


# --- The password ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [EXPORT, DELETE])
@pytest.mark.parametrize("password", ["", "wrong", " password"])
def test_wrong_password_does_nothing(me, busy, page, password):
    answer = me.post(page, {"password": password})
    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert Member.objects.filter(pk=busy.pk).exists()


@pytest.mark.parametrize("page", [EXPORT, DELETE])
def test_password_cannot_be_guessed(me, busy, page):
    tries = [me.post(page, {"password": "wrong"}).status_code for _try in range(5)]
    answer = me.post(page, {"password": "password"})
    assert (tries, answer.status_code) == ([400] * 5, 429)
    assert int(answer.headers["Retry-After"]) > 0
    assert Member.objects.filter(pk=busy.pk).exists()


def test_who_has_no_password_types_the_username(client, member):
    member.set_unusable_password()
    member.save()
    client.force_login(member)
    assert "Your username, to confirm" in client.get(DELETE).content.decode()
    assert client.post(DELETE, {"username": "other"}).status_code == 400
    assert client.post(DELETE, {"username": "Member"}).status_code == 302
    assert not Member.objects.exists()


@pytest.mark.parametrize("page", [DATA, DELETE])
def test_looking_changes_nothing(me, busy, page):
    assert me.get(page, {"password": "password"}).status_code == 200
    assert Member.objects.filter(pk=busy.pk).exists()


@pytest.mark.parametrize(("page", "method"), [(DATA, "get"), (DELETE, "get"), (EXPORT, "post")])
def test_stranger_signs_in_first(client, db, page, method):
    assert getattr(client, method)(page).url.startswith("/account/login/")


# --- The deletion ---------------------------------------------------------------------------------


def traces(*words: str) -> list[str]:
    """Where one of the words still stands: in the database, in a session, in a file."""
    found = []
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    for row in json.loads(dump.getvalue()):
        found += [row["model"] for word in words if word.lower() in json.dumps(row).lower()]
    for session in Session.objects.all():
        held = json.dumps(session.get_decoded())
        found += [f"session {session.pk}" for word in words if word.lower() in held.lower()]
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        held = f"{path} {content!r}"
        found += [str(path) for word in words if word.lower() in held.lower()]
    return found


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_deleted_account_leaves_no_name_and_no_address(busy, me, mailoutbox):
    second = Client()  # half signed in elsewhere
    number = busy.pk
    assert {f"{number}-" in trace for trace in traces(DISPLAY)} == {True, False}  # rows and files
    second.post("/account/login/", {"login": ADDRESS, "password": "password"})
    answer = me.post(DELETE, {"password": "password"})
    assert answer.url == "/account/deleted/"
    assert "Your account is deleted" in me.get(answer.url).content.decode()
    assert traces(NAME, ADDRESS, DISPLAY, "First words", "Second words", "My note") == []
    assert not [*Path(settings.MEDIA_ROOT).glob(f"*/{number}-*")]
    assert [mail.to for mail in mailoutbox] == [[ADDRESS]]


def test_votes_go_and_the_scores_follow(me, busy, film, other_member):
    assert me.get(DELETE).status_code == 200
    me.post(DELETE, {"password": "password"})
    assert list(film.votes.values_list("member", "score")) == [(other_member.pk, 4)]
    film.audience_score.refresh_from_db()
    assert film.audience_score.percent == 4000
    assert list(tally.differences(connection)) == []
    assert review_tally.differences(connection) == []
    assert ReviewTally.objects.get().helpful == 0


def test_moderation_log_keeps_the_number_and_nothing_else(me, busy):
    number, before = busy.pk, ModerationAct.objects.count()
    me.post(DELETE, {"password": "password"})
    assert ModerationAct.objects.count() == before
    assert ModerationAct.objects.filter(actor_id=number).exists()


def test_admins_log_forgets_who_it_was_about_and_by(me, busy, moderator, film):
    note(moderator, film)
    me.post(DELETE, {"password": "password"})
    assert [str(entry.user) for entry in LogEntry.objects.all()] == ["moderator.mo"]
    assert LogEntry.objects.get().object_id == str(film.pk)


def test_every_session_ends(busy, me):
    elsewhere = Client()
    elsewhere.force_login(busy)
    me.post(DELETE, {"password": "password"})
    assert not Session.objects.filter(member_id=busy.pk).exists()
    for browser in (me, elsewhere):
        assert browser.get(DATA).headers["Location"].startswith("/account/login/")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_session_that_began_in_the_middle_ends_after_the_commit(busy, monkeypatch):
    steps = [sessions.end_sessions, lambda members: make_session(busy)]  # the last comes first

    def end(members: Any) -> None:
        steps.pop()(members)

    monkeypatch.setattr(own_data, "end_sessions", end)
    delete_members(Member.objects.filter(pk=busy.pk))
    assert not Session.objects.filter(member_id=busy.pk).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_broken_off_deletion_changes_nothing_and_mails_nothing(busy, me, monkeypatch, mailoutbox):
    def fail(members: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(own_data, "end_sessions", fail)
    me.raise_request_exception = False
    assert me.post(DELETE, {"password": "password"}).status_code == 500
    assert Member.objects.filter(pk=busy.pk).exists()
    assert busy.votes.exists()
    assert mailoutbox == []


def test_page_says_what_goes(me):
    page = me.get(DELETE).content.decode()
    assert "your 1 vote:" in page
    assert "your 1 review," in page
    assert "the films that you edited" in page


def test_last_superuser_stays(client, superuser, db):
    Member.objects.create_superuser("gone", "gone@example.org", "password", is_active=False)
    client.force_login(superuser)
    assert "You are the last superuser" in client.get(DELETE).content.decode()
    assert client.post(DELETE, {"password": "password"}).status_code == 409
    assert Member.objects.filter(pk=superuser.pk).exists()
    with pytest.raises(LastSuperuserError):
        delete_members(Member.objects.all())
    assert Member.objects.count() == 2


def test_superuser_who_is_not_the_last_may_go(client, superuser):
    other = Member.objects.create_superuser("other", "other@example.org", "password")
    client.force_login(superuser)
    assert client.post(DELETE, {"password": "password"}).status_code == 302
    assert list(Member.objects.all()) == [other]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("way", ["one", "some"])
def test_superuser_deletes_a_member_without_a_trace(client, busy, superuser, way):
    client.force_login(superuser)
    page, data = f"/admin/reviews/member/{busy.pk}/delete/", {"post": "yes"}
    if way == "some":
        page = "/admin/reviews/member/"
        data |= {"action": "delete_selected", "_selected_action": str(busy.pk)}
    assert client.post(page, data).status_code == 302
    client.get("/admin/reviews/member/")  # says who was deleted, once
    assert not Member.objects.filter(pk=busy.pk).exists()
    assert traces(NAME, ADDRESS, DISPLAY) == []


@pytest.mark.parametrize("way", ["one", "some"])
def test_last_superuser_is_not_deleted_at_the_desk(client, member, superuser, way):
    client.force_login(superuser)
    page = f"/admin/reviews/member/{superuser.pk}/delete/"
    data: dict[str, Any] = {"post": "yes"}
    if way == "some":
        page = "/admin/reviews/member/"
        data |= {"action": "delete_selected", "_selected_action": [superuser.pk, member.pk]}
    assert client.post(page, data).status_code == 403
    assert Member.objects.count() == 2
    assert not LogEntry.objects.exists()


def test_many_members_are_deleted_at_once(busy, film):
    many = [make_member(f"many-{number}") for number in range(20)]
    for member in many:
        Vote.objects.cast(film, member, 1)
    assert delete_members(Member.objects.filter(username__startswith="many-")) == 20
    assert film.votes.count() == 2
    assert list(tally.differences(connection)) == []
    assert Member.objects.filter(pk=busy.pk).exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_deletion_costs_as_many_queries_however_much_there_is(
    member, rows, django_assert_max_num_queries
):
    for number in range(rows):
        film = Film.objects.create(title=f"Film {number}", published_at=timezone.now())
        Vote.objects.cast(film, member, 5)
        Review.objects.create(film=film, author=member, body="Words")
        WatchlistEntry.objects.add(member, film)
    with django_assert_max_num_queries(60):
        delete_members(Member.objects.filter(pk=member.pk))
