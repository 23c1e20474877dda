"""Keeps `families.po` in step with what pages and automatic answers say in English."""

from __future__ import annotations

from collections.abc import Iterable

from babel.messages.catalog import Catalog

from campaigns.words import catalogue, catalogue_upkeep, family_words

HEAD = (
    "# What families read on their pages and in automatic answers. See docs/translating.md.\n"
    "# fuzzy = a draft that waits for a reader of the language."
)


def update(language: str, said: Iterable[str]) -> Catalog:
    """Writes the catalogue anew: the texts of today, what was translated of them, in order.

    A text that is said no more is left out; a changed one is a new one, to be translated.
    """
    path = family_words.path_of(language)
    old = catalogue.read(path) if path.is_file() else Catalog()
    new = Catalog(locale=language.replace("-", "_"), header_comment=HEAD, fuzzy=False)
    for text in said:
        known = old.get(text)
        string = str(known.string) if known else ""
        flags = {"fuzzy"} if known and known.fuzzy and string else set()
        new.add(text, string, flags=flags)
    catalogue_upkeep.save(path, new, width=0)
    return new
