"""Fields for words of a right-to-left language, in which each placeholder stays in one piece."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from contacts import languages

# Unicode's marks around words that are read from left to right by themselves (UAX 9). A field
# knows no <bdi>, and without them the letters of %(school)s stand on both sides of its signs.
BEGIN, END = "\u2066", "\u2069"
_VALUE = re.compile(r"\{[^{}\n]*\}|%\(\w+\)s")


def isolated(words: str) -> str:
    """`words` with marks around each placeholder, for the eye alone."""
    return _VALUE.sub(lambda found: f"{BEGIN}{found[0]}{END}", bare(words))


def bare(words: str) -> str:
    """`words` without such marks: what is kept, counted and sent."""
    return words.replace(BEGIN, "").replace(END, "")


class _Isolating:
    """Marks on the way to the page, none on the way back."""

    def format_value(self, value: Any) -> str | None:
        return isolated(str(value)) if value else value

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = data.get(name)
        return bare(given) if isinstance(given, str) else given


class _Line(_Isolating, forms.TextInput):
    pass


class _Lines(_Isolating, forms.Textarea):
    pass


def write_in(field: forms.Field, language: str) -> None:
    """Lets a field take words of a language."""
    rtl = languages.get(language).rtl
    if rtl:
        kind = _Lines if isinstance(field.widget, forms.Textarea) else _Line
        required, field.widget = field.widget.is_required, kind(attrs=field.widget.attrs)
        field.widget.is_required = required
    field.widget.attrs.update({"lang": language, "dir": "rtl" if rtl else "ltr"})
