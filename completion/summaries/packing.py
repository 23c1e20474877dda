"""Told figures as JSON and back: a school's year in a few hundred bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, overload

from completion.calendar import Calendar
from completion.charts.sparks import Spark
from completion.history import Point
from completion.rates import Count, Rate
from completion.standing import Moved, SchoolStanding, Seniors, Series
from schools.models import School

FEDERAL, OWN = 1, 2  # else made up, or added up
Packed = int | list[Any]
"""An exact count as its number; else low, high, whether a number went in, whether withheld."""


@cache
def _first_day(cycle: str) -> int:
    """Days are counted from 1 October of the year before."""
    return dt.date(int(cycle[:4]) - 1, 10, 1).toordinal()


def count(value: Count) -> Packed:
    if value.exact and value.known and not value.hidden:
        return value.low
    return [value.low, value.high, int(value.known), int(value.hidden)]


def unpacked_count(found: Packed) -> Count:
    """As it was told; of a withheld number it knows no more than its range."""
    if isinstance(found, int):
        return Count(found, found)
    low, high, known, hidden = found
    return Count(low, high, bool(known), low if hidden else None)


def points(series: Iterable[Point], cycle: str) -> list[list[Any]]:
    first = _first_day(cycle)
    return [
        [
            point.as_of.toordinal() - first,
            FEDERAL * point.federal + OWN * point.own,
            count(point.submitted),
            count(point.completed),
        ]
        for point in series
    ]


class Points(Sequence[Point]):
    """A series, of which a point is made when it is asked for: most pages ask for few."""

    def __init__(self, found: Sequence[list[Any]], cycle: str) -> None:
        self.found, self.first = found, _first_day(cycle)

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, at: int) -> Point: ...
    @overload
    def __getitem__(self, at: slice) -> list[Point]: ...
    def __getitem__(self, at: int | slice) -> Point | list[Point]:
        if isinstance(at, slice):
            return [self._point(each) for each in self.found[at]]
        return self._point(self.found[at])

    def _point(self, found: list[Any]) -> Point:
        day, kind, submitted, completed = found
        return Point(
            dt.date.fromordinal(self.first + day),
            unpacked_count(submitted),
            unpacked_count(completed),
            kind == FEDERAL,
            kind == OWN,
        )


def series(of: Series, cycle: str) -> dict[str, Any]:
    return {"seniors": _seniors(of.seniors), "points": points(of.points, cycle)}


def unpacked_series(found: dict[str, Any], cycle: str) -> Series:
    return Series(Points(found["points"], cycle), _unpacked_seniors(found["seniors"]))


def _seniors(of: Seniors | None) -> list[Any] | None:
    return [of.number, of.school_year] if of else None


def _unpacked_seniors(found: list[Any] | None) -> Seniors | None:
    return Seniors(*found) if found else None


def brief(of: SchoolStanding) -> list[Any]:
    """As much of a school as its line in a list shows."""
    last = [of.last_year] if of.last_year else []
    return [
        points(of.points[-2:], of.cycle),
        points(last, of.calendar.last(of.cycle)),
        _seniors(of.seniors),
        _seniors(of.last_seniors),
    ]


def unpacked_brief(
    found: list[Any], school: School, cycle: str, calendar: Calendar
) -> SchoolStanding:
    """The school with its two newest points and that of last cycle's week."""
    now, last, seniors, last_seniors = found
    return SchoolStanding(
        school,
        cycle,
        Points(now, cycle),
        Points(last, calendar.last(cycle)),
        _unpacked_seniors(seniors),
        _unpacked_seniors(last_seniors),
        (),
        calendar,
    )


def unpacked_spark(found: list[Any] | None) -> Spark | None:
    return Spark(*found) if found else None


def rate(value: Rate | None) -> list[Any] | None:
    return [count(value.count), value.seniors] if value else None


def unpacked_rate(found: list[Any] | None) -> Rate | None:
    return Rate(unpacked_count(found[0]), found[1]) if found else None


def moved(value: Moved | None) -> list[int] | None:
    return [value.now.low, value.before.low, value.schools] if value else None


def unpacked_moved(found: list[int] | None) -> Moved | None:
    if found is None:
        return None
    now, before, schools = found
    return Moved(Count(now, now), Count(before, before), schools)
