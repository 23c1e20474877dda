"""Counts that may hide a little, rates over seniors, and changes between two dates.

Federal Student Aid publishes 0 to 4 as `<5`; such a cell is the interval 0 to 4, never a zero, and
sums, rates and changes carry the interval along. No probability is meant: the truth lies inside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

HIDDEN_MOST = 4
SAME_WEEK_DAYS = 3


@dataclass(frozen=True, slots=True)
class Count:
    """At least `low`, at most `high`. `known` is False where nothing but hidden cells went in.

    Where the range is told in place of a number that may not be shown, `kept` is that number (its
    known part, with up to `slack` more), for sums over many schools only (together.py).
    """

    low: int
    high: int
    known: bool = True
    kept: int | None = None
    slack: int = 0

    @property
    def hidden(self) -> bool:
        return self.kept is not None

    @classmethod
    def of(cls, known: int, hidden: int, cells: int | None = None) -> Count:
        """A published sum with a number of hidden cells, out of `cells` (unknown: at least one)."""
        any_known = known > 0 or hidden == 0 or (cells is not None and hidden < cells)
        return cls(known, known + HIDDEN_MOST * hidden, any_known)

    def __add__(self, other: Count) -> Count:
        return Count(self.low + other.low, self.high + other.high, self.known or other.known)

    @property
    def exact(self) -> bool:
        return self.low == self.high


UNLISTED = Count(0, HIDDEN_MOST, known=False)
"""A school that the federal file does not list (yet) has 0 to 4, like a `<5`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A difference that lies between `low` and `high`, in applications or (rates) in points."""

    low: float
    high: float

    @classmethod
    def between(cls, now: Count, before: Count) -> Change:
        return cls(now.low - before.high, now.high - before.low)

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of seniors, 0.0 to 1.0 and, where enrolment and file disagree, above."""

    count: Count
    seniors: int

    @classmethod
    def of(cls, count: Count | None, seniors: int | None) -> Rate | None:
        """None without a count or with zero or unknown seniors: nothing is divided by them."""
        return cls(count, seniors) if count is not None and seniors else None

    @property
    def low(self) -> float:
        return self.count.low / self.seniors

    @property
    def high(self) -> float:
        return self.count.high / self.seniors

    @property
    def over_all(self) -> bool:
        """More applications than seniors: the enrolment is of another group or another day."""
        return self.low > 1

    def points_since(self, before: Rate) -> Change:
        """The change in percentage points."""
        return Change(100 * (self.low - before.high), 100 * (self.high - before.low))


def year_before(day: dt.date, years: int = 1) -> dt.date:
    """The same day so many years earlier; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def same_week(days: Iterable[dt.date], target: dt.date) -> dt.date | None:
    """Of some days the one nearest to `target`, within three days."""
    near = [d for d in days if abs((d - target).days) <= SAME_WEEK_DAYS]
    return min(near, key=lambda d: abs((d - target).days), default=None)
