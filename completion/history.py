"""What was published of a set of schools, in few queries; the one door to the Snapshot table."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from completion.models import Snapshot, SourceFile
from completion.rates import UNLISTED, Count
from schools.models import School


@dataclass(frozen=True, slots=True)
class Point:
    """A school's or a group's counts on a day."""

    as_of: dt.date
    submitted: Count
    completed: Count
    federal: bool = False


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
            )
        )
    return histories


def added_up(histories: Iterable[list[Point]]) -> list[Point]:
    """A group's points, one on each day that any of its schools has one.

    On a day of the federal file a school that the file leaves out has 0 to 4, for it lists whoever
    reached five. Own counts hold until the next own count; a school whose own counts begin later
    leaves the group without a point until then: a partial sum would look like a leap.
    """
    days: dict[dt.date, dict[int, Point]] = defaultdict(dict)
    federal: dict[int, bool] = {}
    for index, points in enumerate(histories):
        for point in points:
            days[point.as_of][index] = point
            federal.setdefault(index, point.federal)
    now: dict[int, Point] = {}
    series: list[Point] = []
    for day in sorted(days):
        now.update(days[day])
        file_day = any(point.federal for point in days[day].values())
        if any(not federal[index] and index not in now for index in federal):
            continue
        submitted, completed = Tally(), Tally()
        for index, is_federal in federal.items():
            point_now = days[day].get(index) if file_day and is_federal else now.get(index)
            submitted.add(point_now.submitted if point_now else UNLISTED)
            completed.add(point_now.completed if point_now else UNLISTED)
        series.append(Point(day, submitted.count(), completed.count(), file_day))
    return series


class Tally:
    """Adds up counts, many times faster than adding one Count to the next."""

    __slots__ = ("high", "known", "low")

    def __init__(self) -> None:
        self.low = self.high = 0
        self.known = False

    def add(self, count: Count) -> None:
        self.low += count.low
        self.high += count.high
        self.known = self.known or count.known

    def count(self) -> Count:
        return Count(self.low, self.high, self.known)
