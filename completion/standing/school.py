"""One school in one cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from completion.calendar import Calendar
from completion.history import Point
from completion.rates import Count, Rate
from completion.standing.seniors import Seniors, is_large
from completion.standing.trend import Measure, Trend
from completion.together import Path
from schools.models import School


@dataclass
class SchoolStanding(Trend):
    """One school in one cycle."""

    school: School
    cycle: str
    points: Sequence[Point] = ()
    last_points: Sequence[Point] = ()
    seniors: Seniors | None = None
    last_seniors: Seniors | None = None
    normal_points: Sequence[Point] = ()
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def path(self) -> Path:
        """Its region and district, as far as they are known."""
        region = self.school.effective_region
        return (region.pk if region else 0, self.school.district_id or 0)

    @property
    def may_be_rated(self) -> bool:
        """True where its class may be shown, and nobody took it out of the rates."""
        return is_large(self.seniors) and not self.school.excluded_from_rates

    @property
    def may_be_compared(self) -> bool:
        """The same in the last cycle."""
        return is_large(self.last_seniors)

    def rate(self, measure: Measure = "completed") -> Rate | None:
        """Over the seniors of the cycle's own school year; None without both."""
        return self.rate_at(self.latest, measure)

    def four(self, measure: Measure) -> list[Count] | None:
        """The counts of `quad` if all are published unhidden."""
        counts = [count for count in self.quad(measure) if count and is_told(count)]
        return counts if len(counts) == 4 else None

    def rate_at(self, point: Point | None, measure: Measure = "completed") -> Rate | None:
        """On another day of this cycle."""
        if not point or not self.seniors:
            return None
        return Rate.of(getattr(point, measure), self.seniors.number)

    def rate_last_year(self, measure: Measure = "completed") -> Rate | None:
        """In the same week of the last cycle, over that class."""
        if not self.last_year or not self.last_seniors:
            return None
        return Rate.of(getattr(self.last_year, measure), self.last_seniors.number)


def is_told(count: Count | None) -> bool:
    """True for a number that is published unhidden."""
    return count is not None and count.exact and not count.hidden


@dataclass(frozen=True, slots=True)
class Series:
    """A school in a cycle: its points as they may be told, and the seniors of that school year."""

    points: Sequence[Point] = ()
    seniors: Seniors | None = None


NOTHING = Series()


def stand(
    school: School, cycle: str, known: Mapping[str, Series], calendar: Calendar
) -> SchoolStanding:
    """A school in a cycle, from its series of that cycle and of those it is compared with."""
    now, last, normal = (
        known.get(name, NOTHING) for name in (cycle, calendar.last(cycle), calendar.normal(cycle))
    )
    return SchoolStanding(
        school, cycle, now.points, last.points, now.seniors, last.seniors, normal.points, calendar
    )


def has_figures(standing: SchoolStanding) -> bool:
    """True where a list has something to show of the school."""
    return bool(standing.points or standing.last_points or standing.seniors)


def newest_day(standings: Iterable[SchoolStanding]) -> dt.date | None:
    """The newest date of any of the schools."""
    return max((s.latest.as_of for s in standings if s.latest), default=None)
