"""What was published of a set of schools, in few queries; the one door to the Snapshot table."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

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
    """The newest word on every date of these cycles (two queries)."""
    histories: dict[str, dict[int, list[Point]]] = {cycle: defaultdict(list) for cycle in cycles}
    kinds = dict(SourceFile.objects.order_by().values_list("pk", "kind"))
    federal = {pk for pk, kind in kinds.items() if kind == SourceFile.Kind.FEDERAL}
    own = {pk for pk, kind in kinds.items() if kind == SourceFile.Kind.OWN}
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
            "source_id",
        )
    )
    count = cache(Count.of)  # most counts of a state occur many times
    for cycle, school, as_of, sent, sent_hidden, done, done_hidden, source in rows.iterator(5000):
        histories[cycle][school].append(
            Point(
                as_of,
                count(sent, sent_hidden),
                count(done, done_hidden),
                source in federal,
                source in own,
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
    last: dict[int, Point] = {}
    left_out = unpublished()
    for school, points in histories.items():
        at = bisect_right(points, day, key=lambda point: point.as_of)
        if at:
            last[school] = points[at - 1]
        elif points[0].federal:
            last[school] = left_out
    return _holding(last, day, left_out)


def _holding(last: Mapping[int, Point], day: dt.date, left_out: Point) -> dict[int, Point]:
    """Of each school's last figure what holds on a day."""
    if any(point.federal and point.as_of == day for point in last.values()):
        return {
            school: left_out if point.federal and point.as_of != day else point
            for school, point in last.items()
        }
    return dict(last)


def walked(
    histories: Mapping[int, Sequence[Point]],
) -> Iterator[tuple[dt.date, dict[int, Point]]]:
    """Each day of a group with what counts on it (`on`), oldest first; each point is met once."""
    wanted, left_out = set(days(histories)), unpublished()
    by_day: dict[dt.date, dict[int, Point]] = defaultdict(dict)
    for school, points in histories.items():
        for point in points:
            by_day[point.as_of][school] = point
    last = {school: left_out for school, points in histories.items() if points[0].federal}
    for day in sorted(by_day):
        last |= by_day[day]
        if day in wanted:
            yield day, _holding(last, day, left_out)


def added_up(
    histories: Mapping[int, Sequence[Point]], paths: Mapping[int, Path], depth: int
) -> list[Point]:
    """A group's points, one on each of its days; sums as may be told (together.py)."""
    series = []
    for day, points in walked(histories):
        submitted, completed = (
            Counts({pk: getattr(p, name) for pk, p in points.items()}, paths, depth).total()
            for name in ("submitted", "completed")
        )
        if submitted and completed:
            federal = any(p.federal and p.as_of == day for p in points.values())
            series.append(Point(day, submitted, completed, federal))
    return series
