"""Names as people write them."""

from __future__ import annotations

import re

_SMALL = frozenset(
    {"of", "and", "the", "at", "for", "in", "on", "de", "del", "la", "las", "los", "y", "a"}
)
_CAPITALS = frozenset(
    {"ib", "ii", "iii", "iv", "k", "pk", "stem", "jrotc", "usa", "us", "ne", "nw", "se", "sw"}
)
_WORD = re.compile(r"[^\s/()-]+|[\s/()-]+")


def readable_name(name: str) -> str:
    """`A. CRAWFORD MOSLEY HIGH SCHOOL` → `A. Crawford Mosley High School`; mixed case stays."""
    if name != name.upper():
        return name
    parts = _WORD.findall(name)
    return "".join(_readable_word(part, first=i == 0) for i, part in enumerate(parts))


def _readable_word(word: str, *, first: bool) -> str:
    low = word.lower()
    if low in _CAPITALS or (len(word) > 1 and all(len(bit) < 2 for bit in word.split("."))):
        return word
    if low in _SMALL and not first:
        return low
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    if low[1:2] == "'" and len(low) > 3:
        return low[:2].upper() + low[2:].capitalize()
    return low.capitalize()
