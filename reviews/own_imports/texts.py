"""Reviews from elsewhere, made our Markdown: their few tags become ours, all else stays a word."""

import html
import re
import unicodedata

from django.utils.translation import gettext as _

from films.importing.cleaning import escaped, one_line
from reviews.forms import is_blank
from reviews.importing import RowRefusedError
from reviews.models.review import LONGEST_REVIEW

LONGEST_WRITTEN = 2 * LONGEST_REVIEW  # with its tags, which take more room than ours

_TAG = re.compile(r"<(/?)(b|strong|i|em|br|p|blockquote|a)\b([^<>]*)>", re.IGNORECASE)
_ADDRESS = re.compile(r"""href\s*=\s*["']?(https?://[^\s"'<>]+)""", re.IGNORECASE)
_STARS = {"b": "**", "strong": "**", "i": "*", "em": "*"}

Run = tuple[str, str]  # the stars around it, and the text


def review_of(text: str) -> str:
    """A review's text as Markdown. RowRefusedError where it is none, or too long for the site.

    Bold, italic, quotations and line breaks are kept; of a link its words and its address. Any
    other tag is what the writer wrote: `<grin>` is read as `<grin>`.
    """
    long = len(text) > LONGEST_WRITTEN
    written = "" if long else _Writer().write(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not long and is_blank(written):
        raise RowRefusedError(_("The review has no text."))
    if long or len(written) > LONGEST_REVIEW:
        raise RowRefusedError(
            _("The review is too long: at most %d characters fit.") % LONGEST_REVIEW
        )
    return written


class _Writer:
    """Takes a text apart at its tags and line ends, and writes it line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.runs: list[Run] = []
        self.open: list[str] = []  # the stars of tags that are open
        self.quoted = 0
        self.address = ""

    def write(self, text: str) -> str:
        end = 0
        for tag in _TAG.finditer(text):
            self._text(text[end : tag.start()])
            self._tag(tag[2].lower(), bool(tag[1]), tag[3])
            end = tag.end()
        self._text(text[end:])
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()

    def _text(self, text: str) -> None:
        stars = "".join(sorted(set(self.open), reverse=True))  # "**" and "*" are "***"
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end_line()
            self.runs.append((stars, line))

    def _tag(self, name: str, closes: bool, inside: str) -> None:
        if stars := _STARS.get(name):
            if not closes:
                self.open.append(stars)
            elif stars in self.open:
                self.open.remove(stars)
        elif name == "a":
            if closes and self.address:
                self.runs.append(("", f" ({self.address})"))
            found = None if closes else _ADDRESS.search(inside)
            self.address = html.unescape(found[1]) if found else ""
        else:
            self._end_line()
            if name != "br":
                self.lines.append("")
            if name == "blockquote":
                self.quoted = max(0, self.quoted + (-1 if closes else 1))

    def _end_line(self) -> None:
        line = _line(self.runs).strip()
        self.lines.append(f"> {line}" if line and self.quoted else line)
        self.runs = []


def _line(runs: list[Run]) -> str:
    """The runs as one line of Markdown; stars that it would print as stars are left out."""
    runs = [run for run in runs if run[1]]
    line: list[str] = []
    for number, (stars, text) in enumerate(runs):
        words = one_line(text)
        if not words:
            line.append(" ")
            continue
        lead, trail = (" " if text[at].isspace() else "" for at in (0, -1))
        before = lead or (line[-1][-1] if line else " ")
        after = trail or (runs[number + 1][1][0] if number + 1 < len(runs) else " ")
        shows = _takes_stars(before, words[0]) and _takes_stars(after, words[-1])
        around = stars if shows else ""
        line.append(f"{lead}{around}{escaped(words)}{around}{trail}")
    return "".join(line)


def _takes_stars(outer: str, inner: str) -> bool:
    """Whether Markdown reads stars between these two characters as emphasis of the inner side."""
    if outer == "*":
        return False
    return outer.isspace() or _is_mark(outer) or not _is_mark(inner)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
