"""A cycle beside the last one: lines by day of the cycle, bands where cells are hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from completion import formats
from completion.charts.frame import Chart, Scale, drawing, nice_ticks, path, shape, together


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure that may be shown: `low` to `high`; `solid` if a line may pass through it."""

    day: dt.date
    low: float
    high: float
    solid: bool
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A campaign's launch (or several of one day)."""

    day: dt.date
    label: str


@dataclass(frozen=True)
class Size:
    kind: str
    width: int
    height: int
    before: int = 44  # room for the numbers of the y axis
    after: int = 76  # room for the names at the lines' ends
    above: int = 18
    below: int = 26


WIDE = Size("wide", 720, 300)
NARROW = Size("narrow", 340, 250, before=38, after=14)
MIDDLE = Size("wide", 560, 290)  # two beside each other
NAME_OF_A_MARK = 100  # as wide as it may be


def cycle_lines(
    title: str,
    summary: str,
    *,
    cycle: str,
    dots: Sequence[Dot],
    last: Sequence[Dot] = (),
    marks: Sequence[Mark] = (),
    width: Size = WIDE,
) -> Chart:
    """This cycle's line over last cycle's, aligned by date.

    The axis ends with the later of the newest figure and the end of June; what last cycle reached
    afterwards is in the table only.
    """
    first_year = int(cycle[:4]) - 1
    opened, opened_last = dt.date(first_year, 10, 1), dt.date(first_year - 1, 10, 1)
    drawn = (title, summary, dots, last, marks, opened, opened_last)
    legend = [{"label": _("This cycle, %(cycle)s") % {"cycle": cycle}, "mark": "line"}]
    if last:
        legend.append({"label": _("Last cycle, same date"), "mark": "last-year"})
    if any(dot.high > dot.low for dot in (*dots, *last)):
        legend.append({"label": _("Range where small counts are hidden"), "mark": "band"})
    if marks:
        legend.append({"label": _("A campaign began"), "mark": "mark"})
    return Chart(
        title,
        summary,
        partial(_draw, width, *drawn),
        partial(_draw, NARROW, *drawn),
        legend,
        [_("Date"), _("This cycle"), _("Last cycle")],
        _table(dots, last),
    )


def _table(dots: Sequence[Dot], last: Sequence[Dot]) -> list[list[str]]:
    """Each cycle's figures; same dates of both cycles stand in one row."""
    rows: dict[tuple[int, int, int], list[str]] = {}
    for column, series in ((1, dots), (2, last)):
        for dot in series:
            year = dot.day.year + (column == 2)
            row = rows.setdefault((year, dot.day.month, dot.day.day), ["", "—", "—"])
            row[0] = row[0] or formats.day(dot.day)
            row[column] = dot.text
    return [rows[key] for key in sorted(rows)]


def _draw(
    size: Size,
    title: str,
    summary: str,
    dots: Sequence[Dot],
    last: Sequence[Dot],
    marks: Sequence[Mark],
    opened: dt.date,
    opened_last: dt.date,
) -> SafeString:
    places = [((dot.day - opened).days, dot) for dot in dots]
    last_places = [((dot.day - opened_last).days, dot) for dot in last]
    mark_days = [((mark.day - opened).days, mark) for mark in marks]
    newest = max((x for x, _dot in places), default=0)
    most_x = max(newest, 273)  # 30 June
    last_places = [(x, dot) for x, dot in last_places if x <= most_x]
    every = places + last_places
    least_x = min((x for x, _dot in every), default=0)
    least_x = min([least_x, *(x for x, _m in mark_days if x >= 0)])
    least_x = max(0, least_x - 6)
    top = max((dot.high for _x, dot in every), default=1)
    ticks = nice_ticks(top, 5)
    rtl = formats.right_to_left()
    left, right = (size.after, size.before) if rtl else (size.before, size.after)
    ends = (left, size.width - right)
    x = Scale(least_x, most_x, *(reversed(ends) if rtl else ends))
    y = Scale(0, ticks[-1], size.height - size.below, size.above)

    parts = [_axes(size, x, y, ticks, opened, rtl)]
    parts += _marks(size, x, [(d, mark) for d, mark in mark_days if least_x <= d <= most_x], rtl)
    parts += _series(x, y, last_places, last_year=True)
    parts += _series(x, y, places, last_year=False)
    if size.kind != "narrow":
        parts += _names(x, y, places, last_places, rtl)
    return drawing(size.kind, size.width, size.height, title, summary, parts)


def _axes(
    size: Size, x: Scale, y: Scale, ticks: list[float], opened: dt.date, rtl: bool
) -> SafeString:
    near, far = min(x.start, x.end), max(x.start, x.end)
    anchor, edge = ("start", far + 8) if rtl else ("end", near - 8)
    grid = [shape("line", x1=near, x2=far, y1=y(t), y2=y(t)) for t in ticks[1:]]
    names = [
        shape("text", x=edge, y=y(t) + 4, text_anchor=anchor, text=formats.number(t)) for t in ticks
    ]
    months = []
    base = size.height - size.below
    every = 1 if (x.most - x.least) < (300 if size.kind == "wide" else 130) else 2
    for index, first in enumerate(_months(opened, x.least, x.most)):
        place = x((first - opened).days)
        months.append(shape("line", x1=place, x2=place, y1=base, y2=base + 4))
        if index % every == 0:
            months.append(
                shape("text", x=place, y=base + 18, text_anchor="middle", text=formats.month(first))
            )
    return together(
        [
            shape("g", css="chart-grid", text=together(grid)),
            shape(
                "g",
                css="chart-axis",
                text=together([shape("line", x1=near, x2=far, y1=base, y2=base), *names, *months]),
            ),
        ]
    )


def _months(opened: dt.date, least: float, most: float) -> list[dt.date]:
    """The first of each month between two days of the cycle."""
    months = [
        dt.date(opened.year + (opened.month - 1 + n) // 12, (opened.month - 1 + n) % 12 + 1, 1)
        for n in range(20)
    ]
    return [first for first in months if least <= (first - opened).days <= most]


def _series(
    x: Scale, y: Scale, places: Sequence[tuple[int, Dot]], *, last_year: bool
) -> list[SafeString]:
    css = " chart-line--last-year" if last_year else ""
    parts: list[SafeString] = []
    for run in _ranges(places):
        over = [(x(day), y(dot.high)) for day, dot in run]
        under = [(x(day), y(dot.low)) for day, dot in reversed(run)]
        if len(run) == 1:  # a lone range is a bar, not a hair
            (px, top), (_px, low) = over[0], under[0]
            over, under = [(px - 3, top), (px + 3, top)], [(px + 3, low), (px - 3, low)]
        if not last_year:
            parts.append(shape("path", css="chart-band", d=path([*over, *under]) + "Z"))
    parts += [
        shape("path", css="chart-line" + css, d=path([(x(day), y(dot.low)) for day, dot in run]))
        for run in _runs(places, lambda dot: dot.solid)
    ]
    solid = [(day, dot) for day, dot in places if dot.solid]
    if last_year:
        return parts
    for index, (day, dot) in enumerate(solid):
        newest = index == len(solid) - 1
        title = shape("title", text=f"{formats.day(dot.day)}: {dot.text}")
        parts.append(
            shape(
                "circle",
                css="chart-dot chart-dot--last" if newest else "chart-dot",
                cx=x(day),
                cy=y(dot.low),
                r=5 if newest else 3,
                text=title,
            )
        )
    return parts


def _runs(
    places: Sequence[tuple[int, Dot]], wanted: Callable[[Dot], bool]
) -> list[list[tuple[int, Dot]]]:
    """Stretches of neighbours that fit: a gap in the figures is a gap in the line."""
    runs: list[list[tuple[int, Dot]]] = [[]]
    for day, dot in places:
        if wanted(dot):
            runs[-1].append((day, dot))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _ranges(places: Sequence[tuple[int, Dot]]) -> list[list[tuple[int, Dot]]]:
    """Stretches of ranges; a wholly hidden stretch does not run into one with figures."""
    solid = _runs(places, lambda dot: dot.solid and dot.high > dot.low)
    return solid + _runs(places, lambda dot: not dot.solid and dot.high > dot.low)


def _names(
    x: Scale,
    y: Scale,
    places: Sequence[tuple[int, Dot]],
    last_places: Sequence[tuple[int, Dot]],
    rtl: bool,
) -> list[SafeString]:
    """The newest figure at its line's end, and what last cycle had reached."""
    parts: list[SafeString] = []
    step, anchor = (-10, "end") if rtl else (10, "start")
    taken: tuple[float, float] | None = None
    for series, strong in ((places, True), (last_places, False)):
        solid = [(day, dot) for day, dot in series if dot.solid]
        if not solid:
            continue
        day, dot = solid[-1]
        at_x, at_y = x(day) + step, y(dot.low) + 4
        if taken and abs(at_x - taken[0]) < 70 and abs(at_y - taken[1]) < 14:
            at_y = taken[1] + (14 if at_y > taken[1] else -14)
        taken = taken or (at_x, at_y)
        css = "chart-label chart-label--strong" if strong else "chart-label"
        text = dot.text if strong else formats.number(dot.low)
        parts.append(shape("text", css=css, x=at_x, y=at_y, text_anchor=anchor, text=text))
    return parts


def _marks(size: Size, x: Scale, marks: Sequence[tuple[int, Mark]], rtl: bool) -> list[SafeString]:
    """Each campaign's line; its name as well where it does not run into the next line."""
    following = [day for day, _mark in marks[1:]]
    parts = []
    for (day, mark), after in zip_longest(marks, following):
        roomy = after is None or abs(x(after) - x(day)) >= NAME_OF_A_MARK
        parts.append(_mark(size, x, day, mark, rtl, named=size.kind == "wide" and roomy))
    return parts


def _mark(size: Size, x: Scale, day: int, mark: Mark, rtl: bool, *, named: bool) -> SafeString:
    place = x(day)
    beside, anchor = (-6, "end") if rtl else (6, "start")
    pieces = [
        shape(
            "line",
            css="chart-mark",
            x1=place,
            x2=place,
            y1=size.above - 6,
            y2=size.height - size.below,
            text=shape("title", text=mark.label),
        )
    ]
    if named:
        pieces.append(
            shape(
                "text",
                css="chart-mark__label",
                x=place + beside,
                y=size.above + 2,
                text_anchor=anchor,
                text=mark.label,
            )
        )
    return together(pieces)
