"""What changed between two texts of a review, word by word."""

import re
from bisect import bisect
from collections import Counter
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

# A word with the spaces after it, or the ends of lines: what is compared.
WORDS = re.compile(r"\n+|[^\s]+[^\S\n]*|[^\S\n]+")
# Words of the one stretch times words of the other, beyond which comparing takes too long: two
# stretches of 450 words that share none which stands once. They are then shown as replaced.
MOST_PAIRS = 200_000


class Part(NamedTuple):
    """A piece of text: `same`, `gone` or `new`."""

    kind: str
    text: str


def changed(old: str, new: str) -> list[Part]:
    """The pieces of both texts in order; joined, those that are not new are the old text, those
    that are not gone the new one. Empty where both are empty.
    """
    before, after = WORDS.findall(old), WORDS.findall(new)
    parts, a, b = [], 0, 0
    for c, d in [*_anchors(before, after), (len(before), len(after))]:
        parts += _between(before[a:c], after[b:d])
        a, b = c, d  # the anchor itself begins the next stretch
    return _joined(parts)


def _anchors(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Where the words stand that each text has once, as many as stand in the same order.

    Bram Cohen's patience diff: linear, and unlike a longest common run never torn by small words.
    """
    in_before, in_after = Counter(before), Counter(after)
    place = {word: n for n, word in enumerate(after) if in_after[word] == 1}
    pairs = [
        (n, place[word]) for n, word in enumerate(before) if in_before[word] == 1 == in_after[word]
    ]
    tops: list[int] = []  # of each pile, the least place in `after`
    piles: list[int] = []  # the pair on top of each pile
    below: list[int] = []  # for each pair, the one on top of the pile to its left; -1 for none
    for number, (_n, place_after) in enumerate(pairs):
        pile = bisect(tops, place_after)
        below.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1], piles[pile : pile + 1] = [place_after], [number]
    found, number = [], piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = below[number]
    return found[::-1]


def _between(before: list[str], after: list[str]) -> list[Part]:
    if before == after:
        return [Part("same", "".join(before))]
    if len(before) * len(after) > MOST_PAIRS:
        return [Part("gone", "".join(before)), Part("new", "".join(after))]
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            parts.append(Part("same", "".join(before[a:b])))
        else:
            parts += [Part("gone", "".join(before[a:b])), Part("new", "".join(after[c:d]))]
    return parts


def _joined(parts: list[Part]) -> list[Part]:
    """Without empty pieces, and with neighbours of a kind as one: fewer to read aloud."""
    found = []
    for kind, some in groupby((part for part in parts if part.text), key=lambda part: part.kind):
        found.append(Part(kind, "".join(part.text for part in some)))
    return found
