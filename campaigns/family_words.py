"""What families' own pages and our automatic answers say, in every language that we ship.

One catalogue a language, `locale/<language>/LC_MESSAGES/families.po`, apart from the staff's
interface, so that a language can be whole for families long before it is for staff. An entry
flagged `fuzzy` was drafted by a machine (docs/decisions/0010): a page shows drafts and says so, a
message never carries one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_file

from campaigns import catalogue
from contacts import languages

SOURCE = "en"  # the language of the texts themselves
NAME = "families.po"
LEFT, RIGHT = "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"
_TAG = re.compile(r'{%\s*say\s+"([^"]+)"')
_VALUE = re.compile(r"%\((\w+)\)s")

Catalogue = Mapping[str, tuple[str, bool]]  # text → its translation, and whether that is a draft


def family_text(text: str) -> str:
    """Marks a text that `Words.say` will say later; returns it unchanged."""
    return text


class Words:
    """The texts in one reader's language: the nearest that we have, English at the last."""

    def __init__(self, language: str, *, drafts: bool) -> None:
        codes = dict.fromkeys([language, *languages.fallbacks(language)])
        found = [(code, _usable(code, drafts=drafts)) for code in codes if code != SOURCE]
        self._chain = [said for _code, said in found if said]
        self.language = next((code for code, said in found if said), SOURCE)
        self.is_draft = bool(self._chain) and any(draft for _text, draft in self._chain[0].values())

    @property
    def direction(self) -> str:
        return "rtl" if languages.get(self.language).rtl else "ltr"

    def translated(self, text: str) -> str:
        """`text` translated, its values still to be put in."""
        return next((known[text][0] for known in self._chain if text in known), text)

    def say(self, text: str, **values: str) -> str:
        """`text` translated, with its values in place; plain, so a page must escape it."""
        said = self.translated(text)
        if self.direction == "rtl":  # a phone number reads from left to right all the same
            values = {name: f"{LEFT}{value}{LEFT}" for name, value in values.items()}
            said = f"{RIGHT}{said}"  # and the whole from the right, though a school's name leads
        return said % values if "%(" in said else said


@cache
def for_page(language: str) -> Words:
    """The words of a page; drafts too, of which the page says that they are."""
    return Words(language, drafts=True)


@cache
def for_message(language: str) -> Words:
    """The words of what we send: only what a person has read."""
    return Words(language, drafts=False)


def path_of(language: str) -> Path:
    """Where a language's catalogue is, or would be."""
    return catalogue.path_of(language).with_name(NAME)


@cache
def shipped() -> tuple[str, ...]:
    """The languages that families' pages come in, English first."""
    return (SOURCE, *(code for code in languages.LANGUAGES if path_of(code).exists()))


def _usable(language: str, *, drafts: bool) -> Catalogue:
    return {text: said for text, said in read(language).items() if drafts or not said[1]}


@cache
def read(language: str) -> Catalogue:
    """A language's catalogue; empty where there is none. Untranslated entries are left out."""
    path = path_of(language)
    if not path.exists():
        return {}
    return {
        str(entry.id): (str(entry.string), entry.fuzzy)
        for entry in catalogue.read(path)
        if entry.id and entry.string
    }


def texts(root: Path) -> dict[str, str]:
    """Each text that the source says to families, with a file that says it."""
    return dict(_in_source(root))


def _in_source(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.joinpath("templates").rglob("*.html")):
        for found in _TAG.finditer(path.read_text()):
            yield found[1], str(path.relative_to(root))
    keywords = {"family_text": None}
    for path in sorted(root.joinpath("campaigns").rglob("*.py")):
        for _line, message, _comments, _context in extract_from_file("python", path, keywords):
            yield str(message), str(path.relative_to(root))


def gaps(language: str, said: Mapping[str, str]) -> list[str]:
    """What a catalogue lacks, one line each: a text, or a value lost in translation."""
    known = read(language)
    missing = [f"missing: {text!r} ({where})" for text, where in said.items() if text not in known]
    lost = [
        f"values differ: {text!r} ({where})"
        for text, where in said.items()
        if text in known and values_in(text) != values_in(known[text][0])
    ]
    return missing + lost


def values_in(text: str) -> list[str]:
    """The names of the values that a text takes, sorted."""
    return sorted(_VALUE.findall(text))
