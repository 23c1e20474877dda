"""A school among those like it: of the same state, with as many seniors and as much poverty."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.models import SchoolSummary, Snapshot, SourceFile
from completion.rates import Count as Published
from completion.rates import Rate
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


def rank(standing: SchoolStanding, *, ready: bool = False) -> Rank | None:
    """Among schools whose newest figures are the federal ones of the same day, and whose rate is
    told; None with too few. `ready` where the state's summaries are of the newest figures."""
    mine = standing.rate()
    if mine is None or standing.latest is None or not _is_told(mine):
        return None
    fewest, most = round(mine.seniors * (1 - ALIKE)), round(mine.seniors / (1 - ALIKE))
    poverty = standing.school.low_income_percent
    for by_poverty in (True, False):
        if by_poverty and poverty is None:
            continue
        alike = Q()
        if by_poverty and poverty is not None:
            alike = Q(low_income_percent__range=(poverty - POINTS, poverty + POINTS))
        schools = School.objects.filter(alike, state=standing.school.state_id)
        schools = schools.exclude(pk=standing.school.pk)
        beside = _summarised if ready else _computed
        others, above = beside(schools, standing, mine, (fewest, most))
        if others + 1 >= LEAST:
            return Rank(1 + above, others + 1, fewest, most, by_poverty)
    return None


def _summarised(
    schools: QuerySet[School], standing: SchoolStanding, mine: Rate, seniors: tuple[int, int]
) -> tuple[int, int]:
    """How many of these schools there are to compare with, and how many have a higher rate."""
    assert standing.latest
    found = SchoolSummary.objects.filter(
        state=standing.school.state_id,
        cycle=standing.cycle,
        as_of=standing.latest.as_of,
        seniors_count__range=seniors,
        federal=True,
        school__in=schools,
    ).aggregate(others=Count("pk"), above=Count("pk", filter=Q(rate_low__gt=mine.low)))
    return found["others"], found["above"]


def _computed(
    schools: QuerySet[School], standing: SchoolStanding, mine: Rate, seniors: tuple[int, int]
) -> tuple[int, int]:
    """The same from snapshots."""
    assert standing.latest and standing.seniors
    newest = Snapshot.objects.newest().filter(cycle=standing.cycle)
    later = newest.filter(school=OuterRef("school"), as_of__gt=standing.latest.as_of)
    year = standing.seniors.school_year
    alike = schools.filter(
        excluded_from_rates=False,
        enrolments__school_year=year,
        enrolments__grade12__range=seniors,
    )
    rows = newest.filter(
        ~Exists(later),
        school__in=alike,
        as_of=standing.latest.as_of,
        source__kind=SourceFile.Kind.FEDERAL,
        school__enrolments__school_year=year,
    ).values_list("completed", "completed_hidden", "school__enrolments__grade12")
    rates = (
        Rate.of(suppression.told(Published.of(done, hidden), number, federal=True), number)
        for done, hidden, number in rows
    )
    told = [rate for rate in rates if rate and _is_told(rate)]
    return len(told), sum(rate.low > mine.low for rate in told)


def _is_told(rate: Rate) -> bool:
    shown = suppression.rate(rate)
    return shown.order is not None and not shown.small and not shown.flag


def in_words(standing: SchoolStanding, *, ready: bool = False) -> str:
    """The rank as a sentence; empty without one."""
    found = rank(standing, ready=ready)
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
