"""The schools of a week that moved most, and those that may need help; told figures only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from completion import standing, summaries, suppression
from completion.rates import Rate
from completion.standing import SchoolStanding
from completion.suppression import Shown
from schools.models import School, User

EACH = 3
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Entry:
    """A school, its rate, and why it is named."""

    school: School
    rate: Shown
    moved: Shown
    behind: Shown


@dataclass(frozen=True)
class Movers:
    through: dt.date
    schools: int
    moved: Sequence[Entry]
    need_help: Sequence[Entry]


def of(user: User, *, last_ones: bool = False) -> Movers | None:
    """Of the schools that this person follows; None where none has a figure.

    Moved most: by the completion rate since the last figure. In need of help: furthest behind the
    same week of the last cycle, even if it moved lately; or, where no school can be compared, with
    the lowest rate of those that did not. A school counts whose newest figure is of the week
    that ends with the newest of all: a district's own day is not the federal file's.

    Read from summaries where they stand ready, else computed; with `last_ones`, as pages do, also
    from those of a large state that are being made anew. So many queries for a nation as for a
    town.
    """
    mine = School.objects.visible_to(user)
    ready, left = summaries.followed(mine, last_ones=last_ones)
    computed = standing.of_schools(mine.filter(state__in=left)) if left else []
    every = [each for each in (*ready, *computed) if each.latest]
    through = standing.newest_day(every)
    if through is None:
        return None
    current = [s for s in every if s.latest and through - s.latest.as_of < WEEK]
    entries = [_entry(s) for s in current if not s.school.excluded_from_rates]
    entries.sort(key=lambda e: (e.school.name.casefold(), e.school.pk))
    moved = sorted(
        (e for e in entries if (e.moved.order or 0) > 0), key=lambda e: -(e.moved.order or 0)
    )[:EACH]
    behind = [e for e in entries if e.behind.order is not None and e.behind.order < 0]
    behind.sort(key=lambda e: e.behind.order or 0)
    if not any(e.behind.order is not None for e in entries):
        others = [e for e in entries if e not in moved]
        behind = [e for e in others if e.rate.order is not None and not e.rate.small]
        behind.sort(key=lambda e: e.rate.order or 0)
    return Movers(through, len(current), moved, behind[:EACH])


def _entry(school: SchoolStanding) -> Entry:
    before = school.previous.completed if school.previous else None
    rate = school.rate()
    moved = suppression.NO_FIGURE
    if rate and before is not None and school.seniors and school.seniors.number:
        moved = suppression.rate_change(rate, Rate.of(before, school.seniors.number))
    behind = suppression.rate_change(rate, school.rate_last_year())
    return Entry(school.school, suppression.rate(rate), moved, behind)
