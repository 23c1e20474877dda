"""What packs and fixed sentences say in each language: `locale/<language>/LC_MESSAGES/packs.po`.

The English words are the msgids; a text of several paragraphs is translated paragraph by
paragraph, so one that many letters share is translated once. An entry flagged `fuzzy` is a draft,
perhaps a machine's: it is offered to a reader of the language and never sent before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings

FILE = "packs.po"
PHRASE = "phrase"  # the context of fixed sentences (phrases.py)


@dataclass(frozen=True)
class Translation:
    """Words in one language, and whether a reader of it has approved them."""

    words: str
    reviewed: bool


def path_of(language: str) -> Path:
    """Where a language's catalogue is: gettext writes `zh_Hant` for BCP 47's `zh-Hant`."""
    folder = Path(settings.LOCALE_PATHS[0]) / language.replace("-", "_")
    return folder / "LC_MESSAGES" / FILE


def languages_shipped() -> list[str]:
    """Codes of the languages that have a catalogue, sorted."""
    found = Path(settings.LOCALE_PATHS[0]).glob(f"*/LC_MESSAGES/{FILE}")
    return sorted(path.parent.parent.name.replace("_", "-") for path in found)


def read(path: Path) -> Catalog:
    """The catalogue in a file; Babel need not know its language."""
    with path.open("rb") as file:
        return read_po(file)


def look_up(language: str, message: str, context: str | None = None) -> Translation | None:
    """The translation of one message; None where there is none."""
    return _entries(language).get((context, message))


def translate(language: str, text: str) -> Translation | None:
    """A whole text; None while a paragraph has no translation, reviewed if all of them are."""
    words, reviewed = [], True
    for paragraph in paragraphs(text):
        if not needs_translation(paragraph):
            words.append(paragraph)
            continue
        found = look_up(language, paragraph)
        if found is None:
            return None
        words.append(found.words)
        reviewed = reviewed and found.reviewed
    return Translation("\n\n".join(words), reviewed)


def paragraphs(text: str) -> list[str]:
    """The parts of a text that blank lines divide."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def needs_translation(paragraph: str) -> bool:
    """False for a paragraph of nothing but placeholders, such as a signature."""
    return bool(re.search(r"\w", re.sub(r"\{[^{}]*\}", "", paragraph)))


@cache
def _entries(language: str) -> dict[tuple[str | None, str], Translation]:
    path = path_of(language)
    if not path.is_file():
        return {}
    return {
        (entry.context, entry.id): Translation(entry.string, not entry.fuzzy)
        for entry in read(path)
        if entry.id and isinstance(entry.id, str) and isinstance(entry.string, str) and entry.string
    }
