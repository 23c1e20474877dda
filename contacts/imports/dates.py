"""Dates as files write them, months before days; read without trying form after form."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

_TIME = r"(?:[ T]+\d{1,2}:\d\d(?::\d\d(?:\.\d*)?)?(?: ?[AP]M)?(?: ?Z|[+-]\d\d:?\d\d)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII | re.I)
_MONTH_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)" + _TIME, re.ASCII | re.I)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DAY_NAMED = re.compile(
    r"(\d{1,2})[-/ ]([a-z]{3,9})\.?,?[-/ ](\d{4}|\d\d)" + _TIME, re.ASCII | re.I
)
_MONTH_NAMED = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII | re.I)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_EXCEL_ZERO = dt.date(1899, 12, 30)
_CENTURY_TURNS = 69  # as POSIX has it: 68 is 2068, 69 is 1969


@lru_cache(maxsize=20_000)
def read_date(text: str) -> dt.date | None:
    """The day meant, between 1900 and 2100; None if it cannot be told.

    Knows 2008-05-31, 5/31/2008, 5/31/08, 5-31-2008, 20080531, 31 May 2008, 31-MAY-08,
    May 31, 2008, each of the long forms with a time of day, and Excel's own count of days.
    """
    written = text.strip()
    if match := _YEAR_FIRST.fullmatch(written):
        return _day(int(match[1]), int(match[3]), int(match[4]))
    if match := _MONTH_FIRST.fullmatch(written):
        return _day(_year(match[4]), int(match[1]), int(match[3]))
    if match := _COMPACT.fullmatch(written):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_NAMED.fullmatch(written):
        return _day(_year(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_NAMED.fullmatch(written):
        return _day(int(match[3]), _month(match[1]), int(match[2]))
    if match := _SERIAL.fullmatch(written):
        date = _EXCEL_ZERO + dt.timedelta(days=int(match[1]))
        return date if 1970 <= date.year <= 2100 else None
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _CENTURY_TURNS else 2000)


def _month(word: str) -> int:
    """1 to 12; 0, which is no month, for a word that names none."""
    name = word.lower()
    return next((n for n, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0) or (
        9 if name == "sept" else 0
    )
