"""What all charts share: the frame around the drawing, scales, and small SVG pieces."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_ids = itertools.count(1)


@dataclass
class Chart:
    """What `components/chart.html` frames: words, drawing (wide and narrow), legend, numbers."""

    title: str
    summary: str
    svg: SafeString
    svg_narrow: str = ""
    legend: list[dict[str, Any]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


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
    """An `svg` that a screen reader names and describes."""
    number = next(_ids)
    return format_html(
        '<svg class="chart__svg{}" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="chart-{}-title chart-{}-desc">'
        '<title id="chart-{}-title">{}</title><desc id="chart-{}-desc">{}</desc>{}</svg>',
        f" chart__svg--{kind}" if kind else "",
        width,
        height,
        number,
        number,
        number,
        title,
        number,
        description,
        together(body),
    )


def together(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def shape(tag: str, *, css: str = "", text: Any = None, **attributes: Any) -> SafeString:
    """One SVG element; `text_anchor` becomes `text-anchor`."""
    pairs = [("class", css)] if css else []
    pairs += [(name.replace("_", "-"), value) for name, value in attributes.items()]
    listed = format_html_join("", ' {}="{}"', pairs)
    inner = text if text is not None else ""
    return format_html("<{}{}>{}</{}>", mark_safe(tag), listed, inner, mark_safe(tag))


def path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)
