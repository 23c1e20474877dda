"""Numbers and dates in the reader's language."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.utils.translation import get_language, get_language_bidi

MINUS = "−"


def locale() -> Locale:
    """The reader's locale; English where Babel has no data for the language."""
    return _locale(get_language() or "en")


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def right_to_left() -> bool:
    return get_language_bidi()


def number(value: float, digits: int = 0) -> str:
    return _number(value, digits, get_language() or "en")


@lru_cache(maxsize=50_000)  # a page of schools words the same small numbers again and again
def _number(value: float, digits: int, language: str) -> str:
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    here = "es-US" if language == "es" else language  # Spain's 1.457 is read as a fraction here
    return format_decimal(value, pattern, locale=_locale(here)).replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """With its sign; what rounds to nothing has none."""
    rounded = round(value, digits)
    return ("+" if rounded > 0 else "") + number(rounded or 0, digits)


def percent(share: float, digits: int = 1) -> str:
    """0.614 → 61.4 %, in the reader's language."""
    return number(share * 100, digits) + "%"


def day(value: dt.date) -> str:
    return _day(value, "long", get_language() or "en")


def short_day(value: dt.date) -> str:
    """Day and month: `Mar 8`."""
    return _skeleton(value, "MMMd", get_language() or "en")


def month(value: dt.date) -> str:
    return _skeleton(value, "MMM", get_language() or "en")


@lru_cache(maxsize=5_000)
def _day(value: dt.date, form: Literal["long"], language: str) -> str:
    return str(format_date(value, form, locale=_locale(language)))


@lru_cache(maxsize=5_000)
def _skeleton(value: dt.date, form: str, language: str) -> str:
    return str(format_skeleton(form, value, locale=_locale(language)))
