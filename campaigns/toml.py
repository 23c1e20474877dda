"""A small careful writer of the TOML that packs use; the standard library only reads it."""

from __future__ import annotations

from collections.abc import Iterable

_SHORT = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r"}


def _escaped(value: str, keep: str = "") -> str:
    """`value` with quotes, backslashes and control characters escaped, but for those in `keep`."""
    return "".join(
        char
        if char in keep
        else _SHORT.get(char)
        or (f"\\u{ord(char):04x}" if ord(char) < 0x20 or ord(char) == 0x7F else char)
        for char in value
    )


def text(value: str) -> str:
    """A basic string on one line."""
    return f'"{_escaped(value)}"'


def long_text(value: str) -> str:
    """A string over several lines if it has several, else a basic string."""
    if "\n" not in value:
        return text(value)
    return f'"""\n{_escaped(value, keep=chr(10))}"""'


def texts(values: Iterable[str]) -> str:
    """An array of basic strings."""
    return f"[{', '.join(text(value) for value in values)}]"
