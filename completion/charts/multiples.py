"""One small picture a school, all to the same scale: the share of its class that has completed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.charts.frame import Scale, drawing, path, shape
from completion.charts.lines import Dot
from completion.figures import dots
from completion.standing import SchoolStanding
from completion.suppression import Shown

WIDTH, HEIGHT = 240, 110


@dataclass(frozen=True)
class Small:
    """A school's picture, with the numbers that stand behind it."""

    standing: SchoolStanding
    svg: SafeString
    now: Shown
    four_weeks: Shown
    last_year: Shown


@dataclass(frozen=True, slots=True)
class _Share:
    day: int  # of the cycle
    low: float
    high: float
    solid: bool


def small_multiples(schools: Iterable[SchoolStanding]) -> list[Small]:
    """A picture for each school with seniors and at least two figures."""
    drawn = []
    for school in schools:
        if not school.may_be_rated or len(school.points) < 2:
            continue
        rate, then = school.rate(), school.rate_last_year()
        four = school.rate_at(school.four_weeks)
        shown = suppression.rate(rate)
        drawn.append(
            Small(
                school,
                _draw(school, shown),
                shown,
                suppression.rate(four),
                suppression.rate(then),
            )
        )
    return drawn


def _draw(school: SchoolStanding, shown: Shown) -> SafeString:
    assert school.seniors and school.seniors.number
    first = int(school.cycle[:4]) - 1
    now = _shares(dots(school.points, "completed", worded=False), school.seniors.number, first)
    last = _shares(
        dots(school.last_points, "completed", worded=False),
        school.last_seniors.number if school.may_be_compared and school.last_seniors else None,
        first - 1,
    )
    until = max(273, *(share.day for share in now))
    last = [share for share in last if share.day <= until]
    since = min((share.day for share in (*now, *last)), default=0)
    ends = (WIDTH - 8, 8) if formats.right_to_left() else (8, WIDTH - 8)
    x, y = Scale(since, until, *ends), Scale(0, 1, HEIGHT - 6, 6)
    parts = [
        shape("line", css="chart-grid", x1=8, x2=WIDTH - 8, y1=y(half), y2=y(half))
        for half in (0.0, 0.5, 1.0)
    ]
    parts += _line(x, y, last, "chart-line chart-line--last-year")
    parts += [
        shape("line", css="chart-whisker", x1=x(s.day), x2=x(s.day), y1=y(s.low), y2=y(s.high))
        for s in now
        if s.high > s.low
    ]
    parts += _line(x, y, now, "chart-line")
    solid = [share for share in now if share.solid]
    if solid:
        newest = solid[-1]
        parts.append(
            shape(
                "circle", css="chart-dot chart-dot--last", cx=x(newest.day), cy=y(newest.low), r=4
            )
        )
    name = school.school.name
    description = _("Completed so far: %(rate)s of the class.") % {"rate": shown.text}
    return drawing("small", WIDTH, HEIGHT, name, description, parts)


def _shares(figures: Sequence[Dot], seniors: int | None, year: int) -> list[_Share]:
    """Told counts over the class, cut at all of it."""
    if not seniors:
        return []
    opened = dt.date(year, 10, 1)
    return [
        _Share(
            (dot.day - opened).days,
            min(1, dot.low / seniors),
            min(1, dot.high / seniors),
            dot.solid,
        )
        for dot in figures
    ]


def _line(x: Scale, y: Scale, shares: Sequence[_Share], css: str) -> list[SafeString]:
    solid = [(x(share.day), y(share.low)) for share in shares if share.solid]
    return [shape("path", css=css, d=path(solid))] if len(solid) > 1 else []
