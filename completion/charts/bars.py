"""Horizontal bars: rates of places beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString
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


WIDE, BESIDE = 1080, 560  # alone, and beside another picture


def bars(
    title: str, summary: str, items: Sequence[Bar], *, measure: str, width: int = WIDE
) -> Chart:
    """One bar a place, in the order given, the range of hidden counts as a paler end."""
    wide = partial(_draw, "wide", width, 200, title, summary, items)
    narrow = partial(_draw, "narrow", 340, 0, title, summary, items)
    rows = [[bar.name, bar.text] for bar in items]
    return Chart(title, summary, wide, narrow, [], [_("Place"), measure], rows)


def _draw(
    kind: str, width: int, names: int, title: str, summary: str, items: Sequence[Bar]
) -> SafeString:
    """`names` is the room for names beside the bars; 0 puts them above."""
    step = 28 if names else 44
    most = nice_ticks(max((100 * item.high for item in items), default=1))[-1] / 100
    length = Scale(0, most, 0, width - names - 92)
    parts = [
        part
        for index, item in enumerate(items)
        for part in _bar(item, 4 + index * step, length, width, names)
    ]
    return drawing(kind, width, 8 + len(items) * step, title, summary, parts)


def _bar(item: Bar, top: int, length: Scale, width: int, names: int) -> Iterator[SafeString]:
    rtl = formats.right_to_left()
    toward = -1 if rtl else 1
    start = width - names if rtl else names
    near, far = ("end", "start") if rtl else ("start", "end")
    bar_top = top if names else top + 18
    name = item.name if len(item.name) <= 32 else item.name[:31] + "…"
    name_x = start - 12 * toward if names else start
    yield shape(
        "text",
        css="chart-label",
        x=name_x,
        y=top + 13,
        text_anchor=far if names else near,
        text=name,
    )
    for css, begin, end in (
        ("chart-bar chart-bar--muted", length(item.low), length(item.high)),
        ("chart-bar", 0.0, length(item.low)),
    ):
        if end > begin:
            left = start - end if rtl else start + begin
            size = round(end - begin, 1)
            yield shape("rect", css=css, x=left, y=bar_top, width=size, height=16, rx=2)
    yield shape(
        "text",
        css="chart-label chart-label--strong",
        x=start + toward * (length(item.high) + 8),
        y=bar_top + 13,
        text_anchor=near,
        text=item.text,
    )
