"""A trend: the points of a cycle beside those of the cycles that it is compared with."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

from completion.calendar import Calendar
from completion.history import Point
from completion.rates import Count, same_week, year_before

Measure = Literal["submitted", "completed"]
Since = Literal["previous", "four_weeks", "last_year", "last_age", "normal", "normal_age"]
FOUR_WEEKS = dt.timedelta(weeks=4)


class Trend:
    """The points of this cycle, of the last and of the last normal one, of a school or a group.

    A normal cycle is one whose form opened on time; it may be the last one.
    """

    cycle: str
    calendar: Calendar
    points: Sequence[Point]
    last_points: Sequence[Point]
    normal_points: Sequence[Point]

    @cached_property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @cached_property
    def previous(self) -> Point | None:
        """The point before the latest."""
        return self.points[-2] if len(self.points) > 1 else None

    @cached_property
    def four_weeks(self) -> Point | None:
        """This cycle's point of four weeks before the latest, within three days."""
        return _near(self.points, self.latest.as_of - FOUR_WEEKS if self.latest else None)

    @cached_property
    def last_year(self) -> Point | None:
        """The last cycle's point nearest to the same day, within three days."""
        return _near(self.last_points, year_before(self.latest.as_of) if self.latest else None)

    @cached_property
    def last_age(self) -> Point | None:
        """The last cycle's point as many days after its form opened, within three days."""
        return _near(self.last_points, self._aged(self.calendar.last))

    @cached_property
    def normal(self) -> Point | None:
        """The last normal cycle's point nearest to the same day, within three days."""
        return _near(self.normal_points, self._normal_day(self.latest))

    @cached_property
    def normal_age(self) -> Point | None:
        """The last normal cycle's point as many days after its form opened."""
        return _near(self.normal_points, self._aged(self.calendar.normal))

    @cached_property
    def normal_then(self) -> Point | None:
        """The last normal cycle's point of the same day as four weeks ago."""
        return _near(self.normal_points, self._normal_day(self.four_weeks))

    def _normal_day(self, point: Point | None) -> dt.date | None:
        if point is None:
            return None
        years = self.calendar.years_between(self.cycle, self.calendar.normal(self.cycle))
        return year_before(point.as_of, years)

    def _aged(self, earlier: Callable[[str], str]) -> dt.date | None:
        if self.latest is None:
            return None
        return self.calendar.same_age(self.latest.as_of, self.cycle, earlier(self.cycle))

    def quad(self, measure: Measure) -> list[Count | None]:
        """Now, the last normal cycle's same day, four weeks ago, and that cycle's same day then."""
        points = (self.latest, self.normal, self.four_weeks, self.normal_then)
        return [getattr(point, measure) if point else None for point in points]

    def pair(self, measure: Measure, since: Since) -> tuple[Count | None, Count | None]:
        """The newest count and the one to compare it with."""
        before: Point | None = getattr(self, since)
        return (
            getattr(self.latest, measure) if self.latest else None,
            getattr(before, measure) if before else None,
        )


def _near(points: Sequence[Point], target: dt.date | None) -> Point | None:
    """The point nearest to a day, within three days; of two as near the earlier."""
    if target is None:
        return None
    at = bisect_left(points, target, key=lambda point: point.as_of)
    near = points[max(0, at - 1) : at + 1]
    day = same_week((point.as_of for point in near), target)
    return next((point for point in near if point.as_of == day), None)
