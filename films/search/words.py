"""Words: how text becomes what the index holds and what a query asks for.

`plain` writes a text in small plain letters: accents, case and ligatures are folded, apostrophes
and dashes are those of ASCII. What it does to each letter stands in the table `films_searchletter`
too, so that the triggers of both databases fold as Python does, whatever locale they run in.
"""

import re
import unicodedata
from collections.abc import Iterator

# Written without spaces between the words: each of their letters is a word of its own, and a
# query's run of them is asked for in a row. First and last character of each range.
SPACELESS = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1780", "\u17ff"),  # Khmer
    ("\u2e80", "\u2fdf"),  # radicals
    ("\u3005", "\u3007"),
    ("\u3041", "\u30ff"),  # kana
    ("\u3105", "\u312f"),
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u9fff"),  # Chinese characters
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
# All but Chinese characters and Korean syllables: these alone stand for themselves.
FOLDED = tuple(
    range(*ends)
    for ends in (
        *((0x80, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7B0, 0xD800)),
        *((0xF900, 0x20000), (0x2F800, 0x2FA20), (0xE0000, 0xE0200)),
    )
)
# What Unicode does not take apart.
SPECIAL = {
    "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "œ": "oe",
    "þ": "th", "ŧ": "t", "ƒ": "f", "ə": "e", "·": ".",
    **dict.fromkeys("‘’‛ʻʼʽ´＇′", "'"),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
}  # fmt: skip
# Joined to what stands around them in one of a title's two readings: "schindlers", "spiderman".
JOINING = "'-."
# Between words; "&" is one.
MARKS = "".join(mark for mark in map(chr, range(1, 128)) if not mark.isalnum() and mark != "&")

# A title may be asked for without these. English "die" is no article, nor is Italian "i".
ARTICLES = ("the", "a", "an", "le", "la", "les", "el", "los", "las", "il", "der", "das")


def is_spaceless(letter: str) -> bool:
    return any(first <= letter <= last for first, last in SPACELESS)


def fold(letter: str) -> str:
    """What a character beyond ASCII becomes: letters, a space, or nothing."""
    if letter in SPECIAL:
        return SPECIAL[letter]
    parts = "".join(map(_fold_part, unicodedata.normalize("NFKD", letter)))
    folded = unicodedata.normalize("NFC", parts)
    if unicodedata.category(letter) == "No":  # 8½ is 8 1 2, Alien³ is Alien 3
        return f" {folded}"
    if folded != letter and any(map(is_spaceless, folded)):
        return f" {' '.join(folded)} "
    return folded


def _fold_part(part: str) -> str:
    category = unicodedata.category(part)
    if category == "Cf" or (category == "Mn" and part < "\u0900"):
        return ""  # marks above and below letters, marks of direction
    if category[0] not in "LMN":
        return " "
    return "".join(SPECIAL.get(small, small) for small in part.casefold())


def letters() -> Iterator[tuple[str, str, str]]:
    """The rows of `films_searchletter`: a character that `plain` or `whole` changes, and what each
    makes of it. Letters of SPACELESS are not among them but where they change otherwise.
    """
    yield "&", " and ", "and"
    yield from ((mark, mark, "") for mark in MARKS)
    for number in (number for part in FOLDED for number in part):
        letter = chr(number)
        if unicodedata.category(letter) not in ("Cn", "Cs", "Co") and fold(letter) != letter:
            yield letter, fold(letter), fold(letter).translate(_NOTHING)


class _Plain(dict[int, str]):
    """For str.translate: what each character becomes, worked out when it is first met."""

    def __missing__(self, number: int) -> str:
        letter = chr(number)
        if number < 0x80:
            self[number] = letter.lower() if number else " "
        elif any(number in part for part in FOLDED) and fold(letter) != letter:
            self[number] = fold(letter)
        else:
            self[number] = f" {letter} " if is_spaceless(letter) else letter
        return self[number]


_plain = _Plain()
_SPACES = str.maketrans(dict.fromkeys(MARKS, " ") | {"&": " and "})
_NOTHING = str.maketrans(dict.fromkeys(MARKS))
_JOINED = str.maketrans(dict.fromkeys(JOINING, ""))


def plain(text: str) -> str:
    """The text in plain small letters; letters of SPACELESS stand between spaces.

    >>> plain("Amélie’s 七人")
    "amelie's  七  人 "
    """
    return text.translate(_plain)


def words(text: str) -> list[str]:
    """The words of a query or a title, each a letter or longer."""
    return _split(plain(text))


def both_readings(text: str) -> list[str]:
    """The words of a title as the index holds them: `spider`, `man` and `spiderman`."""
    folded = plain(text)
    if not any(mark in folded for mark in JOINING):
        return _split(folded)
    return _split(folded) + _split(folded.translate(_JOINED))


def _split(folded: str) -> list[str]:
    return [word for word in folded.translate(_SPACES).split() if _has_letter(word)]


def _has_letter(word: str) -> bool:
    """Whether SQLite's tokenizer sees a word here too: not in a row of emoji."""
    return word.isalnum() or any(unicodedata.category(letter)[0] in "LMN" for letter in word)


def whole(text: str) -> str:
    """All of a title or a name as one word: `neverletmego`, `mash`. Empty without a letter."""
    return "".join(words(text))


def runs(text: str) -> list[list[str]]:
    """The query's words; letters of SPACELESS that follow each other make one run of several.

    >>> runs("seven 七人")
    [["seven"], ["七", "人"]]
    """
    found: list[list[str]] = []
    for part in re.split(r"\s+", text):
        last_was_letter = False
        for word in words(part):
            is_letter = is_spaceless(word[0])
            if is_letter and last_was_letter:
                found[-1].append(word)
            else:
                found.append([word])
            last_was_letter = is_letter
    return found
