"""Sessions: each knows its member, and dies at sign-out, new password, suspension, deletion."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from reviews.models import Member, ModerationAct
from reviews.models.session import Session
from reviews.sessions import end_sessions
from tests.site import Site
from tests.test_accounts import is_signed_in, sign_in, sign_up

NEW = "another long and odd sentence"


@pytest.fixture
def browsers(member):
    """Two browsers in which the member is signed in."""
    pair = (Client(), Client())
    for browser in pair:
        assert sign_in(browser, "member").status_code == 302
    return pair


def key_of(browser: Client) -> str:
    return browser.cookies["sessionid"].value


def known() -> set[int | None]:
    return set(Session.objects.values_list("member_id", flat=True))


def test_session_knows_its_member_from_the_password_on(client, member):
    client.get("/account/login/")
    assert not Session.objects.exists()
    sign_in(client, "member")
    assert known() == {member.pk}


def test_session_gets_another_id_at_sign_in_and_dies_at_sign_out(client, member):
    session = client.session  # a stranger's, such as somebody could have planted
    session["planted"] = "yes"
    session.save()
    before = key_of(client)
    sign_in(client, "member")
    signed_in = key_of(client)
    assert before != signed_in
    assert not Session.objects.filter(pk=before).exists()
    client.post("/account/logout/")
    assert not Session.objects.filter(pk=signed_in).exists()
    client.cookies["sessionid"] = signed_in
    assert not is_signed_in(client)


def test_sign_out_leaves_the_other_browser_alone(browsers):
    browsers[0].post("/account/logout/")
    assert [is_signed_in(browser) for browser in browsers] == [False, True]


def test_new_password_ends_the_other_sessions_and_keeps_this_one(browsers):
    here, there = browsers
    data = {"oldpassword": "password", "password1": NEW, "password2": NEW}
    assert here.post("/account/password/change/", data).status_code == 302
    assert [is_signed_in(here), is_signed_in(there)] == [True, False]


def test_suspension_ends_all_sessions_also_half_way_through_sign_in(browsers, moderator):
    member = Member.objects.get(username="member")
    newcomer = Client()
    sign_up(newcomer)
    waiting = Member.objects.get(username="newcomer")
    assert known() == {member.pk, waiting.pk}
    both = Member.objects.get_queryset().filter(pk__in=[member.pk, waiting.pk])
    ModerationAct.objects.carry_out(both, moderator, "suspended", "A brigade")
    assert known() == set()
    assert not any(is_signed_in(browser) for browser in browsers)
    assert newcomer.get("/account/confirm-email/").headers["Location"] == "/account/login/"


def test_deleted_member_leaves_nothing_in_any_session(browsers):
    """Neither name nor address: signed in, half way, or typed by somebody else."""
    sign_up(Client(), username="stranger", email="Member@Example.org")
    half_way = Client()
    sign_up(half_way, username="half-way", email="half@example.org")
    gone = Member.objects.filter(username__in=["member", "half-way"])
    assert end_sessions(list(gone.values_list("pk", flat=True))) == 4
    gone.delete()
    other = Client()
    sign_up(other, username="other", email="other@example.org")
    text = str([session.get_decoded() for session in Session.objects.all()]).lower()
    assert "other@example.org" in text
    for trace in ("member@example.org", "half@example.org", "'member'", "half-way"):
        assert trace not in text


def test_sessions_that_are_over_are_cleared(browsers):
    old, young = (key_of(browser) for browser in browsers)
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=old).update(expire_date=past)
    call_command("clearsessions")
    assert list(Session.objects.values_list("pk", flat=True)) == [young]


def test_sessions_live_in_the_database_also_beside_redis(tmp_path):
    """A session that is ended there lives on in no cache, whatever CACHE_URL says."""
    site = Site(tmp_path, CACHE_URL="redis://127.0.0.1:1/0", DEBUG="1")
    shown = site.shell("from django.conf import settings; print(settings.SESSION_ENGINE)")
    assert shown.strip() == "reviews.sessions"
