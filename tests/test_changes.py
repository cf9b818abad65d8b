"""What changed between two texts: every word is there, and no text takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.changes import MOST_PAIRS, Part, _between, changed

WORDS = st.text(st.sampled_from("ab <&\n\t"), max_size=60)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_it(old, new):
    parts = changed(old, new)
    assert "".join(part.text for part in parts if part.kind != "new") == old
    assert "".join(part.text for part in parts if part.kind != "gone") == new
    assert all(part.text for part in parts)


def test_changed_words_are_told_from_the_rest():
    assert changed("It is good.\n\nGo there.", "It is very good.\n\nStay there.") == [
        Part("same", "It is "),
        Part("new", "very "),
        Part("same", "good.\n\n"),
        Part("gone", "Go "),
        Part("new", "Stay "),
        Part("same", "there."),
    ]


def test_same_text_is_one_piece():
    assert changed("a a a " * 3000, "a a a " * 3000) == [Part("same", "a a a " * 3000)]
    assert changed("", "") == []


def test_stretches_that_share_no_word_of_their_own_are_replaced_whole():
    half = int(MOST_PAIRS**0.5) // 2 + 1
    old, new = ["a ", "b "] * half, ["b ", "a "] * half
    assert _between(old, new) == [Part("gone", "a b " * half), Part("new", "b a " * half)]


@pytest.mark.parametrize("words", [1000, 3000])
def test_every_second_word_of_a_long_text_changed(words):
    old = " ".join(f"w{n}" for n in range(words))
    new = " ".join(f"{'x' if n % 2 else 'w'}{n}" for n in range(words))
    assert sum(part.kind == "same" for part in changed(old, new)) == words // 2
