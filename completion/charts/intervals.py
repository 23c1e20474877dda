"""Differences with their intervals, one row each, around a line at nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from completion import formats
from completion.charts.frame import Chart, Scale, drawing, nice_ticks, shape


@dataclass(frozen=True, slots=True)
class Span:
    """A difference in percentage points, from `low` to `high` (None: nothing bounds it there);
    `strong` is the planned one."""

    name: str
    value: float
    low: float | None
    high: float | None
    text: str
    strong: bool = False


def intervals(title: str, summary: str, spans: Sequence[Span], *, first_column: str) -> Chart:
    """Wide and narrow drawings with the numbers behind them."""
    wide = partial(_draw, "wide", 560, 110, title, summary, spans)
    narrow = partial(_draw, "narrow", 340, 84, title, summary, spans)
    rows = [[span.name, span.text] for span in spans]
    columns = [first_column, _("Difference in points, 95% interval")]
    return Chart(title, summary, wide, narrow, [], columns, rows)


ROW, ARROW = 34, 5


def _draw(
    kind: str, width: int, names: int, title: str, summary: str, spans: Sequence[Span]
) -> SafeString:
    rtl = formats.right_to_left()
    ends_known = (end for s in spans for end in (s.value, s.low, s.high) if end is not None)
    most = nice_ticks(max(map(abs, ends_known)), 2)[-1]
    ends = (width - names, 16) if rtl else (names, width - 16)
    x = Scale(-most, most, *ends)
    base = 10 + ROW * len(spans)
    parts = [*_axis(x, most, base)]
    for index, span in enumerate(spans):
        parts += _row(x, most, span, 10 + ROW * index + ROW // 2, width if rtl else 0, rtl)
    return drawing(kind, width, base + 24, title, summary, parts)


def _axis(x: Scale, most: float, base: int) -> Iterator[SafeString]:
    for value in (-most, -most / 2, 0, most / 2, most):
        css = "chart-reference" if value == 0 else "chart-grid"
        yield shape("line", css=css, x1=x(value), x2=x(value), y1=6, y2=base)
        digits = 0 if most / 2 == int(most / 2) else 1
        yield shape(
            "text",
            css="chart-label",
            x=x(value),
            y=base + 18,
            text_anchor="middle",
            text=formats.signed(value, digits),
        )


def _row(x: Scale, most: float, span: Span, y: int, edge: int, rtl: bool) -> Iterator[SafeString]:
    css = "chart-label chart-label--strong" if span.strong else "chart-label"
    anchor = "end" if rtl else "start"
    yield shape("text", css=css, x=edge, y=y + 4, text_anchor=anchor, text=span.name)
    label = shape("title", text=f"{span.name}: {span.text}")
    low, high = -most if span.low is None else span.low, most if span.high is None else span.high
    yield shape("line", css="chart-interval", x1=x(low), x2=x(high), y1=y, y2=y, text=label)
    for end, open_, inwards in ((low, span.low is None, 1), (high, span.high is None, -1)):
        if open_:  # an arrow
            back = x(end) + ARROW * (-inwards if rtl else inwards)
            for beside in (y - ARROW, y + ARROW):
                yield shape("line", css="chart-interval", x1=back, x2=x(end), y1=beside, y2=y)
    dot = "chart-dot chart-dot--last" if span.strong else "chart-dot"
    yield shape("circle", css=dot, cx=x(span.value), cy=y, r=6 if span.strong else 4)
