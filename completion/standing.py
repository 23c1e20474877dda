"""Where schools stand: the newest counts, the ones before, the same week of the last cycle."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet

from completion import history, suppression
from completion.calendar import Calendar, senior_year
from completion.history import Point
from completion.rates import Count, Rate, same_week, year_before
from completion.together import Counts, Path
from schools.models import District, Enrolment, School, State

Measure = Literal["submitted", "completed"]
Since = Literal["previous", "four_weeks", "last_year", "last_age", "normal", "normal_age"]
FOUR_WEEKS = dt.timedelta(weeks=4)


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
        return _is_large(self.seniors) and not self.school.excluded_from_rates

    @property
    def may_be_compared(self) -> bool:
        """The same in the last cycle."""
        return _is_large(self.last_seniors)

    def rate(self, measure: Measure = "completed") -> Rate | None:
        """Over the seniors of the cycle's own school year; None without both."""
        return self.rate_at(self.latest, measure)

    def four(self, measure: Measure) -> list[Count] | None:
        """The counts of `quad` if all are published unhidden."""
        counts = [count for count in self.quad(measure) if count and _is_told(count)]
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
            if _is_told(first) and _is_told(second) and self._is_current(school):
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
    return sum(s.seniors.number or 0 for s in schools if s.seniors and _is_large(s.seniors))


def _is_large(seniors: Seniors | None) -> bool:
    return seniors is not None and (seniors.number or 0) >= settings.SMALL_COUNT


def _is_told(count: Count | None) -> bool:
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


def of_schools(
    schools: QuerySet[School], cycle: str = "", *, choices: dict[str, list[str]] | None = None
) -> list[SchoolStanding]:
    """Every school's standing from its snapshots, in six queries however many there are.

    In `cycle`, or where that is empty in each state's newest cycle with a published number.
    """
    if choices is None:
        choices = history.cycles_by_state(schools)
    chosen = {state: cycle or cycles[0] for state, cycles in choices.items()}
    wanted = set(chosen.values()) | ({cycle} if cycle else set())
    calendar = Calendar.load()
    compared = {f(name) for name in wanted for f in (calendar.last, calendar.normal)}
    enrolments = seniors_by_year(schools)
    told_of = series_of(schools, wanted | compared, enrolments)
    standings = []
    for school in schools.select_related("state", "district", "region", "district__region"):
        name = cycle or chosen.get(school.state_id, "")
        if name:
            known = {c: each[school.pk] for c, each in told_of.items() if school.pk in each}
            standings.append(stand(school, name, known, calendar))
        else:  # nothing published yet: the newest class that is known
            years = enrolments.get(school.pk, {})
            newest = years[max(years)] if years else None
            standings.append(SchoolStanding(school, "", seniors=newest))
    return standings


def series_of(
    schools: QuerySet[School], cycles: Iterable[str], enrolments: Mapping[int, Classes]
) -> dict[str, dict[int, Series]]:
    """Each school's series of these cycles, from its snapshots (two queries)."""
    told_of: dict[str, dict[int, Series]] = {}
    for cycle, histories in history.load(schools, cycles).items():
        year = senior_year(cycle)
        seniors = {pk: years[year] for pk, years in enrolments.items() if year in years}
        told_of[cycle] = {
            pk: Series(told(histories.get(pk, []), seniors.get(pk)), seniors.get(pk))
            for pk in histories.keys() | seniors.keys()
        }
    return told_of


def told(points: list[Point], seniors: Seniors | None) -> list[Point]:
    """A school's points as they may be told; from here on nothing knows of more."""
    number = seniors.number if seniors else None
    if points and points[0].own:
        submitted = suppression.series((p.submitted for p in points), number)
        completed = suppression.series((p.completed for p in points), number)
        pairs = zip(points, submitted, completed, strict=True)
        return [replace(p, submitted=sent, completed=done) for p, sent, done in pairs]
    return [
        Point(
            point.as_of,
            suppression.told(point.submitted, number, federal=point.federal),
            suppression.told(point.completed, number, federal=point.federal),
            point.federal,
            point.own,
        )
        for point in points
    ]


Classes = dict[str, Seniors]
"""A school's seniors by school year."""


def seniors_by_year(schools: QuerySet[School]) -> dict[int, Classes]:
    """Each school's known classes (one query)."""
    years: dict[int, Classes] = {}
    rows = Enrolment.objects.filter(school__in=schools)
    for school, year, number, source in rows.values_list(
        "school_id", "school_year", "grade12", "source"
    ):
        years.setdefault(school, {})[year] = Seniors(number, year, source)
    return years


def _near(points: Sequence[Point], target: dt.date | None) -> Point | None:
    """The point nearest to a day, within three days; of two as near the earlier."""
    if target is None:
        return None
    at = bisect_left(points, target, key=lambda point: point.as_of)
    near = points[max(0, at - 1) : at + 1]
    day = same_week((point.as_of for point in near), target)
    return next((point for point in near if point.as_of == day), None)


def has_figures(standing: SchoolStanding) -> bool:
    """True where a list has something to show of the school."""
    return bool(standing.points or standing.last_points or standing.seniors)


def newest_day(standings: Iterable[SchoolStanding]) -> dt.date | None:
    """The newest date of any of the schools."""
    return max((s.latest.as_of for s in standings if s.latest), default=None)
