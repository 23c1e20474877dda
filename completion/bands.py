"""The federal file's own band of a district's rate, beside the sum over the district's schools.

The band is worked out from the true counts, the small ones too. So it is told only where what is
told of the schools lies inside it as a whole: then it narrows nothing. (An exact sum is narrowed by
nothing anyway.) Where it is not told, that follows from the told sum alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.models import DistrictBand, SourceFile
from completion.rates import HIDDEN_MOST, Count
from completion.standing import GroupStanding
from completion.suppression import NOTHING, Shown
from schools.models import Cycle, District, Enrolment

WHOLE = 100
ROUNDED = 0.5  # 54 may stand for anything under 54.5, or under 55


@dataclass(frozen=True)
class Told:
    """A day's band as it may be read, what its schools add up to, and where the band stands.

    The rate is known for the group's newest day only.
    """

    as_of: dt.date
    band: Shown
    completed: Shown
    rate: Shown
    source: SourceFile
    row: int
    low: int | None = None
    high: int | None = None


def of(district: District, group: GroupStanding) -> list[Told]:
    """Each day's band in the group's cycle, newest first, the newest file's word on it."""
    rows = DistrictBand.objects.filter(leaid=district.nces_id, cycle=group.cycle).select_related(
        "source"
    )
    newest = {row.as_of: row for row in rows.order_by("source__as_of", "source__imported_at")}
    if not newest:
        return []
    days = {point.as_of: point.completed for point in group.points}
    classes = _Classes.of(district, group)
    rate = suppression.rate(group.rate())
    told = []
    for day, row in sorted(newest.items(), reverse=True):
        count = days.get(day)
        here = partial(
            Told,
            as_of=day,
            completed=suppression.count(count if count and count.known else None),
            rate=rate if group.latest and day == group.latest.as_of else suppression.NO_FIGURE,
            source=row.source,
            row=row.row,
        )
        if row.low is None or row.high is None:
            told.append(here(band=Shown(_("data are missing"))))
        elif count and _narrows_nothing(row.low, row.high, count, classes):
            band = Shown(_text(row.low, row.high), row.low)
            told.append(here(band=band, low=row.low, high=row.high))
        else:
            told.append(here(band=Shown(NOTHING, small=True)))
    return told


@dataclass(frozen=True)
class _Classes:
    """How many seniors the band may be a share of, and how many schools no file lists."""

    least: int
    most: int
    absent: int

    @classmethod
    def of(cls, district: District, group: GroupStanding) -> _Classes:
        """A school whose class is not known has at most as many as the largest that is."""
        years = Enrolment.objects.filter(school__district=district)
        years = years.filter(school_year=Cycle(name=group.cycle).senior_year)
        unknown = max(0, group.reporting - group.rated_count)
        least = group.seniors
        largest = years.aggregate(most=Max("grade12"))["most"] or 0
        absent = district.schools.filter(high_grade="12").count() - group.reporting
        return cls(least, least + unknown * largest, max(0, absent))


def _narrows_nothing(low: int, high: int, count: Count, classes: _Classes) -> bool:
    """True where all that the told sum allows lies inside the band, or nothing is left open.

    Schools that are not in the file have 0 to 4 each.
    """
    most = count.high + HIDDEN_MOST * classes.absent
    if count.low == most:
        return count.known
    if classes.least < settings.SMALL_COUNT:
        return False
    end = WHOLE if high == WHOLE else high + ROUNDED
    inside_above = high == WHOLE or WHOLE * most < end * classes.least
    return WHOLE * count.low >= low * classes.most and inside_above


def _text(low: int, high: int) -> str:
    """`50–54%`, `<20%`, `≥80%`."""
    if low == 0:
        return f"<{formats.percent((high + 1) / WHOLE, 0)}"
    if high == WHOLE:
        return f"≥{formats.percent(low / WHOLE, 0)}"
    return f"{formats.number(low)}–{formats.percent(high / WHOLE, 0)}"
