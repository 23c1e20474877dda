"""A line the size of a word, for tables and cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from completion import formats
from completion.charts.frame import Scale, path, shape
from completion.charts.lines import Dot
from completion.rates import year_before

WIDTH, HEIGHT = 80, 24
MIRRORED = f"matrix(-1 0 0 1 {WIDTH} 0)"


@dataclass(frozen=True, slots=True)
class Spark:
    """Two paths from left to right and the newest figure's place, in no language yet."""

    measure: str
    now: str
    last: str
    x: float
    y: float

    def drawn(self, label: str) -> SafeString:
        """For the reader's language; `label` says what it shows."""
        parts = [shape("path", css="spark__last-year", d=self.last)] if self.last else []
        parts += [
            shape("path", css="spark__line", d=self.now),
            shape("circle", css="spark__dot", cx=self.x, cy=self.y, r=2.5),
        ]
        body = SafeString("".join(parts))
        if formats.right_to_left():
            body = shape("g", transform=MIRRORED, text=body)
        return shape(
            "svg", css="spark", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label,
            text=shape("title", text=label) + body,
        )  # fmt: skip


def spark(measure: str, dots: Sequence[Dot], last: Sequence[Dot] = ()) -> Spark | None:
    """This cycle's figures over the same days of the last; None with fewer than two figures."""
    solid = [dot for dot in dots if dot.solid]
    if len(solid) < 2:
        return None
    first, newest = solid[0].day, solid[-1].day
    since = year_before(first) - dt.timedelta(days=4)
    until = year_before(newest) + dt.timedelta(days=4)
    before = [dot for dot in last if dot.solid and since <= dot.day <= until]
    most = max(dot.low for dot in (*solid, *before))
    x = Scale(0, (newest - first).days, 3, WIDTH - 3)
    least = min(dot.low for dot in (*solid, *before))
    y = Scale(0.7 * least, most, HEIGHT - 3, 3)  # a line of a word's size shows its shape only
    shift = year_before(first)
    return Spark(
        measure,
        path([(x((dot.day - first).days), y(dot.low)) for dot in solid]),
        path([(x((dot.day - shift).days), y(dot.low)) for dot in before])
        if len(before) > 1
        else "",
        x((newest - first).days),
        y(solid[-1].low),
    )
