"""Names as people write them."""

from __future__ import annotations

import re

_SMALL = frozenset(
    {"of", "and", "the", "at", "for", "in", "on", "de", "del", "la", "las", "los", "y"}
)
# Read letter by letter, though they could be spoken; those without a vowel need no list.
_CAPITALS = frozenset(
    {
        "ese", "famu", "fau", "fiu", "fsu", "ib", "ii", "iii", "iv", "k", "mast", "ne", "nw", "se",
        "srmi", "stem", "sw", "uf", "us", "usa",
    }
)  # fmt: skip
_SHORTENED = frozenset({"dr", "ft", "jr", "mr", "mrs", "ms", "mt", "sch", "sr", "st"})
_WORD = re.compile(r"[^\s/()@&-]+|[\s/()@&-]+")


def readable_name(name: str) -> str:
    """`A. CRAWFORD MOSLEY HIGH SCHOOL` → `A. Crawford Mosley High School`; mixed case stays."""
    if name != name.upper():
        return name
    parts = _WORD.findall(name)
    return "".join(_readable_word(part, first=i == 0) for i, part in enumerate(parts))


def _readable_word(word: str, *, first: bool) -> str:
    low = word.lower()
    bare = low.strip(".,")
    if bare in _CAPITALS or _is_spelled(bare):
        return word
    if low in _SMALL and not first:
        return low
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    if low[1:2] == "'" and len(low) > 3:
        return low[:2].upper() + low[2:].capitalize()
    return low.capitalize()


def _is_spelled(word: str) -> bool:
    """True for initials (`p.k`, `a`) and for letters that nobody could speak (`fsdb`, `llc`)."""
    if all(len(bit) < 2 for bit in word.split(".")):
        return True
    return word.isalpha() and word not in _SHORTENED and not set(word) & set("aeiouy")
