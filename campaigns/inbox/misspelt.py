"""A keyword that was typed in haste: letters doubled, spaced, swapped or missing."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from rapidfuzz.distance import OSA

LONG, VERY_LONG = 8, 10  # letters: no other word is as near to these


def is_any_of(words: str, keywords: Collection[str]) -> bool:
    """True for folded words that can be nothing but one of these: "stop stop", "s t o p", "stoppp",
    "st0p", "unsubcribe"."""
    word = _as_one(words)
    if not word:
        return False
    short = _squeezed(word)
    return any(
        short == _squeezed(keyword) or _is_close(word, keyword)
        for keyword in keywords
        if " " not in keyword
    )


def is_swapped(word: str, keywords: Collection[str]) -> bool:
    """True for a folded word in which two neighbours changed places: "sotp"."""
    return any(
        sorted(word) == sorted(keyword) and OSA.distance(word, keyword) == 1 for keyword in keywords
    )


def is_nearly(words: str, keywords: Collection[str]) -> bool:
    """True for one folded word a single slip away from one of these; it may be another word."""
    return " " not in words and any(OSA.distance(words, keyword) == 1 for keyword in keywords)


def _as_one(words: str) -> str:
    """One word that was repeated, or spelt letter by letter; "" for several."""
    parts = words.split()
    if len(parts) > 1 and all(len(part) == 1 for part in parts):
        return "".join(parts)
    return parts[0] if len(set(parts)) == 1 else ""


@lru_cache(maxsize=512)
def _squeezed(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word.replace("0", "o"))


def _is_close(word: str, keyword: str) -> bool:
    if len(keyword) < LONG or not keyword.isascii() or word[:2] != keyword[:2]:
        return False
    return OSA.distance(word, keyword) <= (2 if len(keyword) >= VERY_LONG else 1)
