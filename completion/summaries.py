"""Places as they stand, worked out once when figures come in instead of at each page.

A page takes a summary where there is one and computes the same from the snapshots where there is
none; whatever changes a figure takes the summaries of its state away, and the queue makes them
anew. They hold told figures only, so they hide what pages hide.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from completion import figures, history, standing
from completion.calendar import Calendar
from completion.charts.dots import SchoolDot
from completion.history import Point
from completion.models import SchoolSummary, Summary
from completion.rates import Count, Rate
from completion.standing import GroupStanding, Measure, Moved, SchoolStanding, Since
from schools.models import District, Region, School, State

logger = logging.getLogger(__name__)
MEASURES: tuple[Measure, ...] = ("completed", "submitted")
SINCE: tuple[Since, ...] = (
    "previous", "four_weeks", "last_year", "last_age", "normal", "normal_age",
)  # fmt: skip
FEW = 40  # schools; a smaller place is quick to work out
JOB_SECONDS = 1800


class Summarised(GroupStanding):
    """A place read from its summary; it answers what pages ask of a GroupStanding."""

    def __init__(self, found: dict[str, Any], cycle: str, calendar: Calendar) -> None:
        super().__init__([])
        self.found, self._cycle, self._calendar = found, cycle, calendar

    @property
    def cycle(self) -> str:  # type: ignore[override]
        return self._cycle

    @property
    def calendar(self) -> Calendar:  # type: ignore[override]
        return self._calendar

    @cached_property
    def points(self) -> list[Point]:  # type: ignore[override]
        return [_point(each) for each in self.found["points"]]

    @cached_property
    def last_points(self) -> list[Point]:  # type: ignore[override]
        return [_point(each) for each in self.found["last_points"]]

    @cached_property
    def normal_points(self) -> list[Point]:  # type: ignore[override]
        return [_point(each) for each in self.found["normal_points"]]

    @property
    def rated_count(self) -> int:
        return int(self.found["rated"])

    @property
    def reporting(self) -> int:
        return int(self.found["reporting"])

    @property
    def seniors(self) -> int:
        return int(self.found["seniors"])

    @property
    def senior_years(self) -> list[str]:
        return list(self.found["senior_years"])

    def rate(
        self, measure: Measure = "completed", *, of: Sequence[SchoolStanding] | None = None
    ) -> Rate | None:
        return _rate(self.found["rate"][measure])

    def compared_rates(self, measure: Measure = "completed") -> tuple[Rate | None, Rate | None]:
        now, before = self.found["compared"][measure]
        return _rate(now), _rate(before)

    def moved(self, measure: Measure, since: Since) -> Moved | None:
        found = self.found["moved"][measure][since]
        if found is None:
            return None
        now, before, schools = found
        return Moved(Count(now, now), Count(before, before), schools)

    def four(self, measure: Measure) -> list[Count] | None:
        found = self.found["four"][measure]
        return [Count(n, n) for n in found] if found else None

    def parts(self, kind: type) -> list[tuple[str, Rate]]:
        return [(name, rate) for name, each in self.found["parts"] if (rate := _rate(each))]

    def counties(self) -> dict[str, tuple[Rate | None, int]]:
        return {fips: (_rate(rate), n) for fips, (rate, n) in self.found["counties"].items()}


def of(kind: str, key: str) -> dict[str, dict[str, Any]]:
    """A place's summaries, newest cycle first (one query); empty where there are none."""
    rows = Summary.objects.filter(kind=kind, key=key).order_by("-cycle_id")
    return dict(rows.values_list("cycle_id", "figures"))


def in_cycle(kind: str, key: str, cycle: str) -> Summarised | None:
    """A place's figures of one cycle, without a calendar (one query)."""
    found = Summary.objects.filter(kind=kind, key=key, cycle=cycle).values_list("figures").first()
    return Summarised(found[0], cycle, Calendar()) if found else None


def page_of(schools: QuerySet[School], cycle: str, sort: str) -> QuerySet[SchoolSummary]:
    """Schools of a list in the order of a column, empty ones last."""
    name = sort.removeprefix("-")
    field = F(name)
    order = field.desc(nulls_last=True) if sort.startswith("-") else field.asc(nulls_last=True)
    return SchoolSummary.objects.filter(cycle=cycle, school__in=schools).order_by(order, "name")


def newest() -> dict[tuple[str, str], Summarised]:
    """Each summarised state and region in its newest cycle."""
    found: dict[tuple[str, str], Summarised] = {}
    calendar = Calendar.load()
    rows = Summary.objects.filter(kind__in=["states", "regions"]).order_by("cycle_id")
    for kind, key, cycle, told in rows.values_list("kind", "key", "cycle_id", "figures"):
        found[kind, key] = Summarised(told, cycle, calendar)
    return found


def dots(schools: QuerySet[School], cycle: str) -> tuple[list[SchoolDot], int]:
    """A dot for each school of a list whose rate is told, and how many others there are."""
    rows = SchoolSummary.objects.filter(cycle=cycle, school__in=schools, rated=True).values_list(
        "name", "seniors_count", "rate_low", "rate_high"
    )
    told = [
        SchoolDot(name, seniors, low, high)
        for name, seniors, low, high in rows
        if seniors is not None and low is not None and high is not None
    ]
    return told, len(rows) - len(told)


# Making them ---------------------------------------------------------------------------------


def forget(states: Iterable[str]) -> None:
    """Takes away what is no longer so, and asks the queue to make it anew."""
    codes = sorted(set(states))
    known = Summary.objects.filter(state__in=codes)
    if known.exists():
        known.delete()
    schools = School.objects.filter(state__in=codes).order_by()
    counted = Counter(schools.values_list("state", flat=True))
    large = [code for code in codes if counted[code] >= FEW]
    if large:
        transaction.on_commit(partial(_ask, large))


def _ask(codes: list[str]) -> None:
    try:
        async_task("completion.tasks.make_summaries", codes, q_options={"timeout": JOB_SECONDS})
    except Exception as error:  # whatever broker is set; pages work without, and the night asks
        logger.warning("The queue did not take summaries (%s)", type(error).__name__)


def make(state: str, *, now: dt.datetime) -> int:
    """All summaries of a large state; returns how many places. A small one needs none."""
    schools = School.objects.filter(state=state)
    place = State.objects.get(pk=state)
    cycles = history.cycles_by_state(schools).get(state, [])
    if schools.count() < FEW:
        return 0
    places, listed = [], []
    for cycle in cycles:
        standings = standing.of_schools(schools, cycle, choices={state: cycles})
        for kind, key, group, what in _groups(place, standings):
            told = _told(group, what)
            places.append(
                Summary(
                    kind=kind, key=key, cycle_id=cycle, state_id=state, figures=told, made_at=now
                )
            )
        listed += [_school(s, cycle) for s in standings if s.points or s.last_points or s.seniors]
    with transaction.atomic():
        Summary.objects.filter(state=state).delete()
        SchoolSummary.objects.filter(school__state=state).delete()
        Summary.objects.bulk_create(places, batch_size=500)
        SchoolSummary.objects.bulk_create(listed, batch_size=1000)
    return len(places)


def _groups(
    place: State, standings: Sequence[SchoolStanding]
) -> Iterable[tuple[str, str, GroupStanding, type]]:
    """The state, its regions and its districts; counties are few schools."""
    regions: dict[str, list[SchoolStanding]] = defaultdict(list)
    districts: dict[str, list[SchoolStanding]] = defaultdict(list)
    for each in standings:
        if region := each.school.effective_region:
            regions[region.code].append(each)
        if each.school.district:
            districts[each.school.district.nces_id].append(each)
    yield "states", place.pk, GroupStanding(standings, 0), State
    for code, inside in regions.items():
        yield "regions", code, GroupStanding(inside, 1), Region
    for nces_id, inside in districts.items():
        if len(inside) >= FEW:
            yield "districts", nces_id, GroupStanding(inside, 2), District


def _told(group: GroupStanding, kind: type) -> dict[str, Any]:
    moved = {
        measure: {since: _moved(group.moved(measure, since)) for since in SINCE}
        for measure in MEASURES
    }
    return {
        "points": [_packed(point) for point in group.points],
        "last_points": [_packed(point) for point in group.last_points],
        "normal_points": [_packed(point) for point in group.normal_points],
        "reporting": group.reporting,
        "rated": group.rated_count,
        "seniors": group.seniors,
        "senior_years": group.senior_years,
        "rate": {measure: _pair(group.rate(measure)) for measure in MEASURES},
        "compared": {m: [_pair(each) for each in group.compared_rates(m)] for m in MEASURES},
        "moved": moved,
        "four": {
            measure: [c.low for c in four] if (four := group.four(measure)) else None
            for measure in MEASURES
        },
        "parts": [[name, _pair(rate)] for name, rate in group.parts(kind)],
        "counties": {fips: [_pair(rate), n] for fips, (rate, n) in group.counties().items()},
    }


def _school(each: SchoolStanding, cycle: str) -> SchoolSummary:
    row, rate = figures.row(each), each.rate()
    rated = bool(rate and each.may_be_rated)
    exact = rate if rated and not (row.rate.small or row.rate.empty or row.rate.flag) else None
    return SchoolSummary(
        school=each.school,
        cycle_id=cycle,
        name=each.school.name,
        rated=rated,
        seniors_count=exact.seniors if exact else None,
        rate_low=exact.low if exact else None,
        rate_high=exact.high if exact else None,
        **{
            name: getattr(row, name).order
            for name in ("seniors", "submitted", "completed", "rate", "change", "last_year")
        },
    )


def _packed(point: Point) -> list[Any]:
    submitted, completed = point.submitted, point.completed
    return [
        point.as_of.isoformat(),
        *(submitted.low, submitted.high, submitted.known),
        *(completed.low, completed.high, completed.known),
        point.federal,
    ]


def _point(found: list[Any]) -> Point:
    day, *rest, federal = found
    return Point(dt.date.fromisoformat(day), Count(*rest[:3]), Count(*rest[3:]), federal)


def _pair(rate: Rate | None) -> list[Any] | None:
    return [rate.count.low, rate.count.high, rate.count.known, rate.seniors] if rate else None


def _rate(found: list[Any] | None) -> Rate | None:
    return Rate(Count(*found[:3]), found[3]) if found else None


def _moved(moved: Moved | None) -> list[int] | None:
    return [moved.now.low, moved.before.low, moved.schools] if moved else None


def refresh(states: Iterable[str]) -> int:
    """Makes the summaries of these states anew; returns how many places."""
    return sum(make(state, now=timezone.now()) for state in states)
