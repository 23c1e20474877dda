"""What families' own pages and our automatic answers say, in every language that we ship.

One catalogue a language, `locale/<language>/LC_MESSAGES/families.po`, apart from the staff's
interface, so that a language can be whole for families long before it is for staff. An entry
flagged `fuzzy` was drafted by a machine (docs/decisions/0014): a page shows drafts and says so, a
message never carries one. What a reader of this install approved (reviews.py) comes before both.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_file

from campaigns.models import ReviewedText
from campaigns.words import catalogue
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
        codes = [code for code in languages.fallbacks(language) if code != SOURCE]
        found = {code: _usable(code, drafts=drafts) for code in codes}
        for code, text, body, note in _decided(codes):
            if drafts or not note:
                found[code][text] = (body, bool(note))
            else:  # changes are asked for, so what we shipped is not said either
                found[code].pop(text, None)
        self._chain = {code: said for code, said in found.items() if said}
        self.language = next(iter(self._chain), SOURCE)

    def has_drafts(self, *, apart_from: Container[str] = ()) -> bool:
        """True while nobody has read some of its language's texts."""
        said = self._chain.get(self.language, {})
        return any(draft for text, (_, draft) in said.items() if text not in apart_from)

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    def translated(self, text: str) -> str:
        """`text` translated, its values still to be put in."""
        return self._spoken(text)[0]

    def _spoken(self, text: str) -> tuple[str, str]:
        """The translation, and its language: one text may be approved where the next is not."""
        found = ((known[text][0], code) for code, known in self._chain.items() if text in known)
        return next(found, (text, SOURCE))

    def say(self, text: str, **values: str) -> str:
        """`text` translated, with its values in place; plain, so a page must escape it."""
        said, language = self._spoken(text)
        return put_in(said, language, values)


def put_in(said: str, language: str, values: Mapping[str, str]) -> str:
    """Words of a language with values in place, in the order that its readers read."""
    if direction_of(language) == "rtl":  # a phone number reads from left to right all the same
        values = {name: f"{LEFT}{value}{LEFT}" for name, value in values.items()}
        said = f"{RIGHT}{said}"  # and the whole from the right, though a school's name leads
    return said % values if "%(" in said else said


def for_page(language: str) -> Words:
    """The words of a page; drafts too, of which the page says that they are."""
    return Words(language, drafts=True)


def for_message(language: str) -> Words:
    """The words of what we send: only what a person has read."""
    return Words(language, drafts=False)


def direction_of(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if languages.get(language).rtl else "ltr"


def path_of(language: str) -> Path:
    """Where a language's catalogue is, or would be."""
    return catalogue.path_of(language).with_name(NAME)


@cache
def shipped() -> tuple[str, ...]:
    """The languages that families' pages come in, English first."""
    return (SOURCE, *(code for code in languages.LANGUAGES if path_of(code).exists()))


def _decided(codes: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """What readers of this install decided: language, English, words, what is asked to change."""
    if codes:
        yield from ReviewedText.objects.filter(
            district=None, channel=ReviewedText.FAMILY, language__in=codes
        ).values_list("language", "source", "body", "note")


def _usable(language: str, *, drafts: bool) -> dict[str, tuple[str, bool]]:
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
        if text in known and not keeps_values(text, known[text][0])
    ]
    return missing + lost


def keeps_values(text: str, said: str) -> bool:
    """True for a translation with all the values of its text, which can be put in."""
    names = values_in(text)
    if names != values_in(said):
        return False
    try:
        return bool(said % dict.fromkeys(names, "x")) if names else True
    except (ValueError, TypeError):  # a stray %
        return False


def values_in(text: str) -> list[str]:
    """The names of the values that a text takes, sorted."""
    return sorted(_VALUE.findall(text))
