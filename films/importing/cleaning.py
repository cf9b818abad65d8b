"""Text from files, made fit for our columns: entities, invisible characters, stray spaces."""

import html
import re
import unicodedata

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Zero-width space, word joiner, byte order mark, and what overrides the direction of the text
# around it. Joiners and direction marks stay: Persian, Hindi and emoji are written with them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NEWLINE = re.compile("\r\n?|\u2028|\u2029|\x85")


def one_line(text: str) -> str:
    """A name or title: entities resolved, nothing invisible, every run of blanks one space."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return " ".join(text.split())  # most texts, eight times as fast
    text = _INVISIBLE.sub("", _resolved(text))
    return unicodedata.normalize("NFC", _CONTROL.sub("", " ".join(text.split())))


def paragraphs(text: str) -> str:
    """A long text as an editor wrote it, Markdown included: only line ends and what is invisible.

    Entities stay, for Markdown resolves them itself.
    """
    text = _CONTROL.sub("", _INVISIBLE.sub("", _NEWLINE.sub("\n", text)))
    return unicodedata.normalize("NFC", text).strip()


def as_markdown(text: str) -> str:
    """Plain text as Markdown that shows just that text: `M*A*S*H` keeps its asterisks.

    Lines of the text become paragraphs, as its writers meant them.
    """
    lines = (one_line(line) for line in _NEWLINE.sub("\n", _resolved(text)).split("\n"))
    return "\n\n".join(escaped(line) for line in lines if line)


def escaped(line: str) -> str:
    """A line of plain text as Markdown that shows just that line."""
    line = re.sub(r"([\\*`\[\]<])", r"\\\1", line)
    line = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", line)
    line = re.sub(r">!|!<", lambda seal: f"{seal.group()[0]}\\{seal.group()[1]}", line)
    line = re.sub(r"^([#>+=~-])", r"\\\1", line)
    return re.sub(r"^(\d{1,9})([.)])(?=\s|$)", r"\1\\\2", line)


def fold(name: str) -> str:
    """What makes two spellings of a title one: no case, no accents, no punctuation, no spaces.

    `Amélie!` and `AMELIE` are one; a title of punctuation alone stands for itself.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in plain if character.isalnum()) or name


def _resolved(text: str) -> str:
    for _round in range(3):  # some sources escape twice
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return text
