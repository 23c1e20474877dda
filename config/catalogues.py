"""The interface's words in other languages: compiled, and checked for gaps.

Works without GNU gettext, so that a bare machine with Python can run Aidbeacon.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = ("schools", "contacts", "campaigns", "completion", "config")
Key = tuple[str | None, str]  # context, message

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(
    rf"\b(?P<name>_|n?p?gettext)\(\s*(?P<first>{_STRING})(?:\s*,\s*(?P<second>{_STRING}))?"
)


def catalogue_files() -> list[Path]:
    """Each language's `django.po`."""
    return sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    """The catalogue in a `.po` file; its language need not be known to Babel."""
    with path.open("rb") as file:
        return read_po(file)


def compile_all() -> list[Path]:
    """Writes a `.mo` beside each `.po` that is newer; returns those written. Leaves fuzzy out."""
    written = []
    for source in catalogue_files():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, read(source))
        written.append(target)
    return written


def _in_packs(root: Path) -> Iterator[tuple[Key, str]]:
    """What staff read of the ready campaigns (their messages to families have packs.po).

    In a context of its own: a season "October" is written otherwise than the month in a date.
    """
    for path in sorted(root.joinpath("campaigns", "pack_files").glob("*.toml")):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("title", "summary", "season"):
            yield ("ready campaign", pack[name]), str(path.relative_to(root))


def _in_templates(root: Path) -> Iterator[tuple[Key, str]]:
    for path in sorted(root.joinpath("templates").rglob("*.*")):
        if path.suffix not in {".html", ".txt", ".svg"}:
            continue
        for call in _CALL.finditer(templatize(path.read_text(), origin=str(path))):
            first = ast.literal_eval(call["first"])
            if "p" in call["name"] and call["second"]:
                yield (first, ast.literal_eval(call["second"])), str(path.relative_to(root))
            else:
                yield (None, first), str(path.relative_to(root))


def _in_python(root: Path) -> Iterator[tuple[Key, str]]:
    for room in ROOMS:
        for path in sorted(root.joinpath(room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for _line, message, _comments, context in extract_from_file(
                "python", path, keywords=KEYWORDS
            ):
                first = message[0] if isinstance(message, tuple) else message
                if first:
                    yield (context, first), str(path.relative_to(root))


def messages(root: Path) -> dict[Key, str]:
    """Each translatable message of the source, with a file that says it."""
    return dict([*_in_templates(root), *_in_python(root), *_in_packs(root)])


def gaps(path: Path, said: dict[Key, str]) -> list[str]:
    """What a catalogue lacks, one line each: missing, untranslated or fuzzy messages."""
    catalogue = read(path)
    found = []
    for (context, text), where in said.items():
        entry = catalogue.get(text, context)
        if entry is None:
            found.append(f"missing: {text!r} ({where})")
        elif entry.fuzzy:
            found.append(f"fuzzy: {text!r} ({where})")
        elif not entry.string or (isinstance(entry.string, tuple | list) and not all(entry.string)):
            found.append(f"untranslated: {text!r} ({where})")
    return found
