"""Single cells: header texts, counts, school codes, dates."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from django.utils.translation import gettext as _

from completion.readers.rows import Cell

_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d{1,7}")
_HIDDEN = re.compile(r"<\s*5")
_POWER = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
# NCES ids have 12 digits; Federal Student Aid's own codes 12 characters with an F, 9 with FN, or 8.
_CODE = re.compile(r"\d{12}|\d{7}F\d{4}|\d{2}FN\d{5}|[A-Z0-9]{8}")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
_DAY = re.compile(r"([A-Za-z]{3,9})\.?\s*(\d{1,2})?\s*,?\s+(\d{4})")
EARLIEST, LATEST = 2000, 2099
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name}


class Unreadable(ValueError):
    """A cell that is not what its column promises; says what it should be."""


def text_of(value: Any) -> str:
    """A cell as text: line breaks and double spaces collapsed, whole floats without `.0`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value if value is not None else "").split())


def count_of(value: Any) -> Cell:
    """A published count; `<5` is hidden. Raises Unreadable for everything else."""
    text = text_of(value)
    if _HIDDEN.fullmatch(text):
        return Cell(None)
    if _COUNT.fullmatch(text):
        return Cell(int(text.replace(",", "")))
    raise Unreadable(_("should be a whole number or <5."))


def code_of(value: Any) -> str:
    """A school code as published. Raises Unreadable where a spreadsheet has spoilt it."""
    text = text_of(value).upper()
    if _POWER.fullmatch(text):
        raise Unreadable(
            _(
                "is a school code that a spreadsheet turned into a rounded number. Its digits are "
                "lost: import the file as it was downloaded, or format the column as text first."
            )
        )
    if text.isdigit() and len(text) not in (8, 12):
        raise Unreadable(
            _(
                "has %(digits)d digits; a school code has 12 (or 8). A spreadsheet has dropped the "
                "leading zeros: import the file as it was downloaded, or format the column as text "
                "first."
            )
            % {"digits": len(text)}
        )
    if not _CODE.fullmatch(text):
        raise Unreadable(_("is not a school code: 12 digits, or Federal Student Aid's own code."))
    return text


def day_of(text: str) -> dt.date | None:
    """`Mar8 2024`, `Through March 8, 2024` → that day; `Jun 2023` → the month's last day."""
    found = _DAY.search(text.removeprefix("Through "))
    month = found and _MONTHS.get(found[1][:3].lower())
    if not found or not month:
        return None
    year = int(found[3])
    last = calendar.monthrange(year, month)[1]
    try:
        return dt.date(year, month, int(found[2]) if found[2] else last)
    except ValueError:
        return None


def date_of(value: Any) -> dt.date:
    """A date as tables write it: 2026-03-06, 3/6/2026, March 6, 2026. Raises Unreadable, also for
    a year that no application is of."""
    day = _date_of(value)
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise Unreadable(_("is not a date such as 2026-03-06."))
    return day


def _date_of(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = text_of(value)
    try:
        if found := _SLASHED.fullmatch(text):
            month, day, year = (int(part) for part in found.groups())
            return dt.date(year + 2000 if year < 100 else year, month, day)
        if re.match(r"\d{4}-", text):
            return dt.datetime.fromisoformat(text).date()
    except ValueError:
        return None
    return day_of(text) if _DAY.fullmatch(text) else None
