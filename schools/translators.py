"""The languages that a translator may be asked to read, by code.

The room of families knows them, and enters them when it is set up (`contacts/apps.py`).
"""

from __future__ import annotations

from typing import Protocol
from unicodedata import normalize


class Named(Protocol):
    """A language with its name in the words of whoever looks at it."""

    @property
    def name(self) -> str: ...


LANGUAGES: dict[str, Named] = {}


def name_of(code: str) -> str:
    """A language's name for staff; an unknown code is shown as itself."""
    return LANGUAGES[code].name if code in LANGUAGES else code


def choices() -> list[tuple[str, str]]:
    """Codes and names, by name."""
    found = ((code, each.name) for code, each in LANGUAGES.items())
    return sorted(found, key=lambda pair: normalize("NFKD", pair[1]).casefold())
