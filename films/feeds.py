"""Atom feeds: what is new, for feed readers. Nothing sealed and nothing unpublished is in them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks

ENTRIES = 30  # of a feed
SUMMARY = 1_000  # characters of an entry
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has none


@dataclass(frozen=True)
class Entry:
    """One entry: `number` names it for good, whatever its address becomes."""

    number: str
    title: str
    address: str
    text: str
    author: str
    published_at: datetime
    updated_at: datetime


def atom(title: str, page: str, feed: str, entries: Iterable[Entry]) -> HttpResponse:
    """The feed of a page as an answer; addresses come from SITE_URL, whatever host was asked."""
    made = Atom1Feed(
        title=f"{_clean(title)} · {settings.SITE_NAME}",
        link=settings.SITE_URL + page,
        description=None,
        feed_url=settings.SITE_URL + feed,
        feed_guid=_name(feed),
        language=settings.LANGUAGE_CODE,
        author_name=settings.SITE_NAME,
    )
    for entry in entries:
        made.add_item(
            title=_clean(entry.title),
            link=settings.SITE_URL + entry.address,
            description=linebreaks(_clean(entry.text), autoescape=True),
            unique_id=_name(entry.number),
            author_name=_clean(entry.author),
            pubdate=entry.published_at,
            updateddate=entry.updated_at,
        )
    return HttpResponse(
        made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("", text)


def _name(thing: str) -> str:
    """A tag: address (RFC 4151), which stays the same when an address changes."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{thing.strip('/')}"
