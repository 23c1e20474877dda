"""The languages that families read: one registry, and an ear for the forty ways to write them.

Codes are BCP 47. Spoken languages map to the one their readers write: Mandarin to Simplified
and Cantonese to Traditional characters. Washington's most spoken home languages come from
OSPI's 2023-24 report to the Legislature on multilingual learners.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language
from rapidfuzz import fuzz, process

TABLE = Path(__file__).with_name("languages.csv")
# Two names this alike are one name misspelt; lower, and neighbours such as Danish and Spanish meet.
ALIKE = 86
SURER_BY = 4  # than of any other language: what lies between two is neither
SHORTEST_GUESSED = 5


@dataclass(frozen=True)
class Language:
    """A language that a family can be written to in."""

    code: str
    english: str
    own_name: str
    rtl: bool = False

    @property
    def name(self) -> str:
        """What staff read: its name in their language, by CLDR, else in English; capitalised."""
        named = _named_in(get_language() or "en", self.code) or self.english
        return named[:1].upper() + named[1:]

    @property
    def in_a_sentence(self) -> str:
        """Its name amid other words: only English writes languages with a capital letter."""
        named = _named_in(get_language() or "en", self.code)
        return named or self.english


@cache
def _named_in(reader: str, code: str) -> str:
    """CLDR's name of a language for readers of another; "" for English, whose names are ours."""
    if reader.startswith("en"):
        return ""
    try:
        return Locale.parse(reader, sep="-").languages.get(code.replace("-", "_"), "")
    except (UnknownLocaleError, ValueError):
        return ""


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LANGUAGES: dict[str, Language] = {
    row["code"]: Language(row["code"], row["name"], row["own_name"], row["rtl"] == "1")
    for row in _rows()
}
_FALLBACKS: dict[str, list[str]] = {row["code"]: row["falls_back_to"].split() for row in _rows()}

_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE | re.ASCII
)

# Words that say nothing about which language is meant.
_NOISE = {
    "language",
    "home",
    "primary",
    "only",
    "speaking",
    "speaker",
    "spoken",
    "written",
    "other",
}

# Names that must not be taken for a misspelling, beside those that CLDR lists (see `_others`):
# families in this country speak these, and nothing is written in them here yet.
_ALSO_LANGUAGES = (
    "Achi, Aguacateco, Akateko, Assyrian, Awakateko, Bassa, Cakchiquel, Chaldean, Chatino, "
    "Chechen, Chin, Chin Falam, Chin Hakha, Chuj, Cushite, Dinka, Falam, Garifuna, Hakha, "
    "Harari, Hazaragi, Huichol, Ixil, Kachin, Kaqchikel, Karenni, Kayah, Kissi, Konkani, "
    "Krahn, Krio, Kru, Kunama, Lahu, Mabaan, Makah, Masalit, Mende, Mirpuri, Mixe, Mnong, "
    "Mon, Montagnard, Nuer, Okinawan, Oriya, Otomi, Pashayi, Patois, Popti, Quileute, Rade, "
    "Romany, Saho, Salish, Saraiki, Sinhalese, Sonsorolese, Susu, Sylheti, Syriac, Taos, "
    "Tedim, Temne, Tlapanec, Tojolabal, Totonac, Tsotsil, Tzeltal, Tzotzil, Tzutujil, Yakama, "
    "Yaqui, Yupik, Zande, Zomi"
)


def get(code: str) -> Language:
    """The registry's entry; an unknown code is shown as itself, left to right."""
    return LANGUAGES.get(code) or Language(code, code, code)


def by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes with the names that staff read, in the order of an alphabet: Árabe before Coreano."""
    named = ((code, get(code).name) for code in codes)
    return sorted(named, key=lambda pair: _plain(pair[1]))


def fallbacks(code: str) -> list[str]:
    """Codes to try for a reader of `code`, best first; always ends in English."""
    tried = [code, *_FALLBACKS.get(code, [])]
    base = code.partition("-")[0]
    if base in LANGUAGES:
        tried.append(base)
    return [*dict.fromkeys(c for c in tried if c != "en"), "en"]


def understand(text: str | None) -> str | None:
    """The BCP 47 code meant by a name, code or misspelling; None if it cannot be told.

    Knows English, Spanish and own names, ISO 639-1, -2 and -3 codes, tags such as `es_MX`, and
    pairs such as "Farsi/Dari" (an own entry, else the first part that is understood, if no part
    contradicts it). A language that exists but is none of ours is never taken for another.
    """
    return _understand(text or "")


@lru_cache(maxsize=5_000)
def _understand(text: str) -> str | None:
    key = _key(text)
    names, others = _names(), _others()
    if key in others and (key not in names or text.istitle()):
        return None  # "MON" is the code of Mongolian, "Mon" a language of its own
    if key in names:
        return names[key]
    if tag := _TAG.fullmatch(text.strip()):
        return _of_tag(tag)
    parts = [_key(p) for p in re.split(r"[/,;:()|&+–]| or | and | y | - ", _plain(text))]
    parts = [part for part in parts if part]
    if len(parts) > 1:
        if others & set(parts) - names.keys():
            return None
        found = [names.get(part) for part in parts]
        if found[0] and len(set(found) - {None}) == 1:
            return found[0]
    return _misspelt(key)


def alike(text: str, most: int = 3) -> list[Language]:
    """The languages whose names look most like a text that was not understood, best first."""
    names = _names()
    long = [name for name in names if len(name) >= SHORTEST_GUESSED]
    close = process.extract(_key(text), long, scorer=fuzz.WRatio, score_cutoff=60, limit=12)
    codes = dict.fromkeys(names[name] for name, _score, _place in close)
    return [LANGUAGES[code] for code in codes][:most]


def both_names(language: Language) -> str:
    """A language by its name for staff and its own: "Ukrainian · українська"."""
    same = language.own_name.casefold() == language.name.casefold()
    return language.name if same else f"{language.name} · {language.own_name}"


def _of_tag(tag: re.Match[str]) -> str | None:
    """The language of a BCP 47 tag in whatever case, with its script or region if that matters."""
    language, script, region = (part or "" for part in tag.groups())
    names = _names()
    if language.lower() in {"zh", "zho", "chi"} and region.lower() in {"tw", "hk", "mo"}:
        script = script or "hant"
    for more in (script, region):
        if more and (code := names.get(_key(f"{language} {more}"))):
            return code
    return names.get(language.lower())


def _misspelt(key: str) -> str | None:
    """The one language whose name is alike enough, and much more so than any other's."""
    if len(key) < SHORTEST_GUESSED:
        return None
    names = _names()
    guesses = process.extract(key, _guessable(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=8)
    if not guesses:
        return None
    best = guesses[0][1]
    meant = {names.get(name) for name, score, _place in guesses if score > best - SURER_BY}
    return meant.pop() if len(meant) == 1 else None


def _plain(text: str) -> str:
    """Case, accents and spacing folded away; letters of every script kept."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c) or c > "\u0600")
    return " ".join(folded.replace("_", " ").split())


def _key(text: str) -> str:
    words = re.sub(r"[^\w\u0300-\uffff]+|\d+ ", " ", _plain(text)).split()
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
    for code, name in Locale("es").languages.items():
        if code.replace("_", "-") in LANGUAGES:
            names.setdefault(_key(name), code.replace("_", "-"))
    return names


@lru_cache(maxsize=1)
def _others() -> frozenset[str]:
    """Folded English names of languages that are none of ours: CLDR's, and some more."""
    ours = {_key(row["name"]) for row in _rows()}
    ours |= {_key(way) for row in _rows() for way in row["also"].split(";")}
    every = [*Locale("en").languages.values(), *_ALSO_LANGUAGES.split(", ")]
    return frozenset({_key(name) for name in every} - ours)


@lru_cache(maxsize=1)
def _guessable() -> list[str]:
    every = _names().keys() | _others()
    return sorted(name for name in every if len(name) >= SHORTEST_GUESSED)
