"""Accounts: sign-up with a code, sign-in, reset, names, limits, suspension."""

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from reviews.models import Member, Vote
from tests.conftest import make_member
from tests.site import Site

PASSWORD = "a long and odd sentence"
SIGNUP, LOGIN = "/account/signup/", "/account/login/"


def sign_up(client: Client, **fields: str):
    data = {"email": "newcomer@example.org", "username": "newcomer"}
    data |= {"password1": PASSWORD, "password2": PASSWORD, **fields}
    return client.post(SIGNUP, data)


def sign_in(client: Client, login: str, password: str = "password", **fields: str):
    return client.post(LOGIN, {"login": login, "password": password, **fields})


def found(pattern: str, text: str) -> str:
    """The first group of the pattern's first place in the text."""
    match = re.search(pattern, text, re.MULTILINE)
    assert match, text
    return match[1]


def code_in(mail) -> str:
    """The code in a mail: a word of its own on a line of its own."""
    return found(r"^\s*([A-Z0-9][A-Z0-9-]{4,12})\s*$", mail.body)


def is_signed_in(client: Client) -> bool:
    return client.get("/account/email/").status_code == 200


# --- Signing up -----------------------------------------------------------------------------------


def test_strangers_stars_wait_through_sign_up_and_code(client, film, mailoutbox):
    """From the film page to the stored vote: no click is lost, and nothing is stored before."""
    chosen = client.get(reverse("reviews:vote", args=[film.slug]), {"score": "9"})
    link = found(r'href="(/account/signup/\?next=[^"]+)"', chosen.content.decode())
    page = client.get(link).content.decode()
    waiting = found(r'name="next" value="([^"]+)"', page)
    assert waiting == "/films/never-let-me-go-2010/vote/?score=9"

    answer = sign_up(client, next=waiting)
    assert answer.status_code == 302
    assert not is_signed_in(client)
    assert not Vote.objects.exists()
    answer = client.post(answer.url, {"code": code_in(mailoutbox[0])})
    assert answer.url == waiting

    confirm = client.get(waiting)
    assert 'value="9" checked' in confirm.content.decode()
    assert not Vote.objects.exists()
    client.post("/films/never-let-me-go-2010/vote/", {"score": "9"})
    vote = Vote.objects.get()
    assert (vote.member.username, vote.score) == ("newcomer", 9)


def test_link_to_sign_in_keeps_the_stars_too(client, film, member):
    waiting = "/films/never-let-me-go-2010/vote/?score=9"
    page = client.get(SIGNUP, {"next": waiting}).content.decode()
    assert "/account/login/?next=%2Ffilms%2Fnever-let-me-go-2010%2Fvote%2F%3Fscore%3D9" in page
    assert sign_in(client, "member", next=waiting).url == waiting


def test_sign_up_leads_nowhere_else(client, db, mailoutbox):
    answer = sign_up(client, next="https://evil.example/")
    answer = client.post(answer.url, {"code": code_in(mailoutbox[0])})
    assert answer.url == "/"


def test_nobody_unverified_signs_in(client, db, mailoutbox):
    sign_up(client)
    cache.clear()  # a second code is sent after ten seconds at the earliest
    other = Client()
    answer = sign_in(other, "newcomer", PASSWORD)
    assert "confirm-email" in answer.url
    assert not is_signed_in(other)


def test_wrong_code_is_refused(client, db, mailoutbox):
    answer = sign_up(client)
    assert client.post(answer.url, {"code": "WRONG1"}).status_code == 200
    assert not is_signed_in(client)
    assert not EmailAddress.objects.get().verified


def test_session_changes_at_sign_in(client, member):
    client.get(LOGIN)
    before = client.cookies.get("sessionid")
    sign_in(client, "member")
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != (before and before.value)


@pytest.mark.parametrize(
    "username",
    [
        "ab",
        "a" * 31,
        "with space",
        "né",
        "ａｂｃ",
        "a\u202eb",
        "<b>",
        "slash/",
        "x\ny",
        "",
        "admin",
        "Staff",
    ],
)
def test_username_that_breaks_the_rules_is_refused(client, db, username):
    answer = sign_up(client, username=username)
    assert answer.status_code == 200
    assert answer.context["form"].errors["username"]
    assert not Member.objects.exists()


@pytest.mark.parametrize("username", ["abc", "a.b_c-d", "A" * 30, "007"])
def test_username_within_the_rules_is_taken(client, db, username):
    assert sign_up(client, username=username).status_code == 302
    assert Member.objects.get().username == username


def test_username_is_unique_without_regard_to_case(client, member):
    answer = sign_up(client, username="MEMBER")
    assert "taken" in str(answer.context["form"].errors["username"])
    assert Member.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "password123", "newcomer1", "x1" * 65])
def test_poor_password_is_refused(client, db, password):
    answer = sign_up(client, password1=password, password2=password)
    assert answer.status_code == 200
    assert not Member.objects.exists()


def test_password_of_128_characters_is_taken(client, db):
    password = "xy" * 64
    assert sign_up(client, password1=password, password2=password).status_code == 302


def test_closed_sign_up_takes_nobody(client, db, settings):
    settings.SIGNUP_OPEN = False
    assert "closed" in client.get(SIGNUP).content.decode()
    sign_up(client)
    assert not Member.objects.exists()


def test_sign_up_does_not_tell_which_address_exists(client, member, mailoutbox):
    known = sign_up(client, email="member@example.org")
    unknown = sign_up(Client(), username="another", email="another@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mailoutbox] == [["member@example.org"], ["another@example.org"]]
    assert "code" not in mailoutbox[0].subject.lower()
    assert Member.objects.filter(email="member@example.org").count() == 1


def test_eight_sign_ups_of_one_name_at_once_make_one_account(tmp_path):
    """Through the real server: the database decides, and the seven others are told."""
    plain = {"DJANGO_SETTINGS_MODULE": "filmsite.settings", "DEBUG": "1"}  # no hashed files needed
    site = Site(tmp_path, **plain, EMAIL_URL="dummymail://")
    site.manage("migrate", "--verbosity", "0")
    answers: list[tuple[int, str]] = []
    with site.server():
        start = threading.Barrier(8)
        threads = [
            threading.Thread(target=_sign_up_at, args=(site.url, number, start, answers))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [status for status, _page in answers] == [200] * 8
    assert sum("This username is taken." in page for _status, page in answers) == 7
    count = "from reviews.models import Member; print(Member.objects.count())"
    assert site.shell(count).strip() == "1"


def _sign_up_at(
    url: str, number: int, start: threading.Barrier, answers: list[tuple[int, str]]
) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(url + SIGNUP).read().decode()
    token = found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    name = "Newcomer" if number % 2 else "newcomer"
    data = {"csrfmiddlewaretoken": token, "email": f"n{number}@example.org", "username": name}
    data |= {"password1": PASSWORD, "password2": PASSWORD}
    start.wait()
    try:
        answer = browser.open(url + SIGNUP, urllib.parse.urlencode(data).encode())
    except urllib.error.HTTPError as error:
        answer = error
    answers.append((answer.status, answer.read().decode()))


# --- Robots ---------------------------------------------------------------------------------------


def test_people_and_their_screen_readers_meet_no_bait(client, db):
    page = client.get(SIGNUP).content.decode()
    bait = found(r'(<div class="bait" aria-hidden="true">.*?</div>)', page.replace("\n", " "))
    assert 'name="website"' in bait
    assert 'tabindex="-1"' in bait
    assert 'autocomplete="off"' in bait
    assert page.count('name="website"') == 1
    assert "style=" not in page


def test_robot_gets_the_answer_that_everybody_gets_and_no_account(client, db, mailoutbox):
    robot = Client()
    person = {"username": "person", "email": "person@example.org"}
    answers = [
        sign_up(client, **person),
        sign_up(
            robot, username="robots", email="robots@example.org", website="https://spam.example"
        ),
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    pages = [browser.get(answers[0].url).content.decode() for browser in (client, robot)]
    tokens = r'name="csrfmiddlewaretoken" value="[^"]+"'
    assert re.sub(tokens, "", pages[0]).replace("person", "robots") == re.sub(tokens, "", pages[1])
    assert [member.username for member in Member.objects.all()] == ["person"]
    assert [mail.to for mail in mailoutbox] == [["person@example.org"]]
    assert robot.post(answers[1].url, {"code": code_in(mailoutbox[0])}).status_code == 200


def test_robot_makes_no_account_where_no_mail_is_sent_either(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
    assert sign_up(client, website="x").url == sign_up(Client()).url
    assert [member.username for member in Member.objects.all()] == ["newcomer"]


def test_robot_who_forgets_a_field_is_told_what_everybody_is_told(client, db):
    answer = sign_up(client, website="x", email="")
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]


# --- Signing in and out ---------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["member", "MEMBER", "member@example.org", "Member@Example.org"])
def test_member_signs_in_by_name_or_address(client, member, login):
    assert sign_in(client, login).status_code == 302
    assert is_signed_in(client)


def test_sign_out_is_a_post(client, member):
    client.force_login(member)
    client.get("/account/logout/")
    assert is_signed_in(client)
    client.post("/account/logout/")
    assert not is_signed_in(client)


def test_wrong_name_and_wrong_password_look_the_same(client, member):
    pages = [sign_in(client, login, "wrong") for login in ("member", "nobody")]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].context["form"].errors == pages[1].context["form"].errors


@pytest.fixture
def hashed(monkeypatch):
    """Counts how often a password is hashed, which takes nearly all of an answer's time."""

    encode, times = MD5PasswordHasher.encode, []

    def counted(*given: Any) -> str:
        times.append(given)
        return encode(*given)

    def count(act: Callable[[], object]) -> int:
        cache.clear()
        times.clear()
        act()
        return len(times)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return count


@pytest.mark.parametrize(
    ("path", "field", "known", "unknown"),
    [
        (LOGIN, "login", "member@example.org", "nobody@example.org"),
        (LOGIN, "login", "member", "nobody"),
        (LOGIN, "login", "movielens-1", "movielens-2"),
        (SIGNUP, "email", "member@example.org", "nobody@example.org"),
        ("/account/password/reset/", "email", "member@example.org", "nobody@example.org"),
    ],
)
def test_time_does_not_tell_who_has_an_account(member, hashed, path, field, known, unknown):
    voter = make_member("movielens-1", imported_as="movielens-1")
    voter.set_unusable_password()
    voter.save()
    data = {"password": "wrong"}
    if path == SIGNUP:
        data = {"username": "newcomer", "password1": PASSWORD, "password2": PASSWORD}
    counts = [
        hashed(lambda sent=sent: Client().post(path, {**data, field: sent}))
        for sent in (known, unknown)
    ]
    assert counts[0] == counts[1]


def test_sixth_wrong_password_is_refused_and_says_when_to_come_back(client, member, other_member):
    for _attempt in range(5):
        assert sign_in(client, "member", "wrong").status_code == 200
    answer = sign_in(client, "member")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert not is_signed_in(client)
    assert sign_in(client, "other_member").status_code == 302


def test_too_many_sign_ups_from_one_address_are_refused(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    client.post(SIGNUP, {})
    answer = client.post(SIGNUP, {})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_clients_behind_a_proxy_are_told_apart(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for forwarded, status in (
        ("203.0.113.1", 200),
        ("203.0.113.2", 200),
        ("198.51.100.9, 203.0.113.1", 429),  # what the client itself wrote does not count
    ):
        answer = client.post(SIGNUP, {}, headers={"x-forwarded-for": forwarded})
        assert answer.status_code == status


def test_forwarded_address_is_not_believed_without_a_proxy(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    for forwarded, status in (("203.0.113.1", 200), ("203.0.113.2", 429)):
        answer = client.post(SIGNUP, {}, headers={"x-forwarded-for": forwarded})
        assert answer.status_code == status


def test_adding_an_address_does_not_tell_whether_it_is_somebodys(
    client, member, other_member, mailoutbox
):
    client.force_login(member)
    answers = []
    for address in ("other_member@example.org", "free@example.org"):
        cache.clear()
        answer = client.post("/account/email/", {"action_add": "", "email": address}, follow=True)
        page = answer.content.decode().replace(address, "")
        answers.append((answer.redirect_chain, re.sub(r'csrf\w+" value="[^"]+"', "", page)))
    assert answers[0] == answers[1]
    assert [mail.to[0] for mail in mailoutbox] == ["other_member@example.org", "free@example.org"]
    assert code_in(mailoutbox[1])
    assert not re.search(r"^[A-Z0-9]{3}-?[A-Z0-9]{3}$", mailoutbox[0].body, re.MULTILINE)


# --- Suspension and reset -------------------------------------------------------------------------


def test_suspended_member_is_signed_out_at_once(client, film, member):
    client.force_login(member)
    assert is_signed_in(client)
    Member.objects.update(is_active=False)
    assert not is_signed_in(client)
    answer = client.post(reverse("reviews:vote", args=[film.slug]), {"score": "9"})
    assert answer.url.startswith(LOGIN)
    assert not Vote.objects.exists()


def test_suspended_member_reads_why_after_the_right_password_alone(client, member):
    reason = "Forty votes in <b>one</b> minute"
    Member.objects.get_queryset().filter(pk=member.pk).put("suspended", reason)
    wrong = sign_in(client, "member", "wrong").content.decode()
    assert "suspended" not in wrong
    assert "Forty votes" not in wrong
    for login in ("member", "member@example.org"):
        answer = sign_in(client, login)
        assert answer.status_code == 403
        page = answer.content.decode()
        assert "Your account is suspended" in page
        assert "Forty votes in &lt;b&gt;one&lt;/b&gt; minute" in page
        assert not is_signed_in(client)


def test_closed_account_is_told_so_without_a_reason(client, member):
    Member.objects.update(is_active=False)
    assert "This account is closed" in sign_in(client, "member").content.decode()
    assert not is_signed_in(client)


def test_neither_reset_nor_code_lets_a_suspended_member_in(client, member, mailoutbox):
    reset, newcomer = Client(), Client()
    reset.post("/account/password/reset/", {"email": "member@example.org"})
    link = found(r"(/account/password/reset/key/\S+)", mailoutbox[0].body)
    page = sign_up(newcomer).url
    Member.objects.get_queryset().put("suspended", "A brigade")
    form = reset.get(link, follow=True).redirect_chain[-1][0]
    reset.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(reset, "member", PASSWORD).status_code in (200, 403)
    newcomer.post(page, {"code": code_in(mailoutbox[1])})
    assert not is_signed_in(reset)
    assert not is_signed_in(newcomer)
    client.post("/account/password/reset/", {"email": "member@example.org"})
    assert "No account that can sign in" in mailoutbox[-1].body


def test_password_is_reset_by_a_link_to_the_sites_address(client, member, mailoutbox, settings):
    settings.SITE_URL = "https://films.example"
    client.post("/account/password/reset/", {"email": "member@example.org"})
    link = found(r"https://films\.example(/account/password/reset/key/\S+)", mailoutbox[0].body)
    assert "testserver" not in mailoutbox[0].body
    form = client.get(link).url
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(client, "member", PASSWORD).status_code == 302


def test_reset_does_not_tell_which_address_exists(client, member, mailoutbox):
    known = client.post("/account/password/reset/", {"email": "member@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_changed_password_ends_other_sessions(client, member):
    other = Client()
    for browser in (client, other):
        browser.force_login(member)
    member.set_password(PASSWORD)
    member.save()
    assert not is_signed_in(other)


def test_sign_in_without_a_token_is_forbidden(member):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "member").status_code == 403
    assert sign_up(client).status_code == 403
    assert Member.objects.count() == 1


def test_stranger_on_the_film_gets_no_cookie_but_the_sign_in_page_sets_one(client, film):
    assert not client.get(reverse("reviews:score", args=[film.slug])).cookies
    assert "csrftoken" in client.get(LOGIN).cookies


def test_imported_voter_cannot_sign_in(client, db):
    voter = make_member("movielens-1", imported_as="movielens-1")
    voter.set_unusable_password()
    voter.save()
    assert sign_in(client, "movielens-1", "").status_code == 200
    assert not is_signed_in(client)
