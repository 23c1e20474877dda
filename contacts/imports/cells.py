"""What single cells say: names, who is enrolled, several addresses in one, kinds of phones."""

from __future__ import annotations

import re

from contacts.models import ContactPoint

_SPLIT = re.compile(r"[,;|/]|\band\b|\n")
_UNTOLD = {"", "-", "--", "n/a", "na", "none", "null", "unknown", "no phone", "no email", "0"}
_LANDLINE_KINDS = {"home", "work", "h", "w", "landline", "business", "office", "day"}
_MOBILE_KINDS = {"cell", "mobile", "c", "m", "cellular", "cell phone", "mobile phone"}


def split_name(text: str) -> tuple[str, str]:
    """First and last name of "Lopez Ruiz, Ana" or "Ana Lopez Ruiz"; written in any script."""
    last, comma, first = (part.strip() for part in text.partition(","))
    if comma:
        return first, last
    first, _space, last = last.partition(" ")
    return first.strip(), last.strip()


def enrolled(text: str) -> bool:
    """False for a student whom the file calls gone; PowerSchool writes 0 for active."""
    word = text.strip().lower()
    if word in {"", "0", "active", "enrolled", "current", "yes", "y", "true", "a"}:
        return True
    if word in {"1", "2", "3", "4", "-1", "-2", "inactive", "withdrawn", "transferred", "i", "w"}:
        return False
    return word not in {"no", "n", "false", "graduated", "gone", "left"}


def is_untold(text: str) -> bool:
    """True for what is written where nothing is known: empty, "n/a", "none"."""
    return text.lower() in _UNTOLD


def several(text: str) -> list[str]:
    """The several phones or e-mails of one cell."""
    if is_untold(text):
        return []
    return [part.strip() for part in _SPLIT.split(text) if part.strip().lower() not in _UNTOLD]


def kind_of_line(kind: str) -> str:
    """Mobile or landline, as a column of the kinds of phones says it."""
    word = kind.strip().lower()
    if word in _MOBILE_KINDS:
        return ContactPoint.Line.MOBILE
    if word in _LANDLINE_KINDS:
        return ContactPoint.Line.LANDLINE
    return ContactPoint.Line.UNKNOWN
