"""Numbers and dates in the reader's language."""

from __future__ import annotations

import datetime as dt

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.utils.translation import get_language, get_language_bidi

MINUS = "−"


def locale() -> Locale:
    """The reader's locale; English where Babel has no data for the language."""
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def right_to_left() -> bool:
    return get_language_bidi()


def number(value: float, digits: int = 0) -> str:
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return format_decimal(value, pattern, locale=locale()).replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """With its sign; what rounds to nothing has none."""
    rounded = round(value, digits)
    return ("+" if rounded > 0 else "") + number(rounded or 0, digits)


def percent(share: float, digits: int = 1) -> str:
    """0.614 → 61.4 %, in the reader's language."""
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "") + "%"
    return format_decimal(share * 100, pattern.rstrip("%"), locale=locale()) + "%"


def day(value: dt.date) -> str:
    return str(format_date(value, "long", locale=locale()))


def short_day(value: dt.date) -> str:
    """Day and month: `Mar 8`."""
    return str(format_skeleton("MMMd", value, locale=locale()))


def month(value: dt.date) -> str:
    return str(format_skeleton("MMM", value, locale=locale()))
