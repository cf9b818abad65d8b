"""The second step: setting it up, signing in with it, and the desk that asks for it."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Member
from reviews.second_factor import SecondFactorAdapter
from reviews.templatetags.qr import in_fours, qr_code
from tests.conftest import make_member
from tests.test_accounts import LOGIN, found, is_signed_in, sign_in

BASE = "/account/second-step/"
SET_UP, SWITCH_OFF = f"{BASE}totp/activate/", f"{BASE}totp/deactivate/"
CODES, NEW_CODES = f"{BASE}recovery-codes/", f"{BASE}recovery-codes/generate/"
STEP, AGAIN = f"{BASE}authenticate/", f"{BASE}reauthenticate/"


def code_of(secret: str, later: int = 0) -> str:
    """What the app shows now, or some periods later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later)))


def again(client: Client) -> None:
    """Give the password once more, as a page of the account asks for it."""
    answer = client.post("/account/reauthenticate/", {"password": "password"})
    assert answer.status_code == 302


def set_up(client: Client) -> str:
    """Set the second step up in this session; the key in the app."""
    again(client)
    page = client.get(SET_UP).content.decode()
    secret = found(r'class="key">([A-Z2-7 ]+)<', page).replace(" ", "")
    answer = client.post(SET_UP, {"code": code_of(secret)})
    assert answer.headers["Location"] == CODES
    return secret


@pytest.fixture
def secret(member):
    """The key of the member, who has set the second step up and is signed out."""
    client = Client()
    sign_in(client, "member")
    return set_up(client)


def recovery_codes(member: Member) -> list[str]:
    codes = Authenticator.objects.get(user=member, type="recovery_codes").wrap()
    return list(codes.get_unused_codes())


# --- Setting it up --------------------------------------------------------------------------------


def test_pages_ask_for_the_password_first(client, member):
    sign_in(client, "member")
    for page in (SET_UP, NEW_CODES):
        assert client.get(page).url.startswith("/account/reauthenticate/")
    assert client.get(CODES).status_code == 404


def test_member_sets_it_up_and_is_told_by_mail(
    client, member, mailoutbox, django_capture_on_commit_callbacks
):
    sign_in(client, "member")
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)
    assert {one.type for one in Authenticator.objects.all()} == {"totp", "recovery_codes"}
    assert [mail.subject for mail in mailoutbox] == ["[Filmsite] The second step is on"]
    page = client.get(CODES).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", page)) == 10


def test_wrong_code_sets_nothing_up(client, member):
    sign_in(client, "member")
    again(client)
    client.get(SET_UP)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_page_draws_the_square_itself_and_shows_the_key_as_text(client, member):
    sign_in(client, "member")
    again(client)
    page = client.get(SET_UP).content.decode()
    assert "<svg class=" in page
    assert "data:" not in page
    assert "style=" not in page
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]
    address = found(r'href="(otpauth://totp/[^"]+)"', page)
    assert "member?secret=" in address
    assert "member@example.org" not in address
    assert "issuer=Filmsite" in address


def test_square_says_what_it_should():
    """The drawing's modules, read back from its path, are those of the code."""
    import qrcode

    drawn = qr_code("otpauth://totp/member?secret=ABCD")
    dark, x, y = set(), 0, 0
    for command, number in re.findall(r"([Mmh])(\d+)|v", drawn["path"].replace("M0 ", "M")):
        if command == "M":
            x, y = 0, int(number)
        elif command == "h":
            dark |= {(x + step, y) for step in range(int(number))}
            x += int(number)
        elif command == "m":
            x += int(number)
    code = qrcode.QRCode()
    code.add_data("otpauth://totp/member?secret=ABCD")
    code.make()
    rows = code.get_matrix()
    assert drawn["side"] == str(len(rows))
    assert dark == {(i, j) for j, row in enumerate(rows) for i, on in enumerate(row) if on}
    assert in_fours("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_stolen_database_gives_no_key_away(secret, member):
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in recovery_codes(member))


def test_keys_outlive_a_new_secret_key_that_knows_the_old_one(secret, member, settings):
    client, old = Client(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]
    sign_in(client, "member")
    client.post(STEP, {"code": code_of(secret, 1)})
    assert is_signed_in(client)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"])


# --- Signing in -----------------------------------------------------------------------------------


def test_password_alone_does_not_sign_in(client, secret):
    assert sign_in(client, "member").url == STEP
    assert not is_signed_in(client)
    assert client.post(STEP, {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)
    client.post(STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_step_leads_on_to_where_one_wanted_to_go(client, secret):
    sign_in(client, "member", next="/films/?sort=score")
    assert client.post(STEP, {"code": code_of(secret)}).url == "/films/?sort=score"


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_code_is_good_once_for_as_long_as_it_is_taken(secret, later):
    code = code_of(secret, later)
    first, second = Client(), Client()
    for browser, digits in ((first, code), (second, f"{code[:3]} {code[3:]}")):
        sign_in(browser, "member")
        browser.post(STEP, {"code": digits})
    assert [is_signed_in(browser) for browser in (first, second)] == [True, False]


def test_code_of_a_minute_ago_is_not_taken(client, secret):
    sign_in(client, "member")
    client.post(STEP, {"code": code_of(secret, -3)})
    assert not is_signed_in(client)


def test_recovery_code_signs_in_once(secret, member):
    code = recovery_codes(member)[3]
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, "member")
        browser.post(STEP, {"code": code})
    assert [is_signed_in(browser) for browser in (first, second)] == [True, False]
    assert len(recovery_codes(member)) == 9


def test_sixth_wrong_code_is_refused_and_says_when_to_come_back(client, secret, other_member):
    sign_in(client, "member")
    for _attempt in range(5):
        assert client.post(STEP, {"code": "000000"}).status_code == 200
    answer = client.post(STEP, {"code": code_of(secret)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert not is_signed_in(client)
    assert sign_in(Client(), "other_member").status_code == 302


def test_sixth_wrong_code_while_setting_up_is_refused(client, member):
    sign_in(client, "member")
    again(client)
    client.get(SET_UP)
    answers = [client.post(SET_UP, {"code": "000000"}).status_code for _attempt in range(6)]
    assert answers == [200] * 5 + [429]


def test_step_without_a_password_leads_to_sign_in(client, secret):
    assert client.get(STEP).url == LOGIN
    client.post(STEP, {"code": code_of(secret)})
    assert not is_signed_in(client)


def test_suspended_between_password_and_code_does_not_get_in(client, secret):
    sign_in(client, "member")
    Member.objects.get_queryset().filter(username="member").put("suspended", "A brigade")
    client.post(STEP, {"code": code_of(secret)})
    assert not is_signed_in(client)


# --- Switching it off, new codes ------------------------------------------------------------------


def sign_in_wholly(client: Client, secret: str) -> None:
    cache.clear()  # the code may have been used by the test already
    sign_in(client, "member")
    client.post(STEP, {"code": code_of(secret)})
    assert is_signed_in(client)


def test_switching_it_off_takes_the_password_again_and_the_codes_with_it(
    client, secret, mailoutbox
):
    sign_in_wholly(client, secret)
    assert client.post(SWITCH_OFF).url.startswith("/account/reauthenticate/")
    assert Authenticator.objects.count() == 2
    again(client)
    assert client.post(SWITCH_OFF).url == BASE
    assert not Authenticator.objects.exists()
    assert mailoutbox[-1].subject == "[Filmsite] The second step is off"


def test_new_recovery_codes_replace_the_old_ones(client, secret, member):
    old = recovery_codes(member)
    sign_in_wholly(client, secret)
    again(client)
    assert client.post(NEW_CODES).url == CODES
    assert not set(old) & set(recovery_codes(member))


def test_recovery_codes_can_be_taken_along_as_a_file(client, secret, member):
    sign_in_wholly(client, secret)
    again(client)
    answer = client.get(f"{CODES}download/")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"].count("no-store")
    text = answer.content.decode()
    assert text.startswith("Recovery codes of member on Filmsite")
    assert all(code in text for code in recovery_codes(member))


# --- The desk -------------------------------------------------------------------------------------


@pytest.fixture
def strict(settings):
    settings.STAFF_SECOND_FACTOR = True


def test_desk_asks_for_no_second_step_unless_the_setting_says_so(client, editor):
    sign_in(client, editor.username)
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("name", ["editor.ed", "moderator.mo", "root-user"])
def test_staff_without_a_second_step_are_led_to_set_one_up(client, editor, moderator, name):
    Member.objects.create_superuser("root-user", "root@example.org", "password")
    sign_in(client, name)
    answer = client.get("/admin/")
    assert answer.url == f"{BASE}?for=desk"
    assert "The desk opens with a second step alone" in client.get(answer.url).content.decode()
    set_up(client)
    answer = client.get("/admin/")
    assert answer.url == f"{AGAIN}?for=desk&next=%2Fadmin%2F"
    page = client.get(answer.url).content.decode()
    assert "this session has not given it" in page
    assert "password instead" not in page
    secret = SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"])
    assert client.post(answer.url, {"code": code_of(secret)}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_sign_in_with_a_code_opens_the_desk(client, secret):
    Member.objects.update(is_staff=True)
    sign_in(client, "member", next="/admin/")
    assert client.post(STEP, {"code": code_of(secret)}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_recovery_code_opens_the_desk(client, secret, member):
    Member.objects.update(is_staff=True)
    sign_in(client, "member")
    client.post(STEP, {"code": recovery_codes(member)[0]})
    assert client.get("/admin/").status_code == 200


def test_session_from_before_the_setting_does_not_slip_through(client, editor, settings):
    sign_in(client, editor.username)
    assert client.get("/admin/films/film/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    assert client.get("/admin/films/film/").url == f"{BASE}?for=desk"
    set_up(client)  # an authenticator alone is not enough: this session must have used it
    assert client.get("/admin/films/film/").url.startswith(AGAIN)


@pytest.mark.usefixtures("strict")
def test_second_step_that_was_taken_away_opens_nothing(client, secret):
    Member.objects.update(is_staff=True)
    sign_in(client, "member")
    client.post(STEP, {"code": code_of(secret)})
    Authenticator.objects.all().delete()
    assert client.get("/admin/").url == f"{BASE}?for=desk"


@pytest.mark.usefixtures("strict")
def test_giving_the_password_again_is_no_second_step(client, secret):
    Member.objects.update(is_staff=True)
    client.force_login(Member.objects.get())
    again(client)
    assert client.get("/admin/").url.startswith(AGAIN)


@pytest.mark.usefixtures("strict")
def test_nothing_is_done_at_the_desk_with_a_password_alone(client, editor, film):
    """No page, no act, for a superuser either; whoever is no staff learns nothing of it."""
    Member.objects.filter(pk=editor.pk).update(is_superuser=True)
    sign_in(client, editor.username)
    one = f"/admin/films/film/{film.pk}/"
    for page in ("/admin/", "/admin/jsi18n/", "/admin/films/film/", f"{one}change/", "/admin/x/"):
        assert client.get(page).status_code == 302
    data = {"action": "unpublish", "_selected_action": [film.pk], "post": "yes"}
    for page in ("/admin/films/film/", f"{one}change/", f"{one}delete/"):
        assert client.post(page, data).url == f"{BASE}?for=desk"
    film.refresh_from_db()
    assert film.is_published
    make_member("nobody")
    sign_in(other := Client(), "nobody")
    assert other.get("/admin/").status_code == 403
    assert Client().get("/admin/").headers["Location"] == f"{LOGIN}?next=/admin/"


def test_desk_asks_the_database_once_a_page(client, secret, settings):
    Member.objects.update(is_staff=True, is_superuser=True)
    sign_in_wholly(client, secret)
    counts = []
    for strict in (True, False):
        settings.STAFF_SECOND_FACTOR = strict
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/films/genre/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] + 1


@pytest.mark.usefixtures("strict")
def test_createsuperuser_makes_somebody_who_is_led_to_set_it_up(client, db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password")
    call_command("createsuperuser", "--noinput", username="root-user", email="root@example.org")
    assert sign_in(client, "root-user").status_code == 302
    assert client.get("/admin/").url == f"{BASE}?for=desk"


def test_superuser_takes_a_second_step_away_and_its_member_is_told(
    client, secret, mailoutbox, django_capture_on_commit_callbacks
):
    root = Member.objects.create_superuser("root-user", "root@example.org", "password")
    client.force_login(root)
    mailoutbox.clear()
    app = Authenticator.objects.get(type="totp")
    page = client.get(f"/admin/mfa/authenticator/{app.pk}/change/").content.decode()
    assert app.data["secret"] not in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/mfa/authenticator/{app.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
    assert [mail.to for mail in mailoutbox] == [["member@example.org"]]
    assert "taken away" in mailoutbox[0].subject
    assert sign_in(Client(), "member").headers["Location"] == "/"
