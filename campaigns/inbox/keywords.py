"""What a family means by a short answer, in every language that we write in."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from campaigns.inbox import misspelt
from campaigns.models import Reply

TABLE = Path(__file__).with_name("keywords.toml")
MEANINGS = (Reply.Meaning.STOP, Reply.Meaning.START, Reply.Meaning.HELP, Reply.Meaning.DONE)

# "Any reasonable means" (47 CFR 64.1200(a)(10)): wordings that ask us to stop writing. Each needs
# both the wish and what it is about, so that "stop by the school tonight?" is no opt-out.
# "Don't send the form yet" and "no me mandaron el código" are cries for help, not opt-outs: a wish
# is an imperative, and names the writer ("me", "us") or our messages.
_OURS = r"(?:text|messag|e-?mail|contact|writ|send|call|notif|remind|alert)\w*"
_MESSAGES = r"(?:texts?|messages?|e-?mails?|reminders?|notifications?|alerts?|calls?)"
FREE_STOP = re.compile(
    rf"""
      \b(?:stop|quit|cease)\s+(?:all\s+)?(?:these\s+|those\s+|the\s+|your\s+|with\s+the\s+)?{_OURS}\b
    | \b(?:do\s*n[o']?t|do\s+not|never|no\s+longer)\s+(?:ever\s+)?
      (?:text|message|e-?mail|contact|write|call)(?:ing)?
      (?:\s*(?:/|\bor\b|\bnor\b)\s*(?:text|message|e-?mail|contact|write|call)(?:ing)?)*
      \s+(?:to\s+)?
      (?:me|us|my\s+(?:phone|number)|this\s+(?:phone|number))\b
    | \b(?:do\s*n[o']?t|do\s+not|never|no\s+longer)\s+(?:ever\s+)?
      (?:send|want|wish)\s+(?:to\s+(?:get|receive)\s+)?(?:me\s+|us\s+)?
      (?:any\s+|these\s+|your\s+|more\s+)+{_MESSAGES}\b
    | \b(?:stop|end|cancel|quit)\s+(?:all\s+|the\s+|these\s+|your\s+|my\s+)*
      (?:texts?|messages?|e-?mails?|reminders?|notifications?|alerts?)\b
    | \A\W*(?:please\s+|pls\s+)?stop\s+(?:it|this|that|now|them|everything)\b\W*
      (?:please|pls|thanks|thank\s+you)?\W*\Z
    | \b(?:do\s*n[o']?t|do\s+not)\s+(?:text|message|contact)\s*(?:again|any\s*more)?
      (?:\W*\Z|(?=\s*[,.;!]))
    | \bno\s+more\s+(?:text\s+|of\s+these\s+|of\s+your\s+)?{_MESSAGES}\b
    | \b(?:take|remove|delete)\s+(?:me|us|my\s+number|this\s+number)\s+(?:off|out|from)\b
    | \b(?:remove|delete)\s+(?:me|us|my\s+number|this\s+number)\b
    | \b(?:unsubscribe|opt)\s+(?:me|us|out)\b
    | \bleave\s+(?:me|us)\s+alone\b
    | \b(?:wrong|not\s+my)\s+number\b
    | \b(?:dejen?|dejar|paren?)\s+de\s+(?:\w+\s+)?
      (?:escrib|mand|envi|molest|contact|llam|mensaj|text)(?:ir|ar|iar|ear)(?:me|nos)?\b
    | \b(?:ya\s+)?no\s+(?:me|nos)\s+
      (?:escriban?|manden?|envien?|molesten?|contacten?|llamen?|texteen?)\b(?!\s+(?:el|la|los|las)\b)
    | \bno\s+quiero\s+(?:recibir\s+)?(?:mas\s+)?(?:sus\s+|estos\s+|esos\s+)?
      (?:mensaj|texto|correo)\w*
    | \bno\s+mas\s+(?:textos?|mensajes?|correos?)\b
    | \b(?:quit|borr|elimin)[ae]n?(?:me|nos)\b
    | \bnumero\s+equivocado\b
    """,
    re.VERBOSE,
)
SHORT_STOPS = ("stop", "quit", "cancel", "revoke", "optout", "stopall")
PERHAPS = ("no more",)  # alone
SIGNS = ("\N{OCTAGONAL SIGN}", "\N{NO ENTRY}", "\N{NO ENTRY SIGN}")
_SENTENCE_END = re.compile(r"[.!?;\n…。！？؛۔]+")


@dataclass(frozen=True)
class Understood:
    """A meaning, and whether it was a keyword alone; free wording is shown to a person as well.

    `language` is the one asked for; `perhaps_stop` marks a question that sounds like a no.
    """

    meaning: Reply.Meaning
    alone: bool
    language: str = ""
    perhaps_stop: bool = False


def understand(text: str) -> Understood:
    """What `text` asks for; anything that is no plain wish is a question for a person."""
    words = folded(text)
    if words in _keywords():
        return Understood(_keywords()[words], alone=True)
    plain = _without_courtesy(words)
    if _keywords().get(plain) == Reply.Meaning.STOP:
        return Understood(Reply.Meaning.STOP, alone=True)
    if language := _language_names().get(words):
        return Understood(Reply.Meaning.LANGUAGE, alone=True, language=language)
    if FREE_STOP.search(unaccented(text.casefold().replace("’", "'"))):
        return Understood(Reply.Meaning.STOP, alone=False)
    # "STOP. This is the third time": the first sentence is the word alone. A sign is a word too.
    first = _without_courtesy(folded(_first_sentence(text)))
    if (
        _keywords().get(first) == Reply.Meaning.STOP
        or misspelt.is_any_of(plain, _of("stop"))
        or misspelt.is_swapped(plain, SHORT_STOPS)
        or (not words and any(c in text for c in SIGNS))
    ):
        return Understood(Reply.Meaning.STOP, alone=False)
    perhaps = _sounds_like_stop(text) or plain in PERHAPS or misspelt.is_nearly(plain, SHORT_STOPS)
    return Understood(Reply.Meaning.QUESTION, alone=False, perhaps_stop=perhaps)


def _without_courtesy(words: str) -> str:
    """Folded words without "please" before or after them, and without thanks."""
    courtesy = "please|pls|thanks|thank you|por favor|gracias"
    return re.sub(rf"^(?:(?:{courtesy})\s+)+|(?:\s+(?:{courtesy}))+$", "", words)


def _sounds_like_stop(text: str) -> bool:
    """True where a text holds a stop word or a known turn of phrase among other words.

    It may be a question all the same ("stop by the school tonight?"): a person decides.
    """
    words = f" {folded(text)} "
    if any(sign in text for sign in SIGNS) or _has_any(words, _of("perhaps_stop")):
        return True
    for everyday in _of("everyday"):
        words = words.replace(f" {everyday} ", " ")
    return _has_any(words, _of("stop") - _of("everyday"))


def _has_any(words: str, hints: Iterable[str]) -> bool:
    return any(hint in words if _is_unspaced(hint) else f" {hint} " in words for hint in hints)


def _is_unspaced(word: str) -> bool:
    """Chinese and Korean words stand within others, without spaces around them."""
    return len(word) > 1 and any("\u2e80" <= char <= "\ud7ff" for char in word)


def meaning_of(text: str) -> Reply.Meaning:
    """The meaning alone; see `understand`."""
    return understand(text).meaning


def is_yes(text: str) -> bool:
    """True for a bare "yes": it starts our texts again, unless it answers a question of ours."""
    return folded(text) == "yes"


def agrees(text: str) -> bool:
    """True for a plain yes in any language, the answer to our question whether we may text."""
    return folded(text) in _of("yes")


def _first_sentence(text: str) -> str:
    return next((part for part in _SENTENCE_END.split(text) if part.strip()), "")


def folded(text: str) -> str:
    """Letters and digits in one case, without accents or punctuation, single-spaced."""
    kept = "".join(
        char if unicodedata.category(char)[0] in "LMN" else " "
        for char in unaccented(text.casefold())
    )
    return " ".join(kept.split())


def unaccented(text: str) -> str:
    """Latin and Cyrillic accents folded away; the marks of other scripts are letters to them."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")
    return unicodedata.normalize("NFC", plain)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def _of(*parts: str) -> frozenset[str]:
    """The words of some parts of the table in every language, folded."""
    return frozenset(
        folded(word) for part in parts for words in _table()[part].values() for word in words
    )


@cache
def _language_names() -> dict[str, str]:
    """How families name each language that we write in."""
    return {folded(word): code for code, words in _table()["language"].items() for word in words}


@cache
def _keywords() -> dict[str, Reply.Meaning]:
    # Read from the least to the most binding: a word listed twice means the later one.
    return {
        folded(word): meaning
        for meaning in reversed(MEANINGS)
        for words in _table()[meaning.value].values()
        for word in words
    }
