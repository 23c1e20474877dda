"""A school among those like it: of the same state, with as many seniors and as much poverty."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.models import Snapshot, SourceFile
from completion.rates import Count, Rate
from completion.standing import SchoolStanding
from schools.models import School

ALIKE = 1 / 3  # a class a third smaller to half as large again
POINTS = 10  # of the share of students with a free or reduced-price lunch
LEAST = 5  # fewer are no field to be ranked in


@dataclass(frozen=True, slots=True)
class Rank:
    """The place by completion rate, counted from the highest, among `of` schools."""

    place: int
    of: int
    fewest: int
    most: int
    by_poverty: bool


def rank(standing: SchoolStanding) -> Rank | None:
    """Among schools whose rate of the same day's federal file is told; None with too few."""
    mine = standing.rate()
    if mine is None or standing.latest is None or not _is_told(mine):
        return None
    fewest, most = round(mine.seniors * (1 - ALIKE)), round(mine.seniors / (1 - ALIKE))
    poverty = standing.school.low_income_percent
    alike = School.objects.filter(
        state=standing.school.state_id,
        excluded_from_rates=False,
        enrolments__school_year=standing.seniors.school_year if standing.seniors else "",
        enrolments__grade12__range=(fewest, most),
    ).exclude(pk=standing.school.pk)
    for by_poverty in (True, False):
        if by_poverty and poverty is None:
            continue
        schools = alike
        if by_poverty and poverty is not None:
            schools = alike.filter(low_income_percent__range=(poverty - POINTS, poverty + POINTS))
        others = _rates(schools, standing)
        if len(others) + 1 >= LEAST:
            place = 1 + sum(other.low > mine.low for other in others)
            return Rank(place, len(others) + 1, fewest, most, by_poverty)
    return None


def _rates(schools: QuerySet[School], standing: SchoolStanding) -> list[Rate]:
    assert standing.latest and standing.seniors
    rows = (
        Snapshot.objects.newest()
        .filter(
            school__in=schools,
            cycle=standing.cycle,
            as_of=standing.latest.as_of,
            source__kind=SourceFile.Kind.FEDERAL,
            school__enrolments__school_year=standing.seniors.school_year,
        )
        .values_list("completed", "completed_hidden", "school__enrolments__grade12")
    )
    rates = (
        Rate.of(suppression.told(Count.of(done, hidden), seniors, federal=True), seniors)
        for done, hidden, seniors in rows
    )
    return [rate for rate in rates if rate and _is_told(rate)]


def _is_told(rate: Rate) -> bool:
    shown = suppression.rate(rate)
    return shown.order is not None and not shown.small and not shown.flag


def in_words(standing: SchoolStanding) -> str:
    """The rank as a sentence; empty without one."""
    found = rank(standing)
    if found is None:
        return ""
    words = {
        "place": formats.number(found.place),
        "of": formats.number(found.of),
        "fewest": formats.number(found.fewest),
        "most": formats.number(found.most),
        "state": standing.school.state.name,
        "percent": formats.number(standing.school.low_income_percent or 0),
    }
    if found.by_poverty:
        return (
            _(
                "By completion rate it is number %(place)s of %(of)s similar schools in %(state)s: "
                "%(fewest)s to %(most)s seniors, and about %(percent)s%% of the students with a "
                "free or reduced-price lunch."
            )
            % words
        )
    return (
        _(
            "By completion rate it is number %(place)s of %(of)s similar schools in %(state)s: "
            "%(fewest)s to %(most)s seniors."
        )
        % words
    )
