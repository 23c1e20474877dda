"""Where schools stand: the newest counts, the ones before, the same week of the last cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from django.db.models import QuerySet

from completion import history
from completion.history import Point
from completion.rates import Count, Rate, same_week, total
from schools.models import Cycle, Enrolment, School

Measure = Literal["submitted", "completed"]
Since = Literal["previous", "last_year"]


@dataclass(frozen=True, slots=True)
class Seniors:
    """Grade 12 of one school year; the number is None where published only as under ten."""

    number: int | None
    school_year: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A change over the schools that can be compared."""

    now: Count
    before: Count
    schools: int


class Trend:
    """The points of this cycle and of the last, of a school or of a group."""

    points: list[Point]
    last_points: list[Point]

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def previous(self) -> Point | None:
        """The point before the latest."""
        return self.points[-2] if len(self.points) > 1 else None

    @cached_property
    def last_year(self) -> Point | None:
        """The last cycle's point nearest to the same day, within three days."""
        if not self.latest:
            return None
        day = same_week((point.as_of for point in self.last_points), self.latest.as_of)
        return next((point for point in self.last_points if point.as_of == day), None)

    def pair(self, measure: Measure, since: Since) -> tuple[Count | None, Count | None]:
        """The newest count and the one to compare it with."""
        before: Point | None = getattr(self, since)
        return (
            getattr(self.latest, measure) if self.latest else None,
            getattr(before, measure) if before else None,
        )


@dataclass
class SchoolStanding(Trend):
    """One school in one cycle."""

    school: School
    cycle: str
    points: list[Point] = field(default_factory=list)
    last_points: list[Point] = field(default_factory=list)
    seniors: Seniors | None = None
    last_seniors: Seniors | None = None

    def rate(self, measure: Measure = "completed") -> Rate | None:
        """Over the seniors of the cycle's own school year; None without both."""
        if not self.latest or not self.seniors:
            return None
        return Rate.of(getattr(self.latest, measure), self.seniors.number)

    def rate_last_year(self, measure: Measure = "completed") -> Rate | None:
        """In the same week of the last cycle, over that class."""
        if not self.last_year or not self.last_seniors:
            return None
        return Rate.of(getattr(self.last_year, measure), self.last_seniors.number)


@dataclass
class GroupStanding(Trend):
    """Schools added up: a district, a region, a state."""

    schools: Sequence[SchoolStanding]

    @cached_property
    def points(self) -> list[Point]:  # type: ignore[override]
        return history.added_up([s.points for s in self.schools if s.points])

    @cached_property
    def last_points(self) -> list[Point]:  # type: ignore[override]
        return history.added_up([s.last_points for s in self.schools if s.last_points])

    @cached_property
    def rated(self) -> list[SchoolStanding]:
        """The schools that count in the rate: with figures, and with seniors to divide by."""
        return [s for s in self.schools if s.rate() and not s.school.excluded_from_rates]

    @property
    def reporting(self) -> int:
        """How many of the schools have a figure in this cycle."""
        return sum(bool(s.points) for s in self.schools)

    @property
    def seniors(self) -> int:
        """All known seniors of the group."""
        return sum(s.seniors.number or 0 for s in self.schools if s.seniors)

    def rate(self, measure: Measure = "completed") -> Rate | None:
        return _pooled(s.rate(measure) for s in self.rated)

    def moved(self, measure: Measure, since: Since) -> Moved | None:
        """What changed at the schools whose figure is published, unhidden, on both days.

        Bounds over the hidden cells would mostly drown a week's change; so these are left out, and
        the number of schools is told.
        """
        now = before = schools = 0
        for school in self.schools:
            first, second = school.pair(measure, since)
            if first and second and first.exact and second.exact and self._is_current(school):
                now, before, schools = now + first.low, before + second.low, schools + 1
        return Moved(Count(now, now), Count(before, before), schools) if schools else None

    def _is_current(self, school: SchoolStanding) -> bool:
        """True if a school's newest figure is of the group's newest day."""
        return bool(self.latest and school.latest and school.latest.as_of == self.latest.as_of)

    def compared_rates(self, measure: Measure = "completed") -> tuple[Rate | None, Rate | None]:
        """This cycle's and the last one's rate in the same week, over the very same schools:
        those with an enrolment and a figure in both years."""
        both = [s for s in self.rated if s.rate_last_year(measure)]
        return (
            _pooled(s.rate(measure) for s in both),
            _pooled(s.rate_last_year(measure) for s in both),
        )


def _pooled(rates: Iterable[Rate | None]) -> Rate | None:
    present = [rate for rate in rates if rate]
    counts: Count | None = total(rate.count for rate in present)
    return Rate.of(counts, sum(rate.seniors for rate in present))


def of_schools(
    schools: QuerySet[School], cycle: str = "", *, choices: dict[str, list[str]] | None = None
) -> list[SchoolStanding]:
    """Every school's standing, in four queries however many there are.

    In `cycle`, or where that is empty in each state's newest cycle with a published number.
    """
    if choices is None:
        choices = history.cycles_by_state(schools)
    chosen = {state: cycle or cycles[0] for state, cycles in choices.items()}
    wanted = set(chosen.values()) | ({cycle} if cycle else set())
    before = {name: Cycle(name=name).previous_name for name in wanted}
    histories = history.load(schools, wanted | set(before.values()))
    enrolments = _enrolments(schools)
    standings = []
    for school in schools.select_related("state", "district", "region", "district__region"):
        name = cycle or chosen.get(school.state_id, "")
        years = enrolments.get(school.pk, {})
        if not name:  # nothing published yet: the newest class that is known
            newest = years[max(years)] if years else None
            standings.append(SchoolStanding(school, "", seniors=newest))
            continue
        last = before[name]
        standings.append(
            SchoolStanding(
                school,
                name,
                histories[name].get(school.pk, []),
                histories[last].get(school.pk, []),
                years.get(Cycle(name=name).senior_year),
                years.get(Cycle(name=last).senior_year),
            )
        )
    return standings


def _enrolments(schools: QuerySet[School]) -> dict[int, dict[str, Seniors]]:
    years: dict[int, dict[str, Seniors]] = {}
    rows = Enrolment.objects.filter(school__in=schools)
    for school, year, number, source in rows.values_list(
        "school_id", "school_year", "grade12", "source"
    ):
        years.setdefault(school, {})[year] = Seniors(number, year, source)
    return years


def newest_day(standings: Iterable[SchoolStanding]) -> dt.date | None:
    """The newest date of any of the schools."""
    return max((s.latest.as_of for s in standings if s.latest), default=None)
