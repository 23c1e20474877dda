"""What a school's own records say of its seniors' applications: never mixed with published files.

The files and marks that school and district keep of their own students (contacts' status history).
Families' own words do not count; a WASFA does, and is told only to those who see the families.
Whoever does not see them reads each week's Monday, in fixed steps (suppression.stepped).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.charts.frame import Chart
from completion.charts.lines import Dot, cycle_lines
from completion.rates import Count, Rate
from completion.suppression import Shown
from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, ApplicationPath, Student
from contacts.statuses import Word
from schools.models import School, User

WEEKS = 40
SUBMITTED = frozenset({AidStatus.SUBMITTED, AidStatus.ACTION_NEEDED, AidStatus.COMPLETED})
COMPLETED = frozenset({AidStatus.COMPLETED})


@dataclass(frozen=True)
class OwnRecords:
    """The panel of a school's page; `wasfa` is None for whoever may not see the families, and
    `through` the day up to which they are told in steps."""

    students: Shown
    submitted: Shown
    completed: Shown
    rate: Shown
    wasfa: Shown | None
    chart: Chart | None
    through: dt.date | None


def of(school: School, cycle: str, user: User, *, now: dt.datetime) -> OwnRecords | None:
    """None for a school without seniors here, or with fewer than may be told of."""
    students = Student.objects.filter(school=school, cycle=cycle, grade="12").present()
    paths = dict(students.order_by().values_list("pk", "path"))
    if suppression.is_small(Count(len(paths), len(paths))):
        return None
    words = statuses.histories(students)
    told = [
        [word for word in words.get(pk, ()) if word.source != AidStatusEntry.Source.FAMILY]
        for pk in paths
    ]
    sees_families = School.objects.whose_families(user).filter(pk=school.pk).exists()
    until = now if sees_families else _monday(now)
    days = _days(told, until)
    done = [_reached(told, COMPLETED, day) for day in days]
    sent = [_reached(told, SUBMITTED, day) for day in days]
    completed, submitted = (_told(series, len(paths), sees_families) for series in (done, sent))
    by_wasfa = [
        words
        for words, path in zip(told, paths.values(), strict=True)
        if path == ApplicationPath.WASFA
    ]
    wasfa = _reached(by_wasfa, COMPLETED, until)
    return OwnRecords(
        suppression.count(Count(len(paths), len(paths))),
        suppression.count(submitted[-1]),
        suppression.count(completed[-1]),
        suppression.rate(Rate.of(completed[-1], len(paths))),
        suppression.count(Count(wasfa, wasfa)) if sees_families else None,
        _chart(cycle, days, completed),
        None if sees_families else timezone.localdate(until),
    )


def _told(series: Sequence[int], students: int, sees_families: bool) -> list[Count]:
    """Each week's count; in fixed steps for whoever sees no family."""
    tell = suppression.told if sees_families else suppression.stepped
    return [tell(Count(n, n), students) for n in series]


def _monday(now: dt.datetime) -> dt.datetime:
    """When this week began: by looking on other days nobody learns on which day a step came."""
    local = timezone.localtime(now)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return begin - dt.timedelta(days=local.weekday())


def _reached(told: Sequence[Sequence[Word]], wanted: frozenset[AidStatus], day: dt.datetime) -> int:
    """How many students stood there at a moment."""
    stand = (statuses.current(word for word in words if word.as_of <= day) for words in told)
    return sum(word is not None and word.status in wanted for word in stand)


def _days(told: Sequence[Sequence[Word]], now: dt.datetime) -> list[dt.datetime]:
    """Now, and each week before it since the first word."""
    first = min((word.as_of for words in told for word in words), default=now)
    weeks = min(WEEKS, max(0, (now - first).days // 7))
    return [now - dt.timedelta(weeks=n) for n in range(weeks, -1, -1)]


def _chart(cycle: str, days: Sequence[dt.datetime], counts: Sequence[Count]) -> Chart | None:
    dots = []
    for day, count in zip(days, counts, strict=True):
        bounds = suppression.bounds(count)
        if bounds:
            text = suppression.count(count).text
            dots.append(Dot(timezone.localdate(day), *bounds, text))
    steps = {(dot.low, dot.high) for dot in dots if dot.low}
    if sum(dot.solid for dot in dots) < 2 and len(steps) < 2:
        return None
    summary = _("%(count)s by %(day)s.") % {
        "count": dots[-1].text,
        "day": formats.day(dots[-1].day),
    }
    return cycle_lines(_("Completed, by own records"), summary, cycle=cycle, dots=dots)
