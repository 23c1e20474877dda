"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, GONE, NEW = "same", "gone", "new"


class Piece(NamedTuple):
    """A run of words that stayed, went or came."""

    kind: str
    words: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The pieces of `old` and `new` in reading order; whole words, spaces kept."""
    before, after = (re.findall(r"\s*\S+|\s+", text) for text in (old, new))
    found = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece(SAME, "".join(after[c:d])))
            continue
        if a < b:
            found.append(Piece(GONE, "".join(before[a:b])))
        if c < d:
            found.append(Piece(NEW, "".join(after[c:d])))
    return found
