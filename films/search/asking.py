"""What is asked of the text index, in terms that both databases are given in their own words."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Field(Enum):
    """Where to look. Of people there are WHOLE and NAME alone."""

    WHOLE = "the title, or a name, as one word, also without its article"
    CALLED = "any title as one word"
    TITLE = "the words of the title"
    TEXT = "the words of all titles and taglines"
    NAME = "the words of a name"


class Term(NamedTuple):
    """Words in a row, of which the last may be only begun."""

    words: tuple[str, ...]
    begun: bool = False

    @property
    def is_one_letter(self) -> bool:
        """Whether there is but one letter of a word, as of a great many."""
        return self.begun and len(self.words) == len(self.words[0]) == 1


Choice = list[Term]  # one of these
Group = list[Choice]  # each of these


@dataclass(frozen=True)
class Asked:
    """Rows that have all of one of the groups in this field."""

    field: Field
    groups: list[Group]
