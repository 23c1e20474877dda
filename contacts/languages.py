"""The languages that families read: one registry, and an ear for the forty ways to write them.

Codes are BCP 47. Spoken languages map to the one their readers write: Mandarin to Simplified
and Cantonese to Traditional characters. Washington's most spoken home languages come from
OSPI's 2023-24 report to the Legislature on multilingual learners.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

TABLE = Path(__file__).with_name("languages.csv")
# Two names this alike are one name misspelt; lower, and neighbours such as Danish and Spanish meet.
ALIKE = 86
SHORTEST_GUESSED = 5


@dataclass(frozen=True)
class Language:
    """A language that a family can be written to in."""

    code: str
    name: str
    own_name: str
    rtl: bool = False


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LANGUAGES: dict[str, Language] = {
    row["code"]: Language(row["code"], row["name"], row["own_name"], row["rtl"] == "1")
    for row in _rows()
}
_FALLBACKS: dict[str, list[str]] = {row["code"]: row["falls_back_to"].split() for row in _rows()}

# Words that say nothing about which language is meant.
_NOISE = {"language", "home", "primary", "only", "speaking", "speaker", "spoken", "written"}


def get(code: str) -> Language:
    """The registry's entry; an unknown code is shown as itself, left to right."""
    return LANGUAGES.get(code) or Language(code, code, code)


def fallbacks(code: str) -> list[str]:
    """Codes to try for a reader of `code`, best first; always ends in English."""
    tried = [code, *_FALLBACKS.get(code, [])]
    base = code.partition("-")[0]
    if base in LANGUAGES:
        tried.append(base)
    return [*dict.fromkeys(c for c in tried if c != "en"), "en"]


def understand(text: str | None) -> str | None:
    """The BCP 47 code meant by a name, code or misspelling; None if it cannot be told.

    Knows English and own names, ISO 639-1, -2 and -3 codes, and pairs such as "Farsi/Dari"
    (an own entry, else the first part that is understood, if no part contradicts it).
    """
    key = _key(text or "")
    if not key:
        return None
    names = _names()
    if key in names:
        return names[key]
    parts = [part for part in re.split(r"[/,;()|&+]| or | and | - ", _plain(text or "")) if part]
    if len(parts) > 1:
        found = {names.get(_key(part)) for part in parts}
        if None not in found and len(found) == 1:
            return found.pop()
        first = names.get(_key(parts[0]))
        if first and (len(found) == 1 or found == {first, None}):
            return first
    if len(key) < SHORTEST_GUESSED:
        return None
    guess = process.extractOne(key, _guessable(), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return names[guess[0]] if guess else None


def _plain(text: str) -> str:
    """Case, accents and spacing folded away; letters of every script kept."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c) or c > "\u0600")
    return " ".join(folded.replace("_", " ").split())


def _key(text: str) -> str:
    words = re.sub(r"[^\w\u0300-\uffff]+", " ", _plain(text)).split()
    return " ".join([w for w in words if w not in _NOISE] or words)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every known way to write a language, folded, with its code."""
    names: dict[str, str] = {}
    for row in _rows():
        ways = [row["code"], row["name"], row["own_name"], *row["codes"].split()]
        ways += row["also"].split(";")
        for way in ways:
            if _key(way):
                names.setdefault(_key(way), row["code"])
    return names


@lru_cache(maxsize=1)
def _guessable() -> list[str]:
    return [name for name in _names() if len(name) >= SHORTEST_GUESSED]
