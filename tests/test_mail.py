"""Mail to members: two parts that say the same, after the commit, harmless when it fails."""

import re
import smtplib
from html.parser import HTMLParser

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from films.models import Film
from reviews import mail
from reviews.models import Member, Review
from tests.site import Site

CHANGED = "account/email/email_confirmation"  # any pair of templates will do


def words_of_html(page: str) -> list[str]:
    """The words a reader sees in the body of an HTML mail."""
    words: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            words.extend(data.split())

    Reader().feed(page.partition("</head>")[2])
    return words


def html_of(letter) -> str:
    [(page, kind)] = letter.alternatives
    assert kind == "text/html"
    return str(page)


@pytest.fixture
def dead_server(settings):
    """A mail server that cannot be reached."""

    class Dead(BaseEmailBackend):
        def open(self):
            raise ConnectionRefusedError

        def send_messages(self, letters):
            raise ConnectionRefusedError

    return use_server(settings, Dead)


def use_server(settings, backend: type[BaseEmailBackend]) -> None:
    globals()["Server"] = backend
    name = f"{__name__}.Server"
    if hasattr(settings, "MAILERS"):
        settings.MAILERS = {"default": {"BACKEND": name}}
    else:
        settings.EMAIL_BACKEND = name


def letter(member: Member, **context):
    return mail.write(CHANGED, member.email, {"user": member, "code": "AB12CD", **context})


def test_both_parts_say_the_same(member):
    one = letter(member)
    text = one.body.replace("\n--\n", "\n")
    subject = one.subject.removeprefix("[Filmsite] ")
    assert words_of_html(html_of(one)) == [*subject.split(), *text.split()]


def test_code_and_link_stand_out_and_foreign_addresses_are_no_links(member, settings):
    settings.SITE_URL = "https://films.example"
    member.username = "x\n\nhttps://evil.example/\n\n<a href=https://evil.example>y</a>"
    page = html_of(letter(member, code=""))
    assert re.findall(r'href="([^"]+)"', page) == ["https://films.example/"]
    assert "&lt;a href" in page
    page = html_of(letter(member, code="", activate_url="https://films.example/a/?b=1&c=2"))
    assert 'href="https://films.example/a/?b=1&amp;c=2"' in page


def test_html_asks_for_nothing_and_sets_no_colours(member):
    page = html_of(letter(member))
    assert not re.search(r"<img|<script|<link|url\(|@import|src=|color:|background", page)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x0b", "\u2028", "\x85"])
def test_line_break_in_a_name_never_breaks_a_header(member, newline):
    one = letter(member, code=f"A{newline}Bcc: evil@example.org")
    sent = one.message()
    assert sent["Bcc"] is None
    assert sent["Subject"].split()[-3:] == ["A", "Bcc:", "evil@example.org"]
    assert newline not in one.subject


def test_mail_comes_from_the_site_whatever_its_name(tmp_path):
    """A comma in a name would make two senders of it."""
    site = Site(tmp_path, SITE_NAME='Films, "Old" & New', SITE_URL="https://films.example")
    shown = site.shell(
        "from django.core.mail import EmailMessage;"
        "from email import message_from_bytes, policy;"
        "sent = message_from_bytes(EmailMessage('s').message().as_bytes(), policy=policy.default);"
        "print([(a.display_name, a.addr_spec) for a in sent['From'].addresses])"
    )
    assert "[('Films, \"Old\" & New', 'noreply@films.example')]" in shown


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_mail_goes_out_after_the_commit_and_not_without_it(mailoutbox):
    member = Member.objects.create_user("member", "member@example.org")
    context = {"user": member, "code": "AB12CD"}
    with transaction.atomic():
        mail.send(CHANGED, [(member, context)])
        assert mailoutbox == []
        member.delete()
    assert [one.to for one in mailoutbox] == [["member@example.org"]]
    with transaction.atomic():
        mail.send(CHANGED, [(member, context)])
        transaction.set_rollback(True)
    assert len(mailoutbox) == 1


@pytest.mark.usefixtures("dead_server")
def test_dead_server_raises_nothing_and_is_logged(
    member, caplog, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        mail.send(CHANGED, [(member, {"user": member, "code": "AB12CD"})])
    assert "1 mails not sent" in caplog.text


def test_one_refused_address_keeps_no_other_mail_back(member, other_member, settings, caplog):
    taken = []

    class Choosy(BaseEmailBackend):
        def send_messages(self, letters):
            if letters[0].to == ["member@example.org"]:
                raise smtplib.SMTPRecipientsRefused({"member@example.org": (550, b"Unknown")})
            taken.extend(letters)

    use_server(settings, Choosy)
    assert mail.deliver([letter(member), letter(other_member)]) == 1
    assert [one.to for one in taken] == [["other_member@example.org"]]
    assert "refused" in caplog.text
    assert "member@example.org" not in caplog.text


def test_who_has_no_address_gets_no_mail(db, mailoutbox, django_capture_on_commit_callbacks):
    voter = Member.objects.create_user("movielens-1")
    with django_capture_on_commit_callbacks(execute=True):
        mail.send(CHANGED, [(voter, {})])
    assert mailoutbox == []


# --- Your review was hidden -----------------------------------------------------------------------


@pytest.fixture
def hide(client, moderator, django_capture_on_commit_callbacks):
    """Hide these reviews at the desk, as a moderator does."""

    def act(reviews, reason="It gives away\nthe <b>ending</b>.", shown=None):
        client.force_login(moderator)
        data: dict[str, object] = {
            "action": "hide",
            "_selected_action": [review.pk for review in reviews],
        }
        data |= {"reason": reason, "shown": len(reviews) if shown is None else shown}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/admin/reviews/review/", data)

    return act


def test_author_reads_why_the_review_was_hidden_and_where_it_is(hide, member, film, mailoutbox):
    review = Review.objects.create(film=film, author=member, body="She dies.")
    assert hide([review]).status_code == 302
    [one] = mailoutbox
    assert one.to == ["member@example.org"]
    assert one.subject == "[Filmsite] Your review of Never Let Me Go (2010) was hidden"
    link = f"http://testserver/reviews/{review.pk}/"
    for part in (one.body, html_of(one)):
        assert link in part
        assert "She dies" not in part
    assert "because: It gives away\nthe <b>ending</b>." in one.body
    assert "the &lt;b&gt;ending&lt;/b&gt;." in html_of(one)


def test_one_mail_an_author_for_many_reviews(hide, member, other_member, film, mailoutbox):
    films = [film, *(Film.objects.create(title=f"Film {n}") for n in range(3))]
    reviews = [Review.objects.create(film=one, author=member, body="Text") for one in films]
    reviews += [Review.objects.create(film=film, author=other_member, body="Text")]
    hide(reviews)
    assert [one.to for one in mailoutbox] == [["member@example.org"], ["other_member@example.org"]]
    assert mailoutbox[0].subject == "[Filmsite] 4 of your reviews were hidden"
    assert mailoutbox[0].body.count("http://testserver/reviews/") == 4


def test_nothing_is_mailed_where_nothing_was_hidden(hide, member, film, mailoutbox):
    review = Review.objects.create(film=film, author=member, body="Text")
    hide([review], reason="")
    hide([review], shown=7)
    hide([review])
    hide([review])  # hidden already
    assert len(mailoutbox) == 1


@pytest.mark.usefixtures("dead_server")
def test_dead_mail_server_does_not_keep_a_review_from_being_hidden(hide, member, film, caplog):
    review = Review.objects.create(film=film, author=member, body="Text")
    assert hide([review]).status_code == 302
    review.refresh_from_db()
    assert review.status == "hidden"
    assert "1 mails not sent" in caplog.text


@pytest.mark.usefixtures("dead_server")
def test_dead_mail_server_makes_no_error_of_a_sign_up(client, db, caplog):
    data = {"email": "new@example.org", "username": "newcomer"}
    data |= {"password1": "a long and odd sentence", "password2": "a long and odd sentence"}
    page = client.post("/account/signup/", data, follow=True).content.decode()
    assert "The mail could not be sent just now" in page
    assert Member.objects.get().username == "newcomer"
    assert "1 mails not sent" in caplog.text


def test_film_with_line_breaks_in_its_title_breaks_no_header(hide, member, film, mailoutbox):
    Film.objects.filter(pk=film.pk).update(title="One\r\nBcc: evil@example.org\u2028Two")
    hide([Review.objects.create(film=film, author=member, body="Text")])
    sent = mailoutbox[0].message()
    assert sent["Bcc"] is None
    assert "One Bcc: evil@example.org Two" in mailoutbox[0].subject
