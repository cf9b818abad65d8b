"""Words as templates print them: Markdown, plain excerpts, titles in any script."""

import unicodedata
from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from films.text import plain_text, render_markdown

register = template.Library()

# Film data's own codes, as the web names these languages; and two that are no language.
LANGUAGE_TAGS = {"cn": "yue", "sh": "hbs", "xx": "", "": ""}
RIGHT_TO_LEFT = {"R", "AL"}
RIGHT_TO_LEFT_LANGUAGES = {"ar", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"}
LONG, VERY_LONG = 40, 60  # characters of a title


@register.filter
def markdown(text: str) -> SafeString:
    """`{{ film.essay|markdown }}`: the text as safe HTML."""
    return render_markdown(text)


@register.filter
def markdown_page(text: str) -> SafeString:
    """`{{ page.body|markdown_page }}`: the same, with the headings of a page of its own."""
    return render_markdown(text, headings=True)


@register.filter
def plain(text: str, length: int) -> str:
    """`{{ film.synopsis|plain:200 }}`: its first words, without markup and sealed text."""
    return plain_text(text, length)


@register.filter
def isolate(title: str, language: str = "") -> str | SafeString:
    """`{{ film.title|isolate:film.original_language }}`: a title written from right to left is
    set apart, so that it does not turn the words around it; any other stays as it is.
    """
    letters = [letter for letter in title if unicodedata.bidirectional(letter) in RIGHT_TO_LEFT]
    if not letters:
        return title
    own = language if language in RIGHT_TO_LEFT_LANGUAGES else _language_of(letters[0])
    return in_language(title, own)


@register.filter
def in_language(title: str, language: str) -> SafeString:
    """A title that is in its film's own language, for the browser's fonts and voices."""
    tag = LANGUAGE_TAGS.get(language, language)
    if not tag:
        return format_html('<bdi dir="auto">{}</bdi>', title)
    return format_html('<bdi lang="{}" dir="auto">{}</bdi>', tag, title)


@register.filter
def host(address: str) -> str:
    """`{{ film.website|host }}`: whom an address leads to, `example.org`."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


@register.filter
def title_class(title: str) -> str:
    """The hero's class for a long title: `title-long`, `title-full` (across the page), or none."""
    if len(title) > VERY_LONG:
        return "title-full"
    return "title-long" if len(title) > LONG else ""


def _language_of(letter: str) -> str:
    return "he" if unicodedata.name(letter, "").startswith("HEBREW") else "ar"
