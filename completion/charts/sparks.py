"""A line the size of a word, for tables and cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.safestring import SafeString

from completion import formats
from completion.charts.frame import Scale, path, shape
from completion.charts.lines import Dot
from completion.rates import year_before


def spark(label: str, dots: Sequence[Dot], last: Sequence[Dot] = ()) -> SafeString:
    """This cycle's figures over the same days of the last; empty with fewer than two figures."""
    solid = [dot for dot in dots if dot.solid]
    if len(solid) < 2:
        return SafeString("")
    first, newest = solid[0].day, solid[-1].day
    since = year_before(first) - dt.timedelta(days=4)
    until = year_before(newest) + dt.timedelta(days=4)
    before = [dot for dot in last if dot.solid and since <= dot.day <= until]
    most = max(dot.low for dot in (*solid, *before))
    start, end = (77, 3) if formats.right_to_left() else (3, 77)
    x = Scale(0, (newest - first).days, start, end)
    least = min(dot.low for dot in (*solid, *before))
    y = Scale(0.7 * least, most, 21, 3)  # a word-sized line shows its shape, not its height
    parts = [shape("title", text=label)]
    if len(before) > 1:
        shift = year_before(first)
        line = path([(x((dot.day - shift).days), y(dot.low)) for dot in before])
        parts.append(shape("path", css="spark__last-year", d=line))
    line = path([(x((dot.day - first).days), y(dot.low)) for dot in solid])
    parts.append(shape("path", css="spark__line", d=line))
    parts.append(
        shape("circle", css="spark__dot", cx=x((newest - first).days), cy=y(solid[-1].low), r=2.5)
    )
    return shape(
        "svg", css="spark", viewBox="0 0 80 24", role="img", aria_label=label,
        text=SafeString("".join(parts)),
    )  # fmt: skip
