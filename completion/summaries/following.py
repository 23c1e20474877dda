"""Schools of many states read together: as a list shows them, or with every week."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Max, Q, QuerySet

from completion import standing
from completion.calendar import Calendar
from completion.models import SchoolSummary
from completion.standing import SchoolStanding
from completion.summaries import packing
from completion.summaries.reading import FEW, standings, summarised
from schools.models import School


def followed(
    schools: QuerySet[School], *, last_ones: bool
) -> tuple[Iterator[SchoolStanding], set[str]]:
    """Those that stand ready (six queries), and the states whose schools are to be computed.

    `last_ones`: where newer figures are being worked out, many schools are as they last were.
    """
    counts = dict(schools.order_by().values_list("state").annotate(Count("pk")))
    ready = [
        state
        for state, old in summarised(counts).items()
        if not old or (last_ones and counts[state] >= FEW)
    ]
    found = SchoolSummary.objects.filter(school__in=schools.order_by(), state__in=ready)
    newest = found.filter(published=True).order_by().values_list("state").annotate(Max("cycle"))
    in_newest = Q(pk=None)
    for state, cycle in newest:
        in_newest |= Q(state=state, cycle=cycle)
    return _standings(schools, found.filter(in_newest)), counts.keys() - set(ready)


def weekly(schools: QuerySet[School], cycle: str) -> list[SchoolStanding]:
    """These schools with every week of a cycle: from summaries where all of them are of the newest
    figures (five queries), else computed."""
    states = set(schools.order_by().values_list("state", flat=True).distinct())
    ready = summarised(states)
    if all(ready.get(state) is False for state in states):
        return list(standings(schools, cycle).values())
    return standing.of_schools(schools, cycle)


def _standings(
    schools: QuerySet[School], found: QuerySet[SchoolSummary]
) -> Iterator[SchoolStanding]:
    calendar = Calendar.load()
    # Not narrowed to those found: a subquery in a subquery takes PostgreSQL minutes at times.
    places = schools.in_bulk()
    dated = found.filter(as_of__isnull=False)
    for pk, cycle, brief in dated.values_list("school", "cycle_id", "brief"):
        if pk in places:
            yield packing.unpacked_brief(brief, places[pk], cycle, calendar)
