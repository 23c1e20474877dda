"""The places inside a place, beside each other."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from completion import suppression
from completion.charts.bars import WIDE, Bar, bars
from completion.charts.frame import Chart
from completion.standing import GroupStanding
from schools.models import County, Region, State

MOST_BARS = 12
FEW_SENIORS = 100


def place_bars(group: GroupStanding, place: Any, *, width: int = WIDE) -> Chart | None:
    """Completion rates of a state's regions (or else districts), a region's districts, a
    district's schools; None with fewer than two to compare. Only rates that may be told exactly."""
    kind = type(place)
    drawn = []
    for name, rate in group.parts(kind):
        shown = suppression.rate(rate)
        if not shown.empty and not shown.small and not shown.flag:
            drawn.append((rate.seniors, Bar(name, rate.low, rate.high, shown.text)))
    largest = sorted(drawn, key=lambda pair: -pair[0])[:MOST_BARS]
    items = sorted((bar for _seniors, bar in largest), key=lambda bar: -bar.low)
    if len(items) < 2:
        return None
    title = {
        State: _("Completion rate by place"),
        Region: _("Completion rate by district"),
        County: _("Completion rate by district"),
    }.get(kind, _("Completion rate by school"))
    summary = _("%(first)s leads with %(text)s.") % {"first": items[0].name, "text": items[0].text}
    if len(drawn) > MOST_BARS:
        summary = _("The %(n)s with the most seniors.") % {"n": MOST_BARS} + " " + summary
    return bars(title, summary, items, measure=_("Completion rate"), width=width)
