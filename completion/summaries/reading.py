"""What pages ask of summaries, in as many queries for a nation as for a town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from completion.calendar import Calendar
from completion.charts.sparks import Spark
from completion.figures import Row, row
from completion.history import Point
from completion.models import Reckoning, SchoolSummary, Summary
from completion.rates import Count, Rate
from completion.standing import (
    GroupStanding,
    Measure,
    Moved,
    SchoolStanding,
    Series,
    Since,
    stand,
)
from completion.summaries import packing
from schools.models import School

FEW = 40  # schools; a smaller place is quick to work out while its summary is being made
Figures = dict[str, Any]


class Summarised(GroupStanding):
    """A place read from its summary; it answers what pages ask of a GroupStanding."""

    def __init__(
        self, by_cycle: Mapping[str, Figures], cycle: str, calendar: Calendar, *, old: bool = False
    ) -> None:
        super().__init__([])
        self.by_cycle, self.found = by_cycle, by_cycle[cycle]
        self._cycle, self._calendar = cycle, calendar
        self.being_made = old

    @property
    def cycle(self) -> str:  # type: ignore[override]
        return self._cycle

    @property
    def calendar(self) -> Calendar:  # type: ignore[override]
        return self._calendar

    @cached_property
    def points(self) -> Sequence[Point]:  # type: ignore[override]
        return self._points(self.cycle)

    @cached_property
    def last_points(self) -> Sequence[Point]:  # type: ignore[override]
        return self._points(self.calendar.last(self.cycle))

    @cached_property
    def normal_points(self) -> Sequence[Point]:  # type: ignore[override]
        return self._points(self.calendar.normal(self.cycle))

    @property
    def sparkline(self) -> Spark | None:
        return packing.unpacked_spark(self.found["spark"])

    def _points(self, cycle: str) -> Sequence[Point]:
        found = self.by_cycle.get(cycle)
        return packing.Points(found["points"], cycle) if found else ()

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
        return packing.unpacked_rate(self.found["rate"][measure])

    def compared_rates(self, measure: Measure = "completed") -> tuple[Rate | None, Rate | None]:
        now, before = self.found["compared"][measure]
        return packing.unpacked_rate(now), packing.unpacked_rate(before)

    def moved(self, measure: Measure, since: Since) -> Moved | None:
        return packing.unpacked_moved(self.found["moved"][measure][since])

    def four(self, measure: Measure) -> list[Count] | None:
        found = self.found["four"][measure]
        return [Count(n, n) for n in found] if found else None

    def parts(self, kind: type) -> list[tuple[str, Rate]]:
        rates = ((name, packing.unpacked_rate(each)) for name, each in self.found["parts"])
        return [(name, rate) for name, rate in rates if rate]

    def counties(self) -> dict[str, tuple[Rate | None, int]]:
        return {
            fips: (packing.unpacked_rate(rate), n)
            for fips, (rate, n) in self.found["counties"].items()
        }


@dataclass(frozen=True)
class Ready:
    """A place's summaries, and the cycles that it has published numbers of, newest first."""

    by_cycle: Mapping[str, Figures]
    cycles: list[str]
    old: bool

    def standing(self, cycle: str) -> Summarised:
        """How the place stands in one of its cycles."""
        return Summarised(self.by_cycle, cycle, Calendar.load(), old=self.old)


def of(kind: str, key: str, state: str) -> Ready | None:
    """A place's summaries (two queries); None where it is to be computed from the snapshots."""
    old = summarised([state]).get(state)
    if old is None:
        return None
    rows = list(
        Summary.objects.filter(kind=kind, key=key)
        .order_by("-cycle_id")
        .values_list("cycle_id", "published", "schools", "figures")
    )
    cycles = [cycle for cycle, published, _schools, _figures in rows if published]
    if not cycles or (old and max(schools for _c, _p, schools, _f in rows) < FEW):
        return None
    return Ready({cycle: figures for cycle, _p, _s, figures in rows}, cycles, old)


def in_cycle(kind: str, key: str, cycle: str, state: str) -> Summarised | None:
    """A place's figures of one cycle, without a calendar (two queries)."""
    old = summarised([state]).get(state)
    if old is None:
        return None
    found = Summary.objects.filter(kind=kind, key=key, cycle=cycle, published=True)
    figures = found.values_list("figures", flat=True).first()
    return Summarised({cycle: figures}, cycle, Calendar(), old=old) if figures else None


def summarised(states: Collection[str]) -> dict[str, bool]:
    """The states with summaries, and whether any figure has changed since (one query).

    Summaries that were made with another threshold are none.
    """
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    unusable = set()
    rows = Reckoning.objects.filter(state__in=states)
    for state, asked, made, least in rows.values_list("state_id", "asked", "made", "least"):
        found[state].append((asked, made))
        if made is not None and least != settings.SMALL_COUNT:
            unusable.add(state)
    return {
        state: any(made is None or made < asked for asked, made in each)
        for state, each in found.items()
        if state not in unusable and any(made is not None for _asked, made in each)
    }


def newest(
    places: Mapping[str, Iterable[str]], states: Collection[str]
) -> dict[tuple[str, str], Summarised]:
    """Places by kind and key in their newest cycles, each by itself (four queries)."""
    old = summarised(states)
    wanted = Q(pk=None)
    for kind, keys in places.items():
        wanted |= Q(kind=kind, key__in=list(keys))
    found = Summary.objects.filter(wanted, state__in=old).order_by()
    calendar = Calendar.load()
    chosen: dict[tuple[str, str], str] = {}
    for kind, key, cycle, state, schools in found.filter(published=True).values_list(
        "kind", "key", "cycle_id", "state", "schools"
    ):
        if not old[state] or schools >= FEW:
            chosen[kind, key] = max(cycle, chosen.get((kind, key), ""))
    figures: dict[tuple[str, str], dict[str, Figures]] = defaultdict(dict)
    if chosen:
        rows = found.filter(cycle__in=set(chosen.values()))
        for kind, key, cycle, told in rows.values_list("kind", "key", "cycle_id", "figures"):
            figures[kind, key][cycle] = told
    return {
        place: Summarised(figures[place], cycle, calendar)
        for place, cycle in chosen.items()
        if cycle in figures[place]
    }


# Schools -------------------------------------------------------------------------------------


def rows(schools: QuerySet[School], cycle: str) -> dict[int, Row]:
    """Schools as a list shows them (three queries): no points but those in its columns."""
    calendar = Calendar.load()
    places = schools.select_related("state", "district", "region", "district__region").in_bulk()
    found = SchoolSummary.objects.filter(school__in=schools.order_by(), cycle=cycle)
    return {
        pk: row(
            packing.unpacked_brief(brief, places[pk], cycle, calendar),
            packing.unpacked_spark(spark),
        )
        for pk, brief, spark in found.values_list("school", "brief", "spark")
        if pk in places
    }


def standings(schools: QuerySet[School], cycle: str) -> dict[int, SchoolStanding]:
    """Schools with every week of the cycle and of the last one (three queries)."""
    calendar = Calendar.load()
    known: dict[int, dict[str, Series]] = defaultdict(dict)
    found = SchoolSummary.objects.filter(
        school__in=schools.order_by(), cycle__in=[cycle, calendar.last(cycle)]
    )
    for pk, name, each in found.values_list("school", "cycle_id", "figures"):
        known[pk][name] = packing.unpacked_series(each, name)
    places = schools.select_related("state", "district", "region", "district__region")
    return {each.pk: stand(each, cycle, known[each.pk], calendar) for each in places}


@dataclass(frozen=True)
class SchoolReady:
    """A school's summaries, and its cycles with a published number, newest first."""

    school: School
    by_cycle: Mapping[str, Series]
    cycles: list[str]

    def standing(self, cycle: str) -> SchoolStanding:
        """How the school stands in one of its cycles, with all it is compared with."""
        return stand(self.school, cycle, self.by_cycle, Calendar.load())


def school(of: School) -> SchoolReady | None:
    """A school's summaries (two queries); None while its state's are not of the newest figures."""
    if summarised([of.state_id]).get(of.state_id) is not False:
        return None
    rows = list(
        SchoolSummary.objects.filter(school=of)
        .order_by("-cycle_id")
        .values_list("cycle_id", "published", "figures")
    )
    cycles = [cycle for cycle, published, _figures in rows if published]
    if not cycles:
        return None
    series = {cycle: packing.unpacked_series(each, cycle) for cycle, _p, each in rows}
    return SchoolReady(of, series, cycles)
