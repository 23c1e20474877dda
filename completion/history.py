"""What was published of a set of schools, in few queries; the one door to the Snapshot table."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from completion import suppression
from completion.models import Snapshot, SourceFile
from completion.rates import UNLISTED, Count
from completion.together import Counts, Path
from schools.models import School


@dataclass(frozen=True, slots=True)
class Point:
    """A school's or a group's counts on a day."""

    as_of: dt.date
    submitted: Count
    completed: Count
    federal: bool = False
    own: bool = False

    @property
    def published(self) -> bool:
        return self.as_of != dt.date.min


Histories = Mapping[str, Mapping[int, list[Point]]]
"""Cycle → school → its points, oldest first."""


def cycles_by_state(schools: QuerySet[School]) -> dict[str, list[str]]:
    """Each state's cycles with a published number, newest first (one query)."""
    known: dict[str, list[str]] = defaultdict(list)
    rows = (
        Snapshot.objects.newest()
        .filter(school__in=schools)
        .order_by("-cycle")
        .values_list("school__state", "cycle")
        .annotate(known=Sum("submitted"))
    )
    for state, cycle, count in rows:
        if count:
            known[state].append(cycle)
    return known


def load(schools: QuerySet[School], cycles: Iterable[str]) -> Histories:
    """The newest word on every date of these cycles (one query)."""
    histories: dict[str, dict[int, list[Point]]] = {cycle: defaultdict(list) for cycle in cycles}
    rows = (
        Snapshot.objects.newest()
        .filter(school__in=schools, cycle__in=list(histories))
        .order_by("as_of")
        .values_list(
            "cycle_id",
            "school_id",
            "as_of",
            "submitted",
            "submitted_hidden",
            "completed",
            "completed_hidden",
            "source__kind",
        )
    )
    for cycle, school, as_of, sent, sent_hidden, done, done_hidden, kind in rows.iterator(5000):
        histories[cycle][school].append(
            Point(
                as_of,
                Count.of(sent, sent_hidden),
                Count.of(done, done_hidden),
                kind == SourceFile.Kind.FEDERAL,
                kind == SourceFile.Kind.OWN,
            )
        )
    return histories


def unpublished() -> Point:
    """What counts for a school that a day's federal file leaves out."""
    count = suppression.told(UNLISTED, federal=True)
    return Point(dt.date.min, count, count, federal=True)


def days(histories: Mapping[int, Sequence[Point]]) -> list[dt.date]:
    """The days on which a group of schools has a figure.

    Own counts hold until the next own count; a school whose own counts begin later leaves the
    group without a figure until then: a partial sum would look like a leap.
    """
    begins = [points[0].as_of for points in histories.values() if not points[0].federal]
    first = max(begins, default=dt.date.min)
    every = {point.as_of for points in histories.values() for point in points}
    return sorted(day for day in every if day >= first)


def on(histories: Mapping[int, Sequence[Point]], day: dt.date) -> dict[int, Point]:
    """What counts for each school on a day.

    On a day of the federal file a school that the file leaves out has 0 to 4 (`unpublished`),
    for it lists whoever reached five; on another day its last figure holds, as own counts do.
    """
    found: dict[int, Point] = {}
    left_out, file_day = unpublished(), False
    for school, points in histories.items():
        at = bisect_right(points, day, key=lambda point: point.as_of)
        if at:
            found[school] = points[at - 1]
            file_day = file_day or (points[at - 1].federal and points[at - 1].as_of == day)
        elif points[0].federal:
            found[school] = left_out
    if file_day:
        for school, point in found.items():
            if point.federal and point.as_of != day:
                found[school] = left_out
    return found


def added_up(
    histories: Mapping[int, Sequence[Point]], paths: Mapping[int, Path], depth: int
) -> list[Point]:
    """A group's points, one on each of its days; sums as may be told (together.py)."""
    series = []
    for day in days(histories):
        points = on(histories, day)
        submitted, completed = (
            Counts({pk: getattr(p, name) for pk, p in points.items()}, paths, depth).total()
            for name in ("submitted", "completed")
        )
        if submitted and completed:
            federal = any(p.federal and p.as_of == day for p in points.values())
            series.append(Point(day, submitted, completed, federal))
    return series
