"""Schools by the size of their class and their completion rate, a dot each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from completion import formats, suppression
from completion.charts.frame import Chart, Scale, drawing, nice_ticks, shape
from completion.standing import SchoolStanding

LEAST = 3  # fewer dots are no picture
MOST_NAMED = 300  # beyond, a name at each dot would weigh more than the page
SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


@dataclass(frozen=True, slots=True)
class SchoolDot:
    """A school whose rate may be told; `high` above `low` where small counts are hidden."""

    name: str
    seniors: int
    low: float
    high: float

    @property
    def text(self) -> str:
        return suppression.share(self.low, self.high)


def school_dots(schools: Iterable[SchoolStanding]) -> Chart | None:
    """None with fewer than three schools whose rate is told; how many are not is said."""
    dots, left_out = [], 0
    for school in schools:
        rate = school.rate()
        if not rate or not school.may_be_rated:
            continue
        shown = suppression.rate(rate)
        if shown.empty or shown.small or shown.flag:
            left_out += 1
        else:
            dots.append(SchoolDot(school.school.name, rate.seniors, rate.low, rate.high))
    return dot_plot(dots, left_out)


def dot_plot(dots: list[SchoolDot], left_out: int) -> Chart | None:
    """The picture of dots that may be told."""
    if len(dots) < LEAST:
        return None
    dots.sort(key=lambda dot: (-dot.low, dot.name))
    title = _("Schools by size")
    summary = _("Each dot is a school: the larger its class, the farther along; the higher, the "
                "larger the share that completed.")  # fmt: skip
    if left_out:
        summary += " " + ngettext(
            "%(n)s school is left out because its figure is too small or too uncertain.",
            "%(n)s schools are left out because their figures are too small or too uncertain.",
            left_out,
        ) % {"n": formats.number(left_out)}  # fmt: skip
    rows = [[dot.name, formats.number(dot.seniors), dot.text] for dot in dots[:MOST_NAMED]]
    if len(dots) > MOST_NAMED:
        summary += " " + _("The table holds the %(n)s highest; all are in the list of schools.") % {
            "n": formats.number(MOST_NAMED)
        }
    return Chart(
        title,
        summary,
        partial(_draw, "wide", 1080, 360, title, summary, dots),
        partial(_draw, "narrow", 340, 300, title, summary, dots),
        [],
        [_("School"), _("Seniors"), _("Completion rate")],
        rows,
    )


def _draw(
    kind: str, width: int, height: int, title: str, summary: str, dots: Sequence[SchoolDot]
) -> SafeString:
    rtl = formats.right_to_left()
    least, most = _ends(dots)
    before, after = 48, 16
    ends = (width - before, after) if rtl else (before, width - after)
    x = Scale(math.log(least), math.log(most), *ends)
    ticks = nice_ticks(100 * max(dot.high for dot in dots), 5)
    y = Scale(0, ticks[-1] / 100, height - 44, 12)
    parts = [*_axes(x, y, ticks, least, most, rtl)]
    size = 4 if kind == "wide" else 3
    places = [(x(math.log(dot.seniors)), y(dot.low), y(dot.high)) for dot in dots]
    if len(dots) > MOST_NAMED:
        return drawing(kind, width, height, title, summary, [*parts, *_many(places, size)])
    for dot, (at, low, high) in zip(dots, places, strict=True):
        if high < low:
            parts.append(shape("line", css="chart-whisker", x1=at, x2=at, y1=low, y2=high))
        label = shape("title", text=_named(dot))
        parts.append(shape("circle", css="chart-point", cx=at, cy=low, r=size, text=label))
    return drawing(kind, width, height, title, summary, parts)


def _many(places: Sequence[tuple[float, float, float]], size: int) -> Iterator[SafeString]:
    """Thousands of dots as one line of points, and their ranges as another; where two would
    fall on the same spot, one is drawn."""
    ranges = dict.fromkeys(f"M{at:g},{low:g}V{high:g}" for at, low, high in places if high < low)
    if ranges:
        yield shape("path", css="chart-whisker", d="".join(ranges))
    spots = dict.fromkeys(f"M{at:.0f},{low:.0f}h0" for at, low, _high in places)
    yield shape("path", css="chart-points", stroke_width=2 * size - 2, d="".join(spots))


def _named(dot: SchoolDot) -> str:
    return _("%(school)s: %(rate)s of %(seniors)s") % {
        "school": dot.name,
        "rate": dot.text,
        "seniors": formats.number(dot.seniors),
    }


def _ends(dots: Sequence[SchoolDot]) -> tuple[int, int]:
    """Round numbers around the smallest and the largest class."""
    smallest, largest = min(d.seniors for d in dots), max(d.seniors for d in dots)
    least = max((size for size in SIZES if size <= smallest), default=SIZES[0])
    most = min((size for size in SIZES if size >= largest and size > least), default=largest)
    return least, most


def _axes(
    x: Scale, y: Scale, ticks: list[float], least: int, most: int, rtl: bool
) -> Iterator[SafeString]:
    near, far = min(x.start, x.end), max(x.start, x.end)
    anchor, edge = ("start", far + 8) if rtl else ("end", near - 8)
    for tick in ticks:
        at = y(tick / 100)
        css = "chart-grid" if tick else "chart-axis-line"
        yield shape("line", css=css, x1=near, x2=far, y1=at, y2=at)
        text = formats.percent(tick / 100, 0)
        yield shape("text", css="chart-label", x=edge, y=at + 4, text_anchor=anchor, text=text)
    for size in (size for size in SIZES if least <= size <= most):
        yield shape(
            "text",
            css="chart-label",
            x=x(math.log(size)),
            y=y.start + 18,
            text_anchor="middle",
            text=formats.number(size),
        )
    yield shape(
        "text",
        css="chart-label",
        x=(near + far) / 2,
        y=y.start + 38,
        text_anchor="middle",
        text=_("Seniors"),
    )
