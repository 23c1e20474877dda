"""Which days are holidays, worked out from a rule of few words.

`07-24` a date · `monday 3 01` the third Monday of January · `monday last 05` the last of May ·
`thursday 4 11 +1` the day after · `easter -47` so many days from Easter Sunday · `election even`
the federal election day of even years (`election every`: that day of each year).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

DAY = dt.timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# 5 U.S.C. 6103(a)
FEDERAL = (
    "01-01",
    "monday 3 01",
    "monday 3 02",
    "monday last 05",
    "06-19",
    "07-04",
    "monday 1 09",
    "monday 2 10",
    "11-11",
    "thursday 4 11",
    "12-25",
)


def is_kept(day: dt.date, rules: tuple[str, ...]) -> bool:
    """True on a holiday of `rules` and, where it falls on a weekend, on the weekday nearest to
    it: Friday for a Saturday, Monday for a Sunday (5 U.S.C. 6103(b); the states do alike)."""
    years = {day.year, (day - DAY).year, (day + DAY).year}
    return any(day in kept_in(year, rules) for year in years)


@lru_cache(maxsize=500)
def kept_in(year: int, rules: tuple[str, ...]) -> frozenset[dt.date]:
    """The holidays of a year and the weekdays on which they are kept."""
    return frozenset(_with_kept(day for rule in rules if (day := on(rule, year))))


def on(rule: str, year: int) -> dt.date | None:
    """The day of one rule in a year; None where that year has none. Raises ValueError for a rule
    that cannot be read."""
    words = rule.split()
    match words:
        case [date]:
            month, day = date.split("-")
            return dt.date(year, int(month), int(day))
        case ["easter", offset]:
            return easter(year) + int(offset) * DAY
        case ["election", "even" | "every" as which]:
            if which == "even" and year % 2:
                return None
            return nth_weekday(year, 11, 0, 1) + DAY  # the Tuesday after the first Monday
        case [weekday, nth, month, *offset] if weekday in WEEKDAYS:
            found = nth_weekday(year, int(month), WEEKDAYS.index(weekday), nth)
            return found + (int(offset[0]) * DAY if offset else dt.timedelta())
    raise ValueError(f"not a holiday: {rule}")


def nth_weekday(year: int, month: int, weekday: int, nth: int | str) -> dt.date:
    """Such as the third Monday of a month, or its last."""
    if nth == "last":
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        last = following - DAY
        return last - (last.weekday() - weekday) % 7 * DAY
    first = dt.date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (int(nth) - 1)) * DAY


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar, by Meeus, Jones and Butcher's rule."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    corrected = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + corrected + 15) % 30
    rest = (32 + 2 * (century % 4) + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (golden + 11 * moon + 22 * rest) // 451
    month, day = divmod(moon + rest - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def _with_kept(days: Iterable[dt.date]) -> Iterable[dt.date]:
    for day in days:
        yield day
        if day.weekday() == SATURDAY:
            yield day - DAY
        if day.weekday() == SUNDAY:
            yield day + DAY
