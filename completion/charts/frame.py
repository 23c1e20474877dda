"""What all charts share: the frame around the drawing, scales, and small SVG pieces."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

_ids = itertools.count(1)


Drawing = Callable[[], SafeString]


@dataclass
class Chart:
    """What `components/chart.html` frames: words, drawing (wide and narrow), legend, numbers.

    It is drawn when a page shows it: a file takes the numbers alone.
    """

    title: str
    summary: str
    wide: Drawing
    narrow: Drawing | None = None
    legend: list[dict[str, Any]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    @cached_property
    def svg(self) -> SafeString:
        return self.wide()

    @cached_property
    def svg_narrow(self) -> SafeString:
        return self.narrow() if self.narrow else SafeString("")

    @property
    def body(self) -> SafeString:
        """The rows as a table has them; a nation's picture has hundreds."""
        return SafeString("".join(map(_table_row, self.rows)))


@dataclass(frozen=True)
class Scale:
    """From a value to a place in the drawing; `start` may lie after `end` (RTL, y axes)."""

    least: float
    most: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = (self.most - self.least) or 1
        return round(self.start + (value - self.least) / span * (self.end - self.start), 1)


def nice_ticks(most: float, about: int = 4) -> list[float]:
    """Round steps (1, 2, 2.5 or 5 times a power of ten) from 0 to at least `most`."""
    if most <= 0:
        return [0, 1]
    raw = most / about
    power = 10 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw)
    if most >= about and step < 1:
        step = 1
    return [step * n for n in range(math.ceil(most / step) + 1)]


def drawing(
    kind: str, width: int, height: int, title: str, description: str, body: Iterable[SafeString]
) -> SafeString:
    """An `svg` that a screen reader names and describes; with links in it, a group of them."""
    number, drawn = next(_ids), together(body)
    return format_html(
        '<svg class="chart__svg{}" viewBox="0 0 {} {}" role="{}" '
        'aria-labelledby="chart-{}-title chart-{}-desc">'
        '<title id="chart-{}-title">{}</title><desc id="chart-{}-desc">{}</desc>{}</svg>',
        f" chart__svg--{kind}" if kind else "",
        width,
        height,
        "group" if "<a " in drawn else "img",
        number,
        number,
        number,
        title,
        number,
        description,
        drawn,
    )


def together(parts: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(map(conditional_escape, parts)))


def shape(tag: str, *, css: str = "", text: Any = None, **attributes: Any) -> SafeString:
    """One SVG element; `text_anchor` becomes `text-anchor`."""
    written = f' class="{escape(css)}"' if css else ""
    for name, value in attributes.items():
        # Most are numbers, of which a page has thousands: these need no escaping.
        told = value if isinstance(value, int | float) else escape(str(value))
        written += f' {name.replace("_", "-")}="{told}"'
    inner = "" if text is None else conditional_escape(text)
    return SafeString(f"<{tag}{written}>{inner}</{tag}>")


def _table_row(cells: Sequence[str]) -> str:
    first, *others = map(conditional_escape, cells)
    figures = "".join(f'<td class="num">{cell}</td>' for cell in others)
    return f'<tr><th scope="row">{first}</th>{figures}</tr>'


def path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)
