"""The trend as it is drawn on paper: this cycle's line, its ranges, the last cycle dashed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from completion import formats
from completion.charts.frame import Scale, nice_ticks
from completion.charts.lines import Dot, Mark
from completion.onepage.paper import LINE, MARGIN, MARK, MUTED, SIGNAL, WIDTH, Paper

HEIGHT = 150
UNTIL = 273  # days from 1 October to the end of June


def draw(
    paper: Paper, cycle: str, dots: Sequence[Dot], last: Sequence[Dot], marks: Sequence[Mark]
) -> None:
    """From the pen downwards, the whole width of the page."""
    opened = dt.date(int(cycle[:4]) - 1, 10, 1)
    before = opened.replace(year=opened.year - 1)
    now = [((dot.day - opened).days, dot) for dot in dots]
    then = [((dot.day - before).days, dot) for dot in last]
    until = max([UNTIL, *(day for day, _dot in now)])
    then = [(day, dot) for day, dot in then if day <= until]
    since = max(0, min([day for day, _dot in (*now, *then)], default=0) - 6)
    ticks = nice_ticks(max((dot.high for _day, dot in (*now, *then)), default=1), 4)
    bottom = paper.y - HEIGHT
    x = Scale(since, until, MARGIN + 36, WIDTH - MARGIN - 44)
    y = Scale(0, ticks[-1], bottom, paper.y - 10)
    for tick in ticks:
        paper.line([(x.start, y(tick)), (x.end, y(tick))])
        text = formats.number(tick)
        paper.write(x.start - 6, y(tick) - 2.5, text, size=7, ink=MUTED, end=True)
    _months(paper, x, bottom, opened)
    for mark in marks:
        day = (mark.day - opened).days
        if since <= day <= until:
            paper.line([(x(day), bottom), (x(day), paper.y - 6)], ink=SIGNAL, width=1)
            paper.write(x(day) + 3, paper.y - 8, mark.label, size=6.5, ink=SIGNAL)
    for day, dot in now:
        if dot.high > dot.low:
            corners = [(x(day) - 2.5, y(dot.low)), (x(day) + 2.5, y(dot.low)),
                       (x(day) + 2.5, y(dot.high)), (x(day) - 2.5, y(dot.high))]  # fmt: skip
            paper.area(corners)
    earlier = [(x(day), y(dot.low)) for day, dot in then if dot.solid]
    paper.line(earlier, ink=LINE, width=1.2, dash=(3, 3))
    solid = [(x(day), y(dot.low)) for day, dot in now if dot.solid]
    paper.line(solid, ink=MARK, width=2)
    for at in solid:
        paper.dot(*at, 1.6)
    if solid:
        newest = next(dot for _day, dot in reversed(now) if dot.solid)
        paper.dot(*solid[-1], 3)
        paper.write(solid[-1][0] + 6, solid[-1][1] - 3, newest.text, size=8, ink=MARK, bold=True)
    paper.y = bottom - 20


def _months(paper: Paper, x: Scale, bottom: float, opened: dt.date) -> None:
    for n in range(20):
        first = dt.date(opened.year + (9 + n) // 12, (9 + n) % 12 + 1, 1)
        day = (first - opened).days
        if x.least <= day <= x.most:
            paper.line([(x(day), bottom), (x(day), bottom - 3)], ink=LINE)
            paper.write(x(day) - 6, bottom - 12, formats.month(first), size=7, ink=MUTED)
