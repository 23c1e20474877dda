"""The federal file's own band of a district's rate, beside the sum over the district's schools.

The band is worked out from the true counts, the small ones too. So it is told only where what is
told of the schools lies inside it as a whole: then it narrows nothing. (An exact sum is narrowed by
nothing anyway.) Where it is not told, that follows from the told sum alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.models import DistrictBand, SourceFile
from completion.rates import HIDDEN_MOST, Count, Rate
from completion.standing import GroupStanding
from completion.suppression import NOTHING, Shown
from schools.models import District

WHOLE = 100
ROUNDED = 0.5  # 54 may stand for anything under 54.5, or under 55


@dataclass(frozen=True)
class Told:
    """A day's band as it may be read, the rate of the schools' sum, and where the band stands."""

    as_of: dt.date
    band: Shown
    ours: Shown
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
    absent = max(0, district.schools.filter(high_grade="12").count() - group.reporting)
    seniors = group.seniors if group.rated_count == group.reporting else 0
    told = []
    for day, row in sorted(newest.items(), reverse=True):
        count = days.get(day)
        ours = suppression.rate(Rate.of(count, seniors)) if seniors else suppression.NO_FIGURE
        if row.low is None or row.high is None:
            band = Shown(_("data are missing"))
            told.append(Told(day, band, ours, row.source, row.row))
        elif count and _narrows_nothing(row.low, row.high, count, absent, seniors):
            band = Shown(_text(row.low, row.high), row.low)
            told.append(Told(day, band, ours, row.source, row.row, row.low, row.high))
        else:
            told.append(Told(day, Shown(NOTHING, small=True), ours, row.source, row.row))
    return told


def _narrows_nothing(low: int, high: int, count: Count, absent: int, seniors: int) -> bool:
    """True where all that the told sum allows lies inside the band, or nothing is left open.

    `absent` schools are not in the file, and have 0 to 4 each.
    """
    most = count.high + HIDDEN_MOST * absent
    if count.low == most:
        return count.known
    if seniors < settings.SMALL_COUNT:
        return False
    end = WHOLE if high == WHOLE else high + ROUNDED
    inside_above = high == WHOLE or WHOLE * most < end * seniors
    return WHOLE * count.low >= low * seniors and inside_above


def _text(low: int, high: int) -> str:
    """`50–54%`, `<20%`, `≥80%`."""
    if low == 0:
        return f"<{formats.percent((high + 1) / WHOLE, 0)}"
    if high == WHOLE:
        return f"≥{formats.percent(low / WHOLE, 0)}"
    return f"{formats.number(low)}–{formats.percent(high / WHOLE, 0)}"
