"""Mail to members: plain text, and the same words in HTML.

Whoever writes a mail writes two templates, `<name>_subject.txt` and `<name>_message.txt`; the HTML
is made from the text, so the two parts cannot say different things. django-allauth's mails pass
through here too (`reviews.accounts`).
"""

import logging
import re
import smtplib
from collections.abc import Iterable
from functools import partial
from typing import Any

import django
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi

from reviews.models import Member, Review

log = logging.getLogger(__name__)

FOOT = "\n--\n"  # what follows it is the same in every mail
CODE = re.compile(r"[A-Z0-9-]{4,12}")  # a paragraph of nothing but a code


def send(template: str, letters: Iterable[tuple[Member, dict[str, Any]]]) -> None:
    """Mail each of these members, each with the context of their own letter, after the commit.

    `template` is a name such as "reviews/email/review_hidden". A template knows `member`,
    `site_name`, `site_url` and the letter's context; links begin with `site_url`. The letters are
    written now, so a member may be deleted meanwhile, and sent when the transaction is through, or
    at once where there is none. Who has no address gets none. A mail server that fails is logged;
    nothing is undone and nothing is raised.
    """
    written = [
        write(template, member.email, {"member": member, **context})
        for member, context in letters
        if member.email
    ]
    if written:
        transaction.on_commit(partial(deliver, written), robust=True)


def tell_authors(hidden: list[int]) -> None:
    """Mail the authors of these reviews, given by their numbers, that they were hidden, and why.

    One mail an author, however many of theirs were hidden at once.
    """
    reviews = Review.objects.filter(pk__in=hidden, status=Review.Status.HIDDEN)
    by_author: dict[Member, list[Review]] = {}
    for review in reviews.select_related("author", "film").order_by("author_id", "pk"):
        by_author.setdefault(review.author, []).append(review)
    send(
        "reviews/email/review_hidden",
        ((author, {"reviews": theirs}) for author, theirs in by_author.items()),
    )


def write(template: str, address: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """One mail, not sent yet. Line breaks in its subject become spaces."""
    known = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **context}
    subject = " ".join(render_to_string(f"{template}_subject.txt", known).split())
    text = render_to_string(f"{template}_message.txt", known).strip() + "\n"
    shown = {
        **known,
        "subject": subject,
        "paragraphs": [_paragraph(lines) for lines in _paragraphs(text)],
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    letter = EmailMultiAlternatives(
        settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject, text, to=[address]
    )
    letter.attach_alternative(render_to_string("account/email/mail.html", shown), "text/html")
    return letter


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n{2,}", text.rpartition(FOOT)[0].strip())


def _paragraph(lines: str) -> dict[str, Any]:
    """What the HTML makes of a paragraph: a link to this site, a code, or text in lines."""
    return {
        "link": lines.startswith(f"{settings.SITE_URL}/") and not re.search(r"\s", lines),
        "code": bool(CODE.fullmatch(lines)),
        "lines": lines.splitlines(),
    }


def deliver(letters: list[EmailMultiAlternatives]) -> int:
    """Send these mails; how many the mail server took. What it did not take is logged."""
    sent = 0
    try:
        with _server() as server:
            for letter in letters:
                sent += _taken(server, letter)
    except OSError:
        log.exception("The mail server cannot be reached: %d mails not sent", len(letters) - sent)
    return sent


def _server() -> Any:
    if django.VERSION >= (6, 1):
        return mail.mailers.default
    return mail.get_connection()


def _taken(server: Any, letter: EmailMultiAlternatives) -> bool:
    """Whether the server took this one; where it refuses one, the others still go."""
    try:
        server.send_messages([letter])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        log.warning("The mail server refused a mail: %s", type(error).__name__)  # no address
        return False
    return True
