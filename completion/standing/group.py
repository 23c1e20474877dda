"""The schools of a place added up, from told counts alone (together.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from completion import history
from completion.calendar import Calendar
from completion.history import Point
from completion.rates import Count, Rate
from completion.standing.school import SchoolStanding, is_told
from completion.standing.seniors import Seniors, is_large
from completion.standing.trend import Measure, Since, Trend
from completion.together import Counts, Path
from schools.models import District, School, State


@dataclass(frozen=True, slots=True)
class Moved:
    """A change over the schools that can be compared."""

    now: Count
    before: Count
    schools: int


@dataclass
class GroupStanding(Trend):
    """The schools of a whole place added up: of a district, or with `depth` 1 of a region, 0 of a
    state. Parts of it are asked with `of`, so that they tell no more than the whole does.

    `alone` are schools whose district lies only partly in the place (a county): a sum over part of
    a district's schools would be a fact that no other page tells, so they stand by themselves.
    """

    schools: Sequence[SchoolStanding]
    depth: int = 2
    alone: Set[int] = frozenset()
    being_made = False  # shown: newer figures are being worked out

    @cached_property
    def points(self) -> list[Point]:  # type: ignore[override]
        return history.added_up(self._histories, self._paths, self.depth)

    @cached_property
    def last_points(self) -> list[Point]:  # type: ignore[override]
        return history.added_up(self._last_histories, self._paths, self.depth)

    @cached_property
    def normal_points(self) -> list[Point]:  # type: ignore[override]
        histories = {s.school.pk: s.normal_points for s in self.schools if s.normal_points}
        return history.added_up(histories, self._paths, self.depth)

    @property
    def cycle(self) -> str:  # type: ignore[override]
        return next((s.cycle for s in self.schools if s.cycle), "")

    @property
    def calendar(self) -> Calendar:  # type: ignore[override]
        return self.schools[0].calendar if self.schools else Calendar()

    @cached_property
    def rated(self) -> list[SchoolStanding]:
        """The schools that count in the rate: with figures, and seniors enough to divide by."""
        return [s for s in self.schools if s.rate() and s.may_be_rated]

    @property
    def rated_count(self) -> int:
        return len(self.rated)

    @property
    def senior_years(self) -> list[str]:
        """The school years whose seniors are known."""
        return sorted({s.seniors.school_year for s in self.schools if s.seniors})

    @property
    def reporting(self) -> int:
        """How many of the schools have a figure in this cycle."""
        return sum(bool(s.points) for s in self.schools)

    @property
    def seniors(self) -> int:
        """All known seniors of the group."""
        return seniors_of(self.schools)

    def rate(
        self, measure: Measure = "completed", *, of: Sequence[SchoolStanding] | None = None
    ) -> Rate | None:
        """Of all rated schools, or of those of `of`, on the group's newest day."""
        chosen = self.rated if of is None else [s for s in of if s.rate() and s.may_be_rated]
        return _rate(self._counts("now", measure), {s.school.pk: s.seniors for s in chosen})

    def moved(self, measure: Measure, since: Since) -> Moved | None:
        """What changed at the schools whose figure is told, as one number, on both days.

        Bounds over the hidden cells would mostly drown a week's change; so these are left out, and
        the number of schools is told.
        """
        now = before = schools = 0
        for school in self.schools:
            first, second = school.pair(measure, since)
            if is_told(first) and is_told(second) and self._is_current(school):
                assert first and second
                now, before, schools = now + first.low, before + second.low, schools + 1
        return Moved(Count(now, now), Count(before, before), schools) if schools else None

    def four(self, measure: Measure) -> list[Count] | None:
        """Those of the schools that have all four, added up."""
        found = [
            counts for s in self.schools if self._is_current(s) and (counts := s.four(measure))
        ]
        if not found:
            return None
        return [
            Count(n, n) for n in (sum(c.low for c in column) for column in zip(*found, strict=True))
        ]

    def parts(self, kind: type) -> list[tuple[str, Rate]]:
        """Rates of a state's regions (or else districts), a region's or county's districts, a
        district's schools, by name."""
        by_region = len({s.school.effective_region for s in self.schools} - {None}) > 1
        inside: dict[str, list[SchoolStanding]] = {}
        for each in self.rated:
            if name := _part(each.school, kind, by_region=by_region):
                inside.setdefault(name, []).append(each)
        found = ((name, self.rate(of=schools)) for name, schools in inside.items())
        return [(name, rate) for name, rate in found if rate]

    def counties(self) -> dict[str, tuple[Rate | None, int]]:
        """Each county's rate and known seniors, by its FIPS code."""
        inside: dict[str, list[SchoolStanding]] = {}
        for each in self.schools:
            district = each.school.district
            county = each.school.county_id or (district.county_id if district else None)
            if county:
                inside.setdefault(county, []).append(each)
        return {
            fips: (self.rate(of=schools), seniors_of(schools)) for fips, schools in inside.items()
        }

    def _is_current(self, school: SchoolStanding) -> bool:
        """True if a school's newest figure is of the group's newest day."""
        return bool(self.latest and school.latest and school.latest.as_of == self.latest.as_of)

    def compared_rates(self, measure: Measure = "completed") -> tuple[Rate | None, Rate | None]:
        """This cycle's and the last one's rate in the same week, over the very same schools:
        those with an enrolment and a figure in both years."""
        both = [
            s
            for s in self.rated
            if s.may_be_compared and s.school.pk in self._then and self._then[s.school.pk].published
        ]
        return (
            _rate(self._counts("now", measure), {s.school.pk: s.seniors for s in both}),
            _rate(self._counts("then", measure), {s.school.pk: s.last_seniors for s in both}),
        )

    def _counts(self, when: Literal["now", "then"], measure: Measure) -> Counts:
        """Every school's count on the newest day or in the last cycle's week; kept, for parts."""
        if (when, measure) not in self._kept:
            points = self._now if when == "now" else self._then
            counts = {pk: getattr(point, measure) for pk, point in points.items()}
            self._kept[when, measure] = Counts(counts, self._paths, self.depth)
        return self._kept[when, measure]

    @cached_property
    def _kept(self) -> dict[tuple[str, str], Counts]:
        return {}

    @cached_property
    def _histories(self) -> dict[int, Sequence[Point]]:
        return {s.school.pk: s.points for s in self.schools if s.points}

    @cached_property
    def _last_histories(self) -> dict[int, Sequence[Point]]:
        return {s.school.pk: s.last_points for s in self.schools if s.last_points}

    @cached_property
    def _paths(self) -> dict[int, Path]:
        return {
            s.school.pk: (s.path[0], f"school {s.school.pk}")
            if s.school.pk in self.alone
            else s.path
            for s in self.schools
        }

    @cached_property
    def _now(self) -> dict[int, Point]:
        return history.on(self._histories, self.latest.as_of) if self.latest else {}

    @cached_property
    def _then(self) -> dict[int, Point]:
        return history.on(self._last_histories, self.last_year.as_of) if self.last_year else {}


def _part(school: School, kind: type, *, by_region: bool) -> str:
    """In which part of a place a school lies."""
    if kind is District:
        return school.name
    if kind is State and by_region:
        return school.effective_region.name if school.effective_region else ""
    return school.district.name if school.district else ""


def _rate(counts: Counts, seniors: dict[int, Seniors | None]) -> Rate | None:
    present = {pk: e.number or 0 for pk, e in seniors.items() if e and pk in counts.counts}
    return Rate.of(counts.total(present), sum(present.values()))


def seniors_of(schools: Iterable[SchoolStanding]) -> int:
    """Seniors of the schools whose class is large enough to be shown."""
    return sum(s.seniors.number or 0 for s in schools if s.seniors and is_large(s.seniors))
