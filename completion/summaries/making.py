"""Summaries worked out: a state's cycle at a time, only where a figure has changed.

1. Whatever changes a figure counts up `Reckoning.asked` of its state's cycles, and of those that
   are compared with them, in its own transaction (`forget`), and asks the queue.
2. The queue reads `asked`, then the figures, and puts the new summaries in the place of the last
   ones in one transaction (`make`): nobody ever reads half of them.
3. Where `asked` has grown meanwhile it begins again; a newer making is never overwritten.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_q.tasks import async_task

from completion import exports, figures, standing
from completion.calendar import Calendar
from completion.figures import MEASURES
from completion.models import Reckoning, SchoolSummary, Snapshot, Summary
from completion.standing import (
    GroupStanding,
    SchoolStanding,
    Series,
    Since,
    seniors_by_year,
    series_of,
    stand,
)
from completion.summaries import packing
from schools.models import County, Cycle, District, Region, School, State

logger = logging.getLogger(__name__)
SINCE: tuple[Since, ...] = (
    "previous", "four_weeks", "last_year", "last_age", "normal", "normal_age",
)  # fmt: skip
HANDFUL = 4  # schools; a county or district of so few needs no summary
JOB_SECONDS = 1800


def forget(states: Iterable[str], cycles: Collection[str] | None = None) -> None:
    """Says that figures of these states are others now (None: of any cycle), and asks the queue.

    It asks once: whoever makes the summaries looks again for changes in the meantime.
    """
    codes = sorted(set(states))
    known = Reckoning.objects.filter(state__in=codes)
    if cycles is not None:
        Reckoning.objects.bulk_create(
            (Reckoning(state_id=code, cycle_id=cycle) for code in codes for cycle in cycles),
            ignore_conflicts=True,
        )
        known = known.filter(cycle__in=_resting_on(cycles))
    known.update(asked=F("asked") + 1)
    first = known.filter(Q(made=F("asked") - 1) | Q(made=None, asked=1))
    if asked := sorted(set(first.values_list("state_id", flat=True))):
        transaction.on_commit(partial(_ask, asked))


def drop(schools: Collection[int]) -> None:
    """Deletes, in any cycle, the summaries of these schools and of the places around them, and
    asks for them anew: for figures that are wrong, not merely old.

    `made` grows with `asked`, so that a making that read the wrong figures is not put in place.
    """
    around = School.objects.filter(pk__in=schools).values_list(
        "state",
        Coalesce("region__code", "district__region__code"),
        Coalesce("county", "district__county"),
        "district__nces_id",
    )
    kinds = ("states", "regions", "counties", "districts")
    keys = dict(zip(kinds, map(set, zip(*around, strict=True)), strict=False))
    for kind, found in keys.items():
        Summary.objects.filter(kind=kind, key__in=found - {None}).delete()
    SchoolSummary.objects.filter(school__in=schools).delete()
    if states := sorted(keys.get("states", ())):
        known = Reckoning.objects.filter(state__in=states)
        known.update(asked=F("asked") + 2, made=F("asked") + 1)
        transaction.on_commit(partial(_ask, states))


def _resting_on(cycles: Collection[str]) -> set[str]:
    """These cycles, and those that are compared with them."""
    calendar = Calendar.load()
    names = Cycle.objects.values_list("name", flat=True)
    later = {n for n in names if {calendar.last(n), calendar.normal(n)} & set(cycles)}
    return later | set(cycles)


def _ask(codes: list[str]) -> None:
    try:
        async_task("completion.tasks.make_summaries", codes, q_options={"timeout": JOB_SECONDS})
    except Exception as error:  # whatever broker is set; the night asks again
        logger.warning("The queue did not take summaries (%s)", type(error).__name__)


def ask_after_upgrade() -> None:
    """Asks the queue for all that is due, or was never made: an upgrade may empty what pages read.
    Cheap: the worker looks what there is."""
    never = not Reckoning.objects.exists() and Snapshot.objects.exists()
    if never or Reckoning.objects.filter(Reckoning.due(settings.SMALL_COUNT)).exists():
        _ask([])


def refresh(states: Collection[str] = ()) -> int:
    """Makes what is due in these states, or in all; returns how many places were worked out."""
    if not states:
        _enter()
    due = Reckoning.objects.filter(Reckoning.due(settings.SMALL_COUNT))
    if states:
        due = due.filter(state__in=states)
    made = 0
    for state in sorted(set(due.values_list("state_id", flat=True))):
        while cycles := set(due.filter(state=state).values_list("cycle_id", flat=True)):
            made += make(state, now=timezone.now(), cycles=cycles)
    return made


def _enter(state: str = "") -> None:
    """Reckonings for all figures that are there (after an upgrade, say)."""
    there = Snapshot.objects.newest().order_by()
    if state:
        there = there.filter(school__state=state)
    pairs = there.values_list("school__state", "cycle").distinct()
    Reckoning.objects.bulk_create(
        (Reckoning(state_id=code, cycle_id=cycle) for code, cycle in pairs), ignore_conflicts=True
    )


def make(state: str, *, now: dt.datetime, cycles: Collection[str] = ()) -> int:
    """A state's summaries of these cycles, or of all; returns how many places it worked out."""
    if not cycles:
        _enter(state)
    known = Reckoning.objects.filter(state=state)
    asked = dict(
        (known.filter(cycle__in=cycles) if cycles else known).values_list("cycle", "asked")
    )
    place = State.objects.get(pk=state)
    calendar = Calendar.load()
    schools = School.objects.filter(state=state)
    enrolments = seniors_by_year(schools)
    listed = list(schools.select_related("district__region", "region"))
    series: dict[str, dict[int, Series]] = {}
    worked_out = 0
    for cycle in sorted(asked):
        wanted = {cycle, calendar.last(cycle), calendar.normal(cycle)}
        kept = {name: each for name, each in series.items() if name in wanted}
        series = kept | series_of(schools, wanted - set(kept), enrolments)
        standings = [
            stand(
                school,
                cycle,
                {c: s[school.pk] for c, s in series.items() if school.pk in s},
                calendar,
            )
            for school in listed
        ]
        places = [
            _summary(kind, key, cycle, state, group, what)
            for kind, key, group, what in _groups(place, standings)
        ]
        rows = [_school(each, state) for each in standings]
        if _put(state, cycle, places, rows, asked=asked[cycle], now=now):
            worked_out += len(places)
    return worked_out


def _put(
    state: str,
    cycle: str,
    places: list[Summary],
    schools: list[SchoolSummary],
    *,
    asked: int,
    now: dt.datetime,
) -> bool:
    """In the place of the last ones; False where somebody has made them of newer figures."""
    with transaction.atomic():
        mine = Reckoning.objects.filter(Q(made=None) | Q(made__lte=asked), state=state, cycle=cycle)
        if not mine.update(made=asked, made_at=now, least=settings.SMALL_COUNT):
            return False
        for model in (Summary, SchoolSummary):
            model.objects.filter(state=state, cycle=cycle).delete()
        Summary.objects.bulk_create(places, batch_size=500)
        SchoolSummary.objects.bulk_create(schools, batch_size=1000)
    return True


def _groups(
    place: State, standings: Sequence[SchoolStanding]
) -> Iterator[tuple[str, str, GroupStanding, type]]:
    """The state, its regions, and counties and districts of more than a handful of schools."""
    inside: dict[type, dict[str, list[SchoolStanding]]] = {
        kind: defaultdict(list) for kind in (Region, County, District)
    }
    counties: dict[Any, set[str]] = defaultdict(set)  # in which a district's schools stand
    for each in standings:
        district, region = each.school.district, each.school.effective_region
        county = each.school.county_id or (district.county_id if district else None)
        counties[each.path].add(county or "")
        if region:
            inside[Region][region.code].append(each)
        if county:
            inside[County][county].append(each)
        if district:
            inside[District][district.nces_id].append(each)
    yield "states", place.pk, GroupStanding(standings, 0), State
    for code, schools in inside[Region].items():
        yield "regions", code, GroupStanding(schools, 1), Region
    for fips, schools in inside[County].items():
        if len(schools) > HANDFUL:
            alone = frozenset(s.school.pk for s in schools if len(counties[s.path]) > 1)
            yield "counties", fips, GroupStanding(schools, 2, alone), County
    for nces_id, schools in inside[District].items():
        if len(schools) > HANDFUL:
            yield "districts", nces_id, GroupStanding(schools, 2), District


def _summary(
    kind: str, key: str, cycle: str, state: str, group: GroupStanding, what: type
) -> Summary:
    return Summary(
        kind=kind,
        key=key,
        cycle_id=cycle,
        state_id=state,
        published=any(_published(each) for each in group.schools),
        schools=len(group.schools),
        figures=_told(group, cycle, what),
    )


def _told(group: GroupStanding, cycle: str, kind: type) -> dict[str, Any]:
    return {
        "points": packing.points(group.points, cycle),
        "spark": astuple(line) if (line := figures.sparkline(group)) else None,
        "reporting": group.reporting,
        "rated": group.rated_count,
        "seniors": group.seniors,
        "senior_years": group.senior_years,
        "rate": {m: packing.rate(group.rate(m)) for m in MEASURES},
        "compared": {m: [packing.rate(each) for each in group.compared_rates(m)] for m in MEASURES},
        "moved": {
            m: {since: packing.moved(group.moved(m, since)) for since in SINCE} for m in MEASURES
        },
        "four": {m: [c.low for c in four] if (four := group.four(m)) else None for m in MEASURES},
        "parts": [[name, packing.rate(rate)] for name, rate in group.parts(kind)],
        "counties": {
            fips: [packing.rate(rate), seniors]
            for fips, (rate, seniors) in (group.counties() if kind is State else {}).items()
        },
    }


def _published(each: SchoolStanding) -> bool:
    """True where the cycle's files have a number of it, be it one that is not told."""
    counts = (point.submitted for point in each.points)
    return any((count.low if count.kept is None else count.kept) > 0 for count in counts)


def _school(each: SchoolStanding, state: str) -> SchoolSummary:
    row, rate, latest = figures.row(each), each.rate(), each.latest
    rated = bool(rate and each.may_be_rated)
    exact = rate if rated and not (row.rate.small or row.rate.empty or row.rate.flag) else None
    return SchoolSummary(
        school=each.school,
        cycle_id=each.cycle,
        state_id=state,
        published=_published(each),
        listed=standing.has_figures(each),
        as_of=latest.as_of if latest else None,
        federal=bool(latest and latest.federal),
        name=each.school.name,
        folded_name=each.school.name.casefold()[:200],
        rated=rated,
        seniors_count=exact.seniors if exact else None,
        rate_low=exact.low if exact else None,
        rate_high=exact.high if exact else None,
        brief=packing.brief(each),
        cells=exports.cells(row) if exports.in_no_language(row) else [],
        spark=astuple(line) if (line := figures.sparkline(each)) else None,
        figures=packing.series(Series(each.points, each.seniors), each.cycle),
        **{
            name: getattr(row, name).order
            for name in ("seniors", "submitted", "completed", "rate", "change", "last_year")
        },
    )
