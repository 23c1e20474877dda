"""Horizontal bars: rates of places beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from completion import formats
from completion.charts.frame import Chart, Scale, drawing, nice_ticks, shape


@dataclass(frozen=True, slots=True)
class Bar:
    """A place's share (0.0 to 1.0); `high` above `low` where small counts are hidden."""

    name: str
    low: float
    high: float
    text: str


def bars(title: str, summary: str, items: Sequence[Bar], *, measure: str) -> Chart:
    """One bar a place, in the order given, the range of hidden counts as a paler end."""
    wide = _draw("wide", 720, 200, title, summary, items)
    narrow = _draw("narrow", 340, 0, title, summary, items)
    return Chart(
        title, summary, wide, narrow, [], [_("Place"), measure], [[b.name, b.text] for b in items]
    )


def _draw(kind: str, width: int, names: int, title: str, summary: str, items: Sequence[Bar]):  # type: ignore[no-untyped-def]
    step = 28 if names else 44
    rtl = formats.right_to_left()
    most = nice_ticks(max((100 * item.high for item in items), default=1))[-1] / 100
    length = Scale(0, most, 0, width - names - 92)
    parts = []
    for index, item in enumerate(items):
        top = 4 + index * step
        bar_top = top if names else top + 18
        name = item.name if len(item.name) <= 32 else item.name[:31] + "…"
        start = width - names if rtl else names

        def rect(css: str, begin: float, end: float, at: int = bar_top, start: int = start):  # type: ignore[no-untyped-def]
            left = start - end if rtl else start + begin
            return shape(
                "rect", css=css, x=left, y=at, width=round(end - begin, 1), height=16, rx=2
            )

        low, high = length(item.low), length(item.high)
        label_x = (width if rtl else 0) if not names else start + (12 if rtl else -12)
        anchor = ("end" if rtl else "start") if not names else ("start" if rtl else "end")
        parts.append(
            shape("text", css="chart-label", x=label_x, y=top + 13, text_anchor=anchor, text=name)
        )
        if high > low:
            parts.append(rect("chart-bar chart-bar--muted", low, high))
        parts.append(rect("chart-bar", 0, low))
        end = max(high, low) + 8
        parts.append(
            shape(
                "text", css="chart-label chart-label--strong",
                x=start - end if rtl else start + end, y=bar_top + 13,
                text_anchor="end" if rtl else "start", text=item.text,
            )
        )  # fmt: skip
    return drawing(kind, width, 8 + len(items) * step, title, summary, parts)
