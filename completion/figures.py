"""Standings as they are read: tiles, table rows, charts. Every figure passes suppression.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from completion import formats, suppression
from completion.charts.frame import Chart
from completion.charts.lines import MIDDLE, Dot, Mark, cycle_lines
from completion.charts.sparks import Spark, spark
from completion.history import Point
from completion.rates import Count
from completion.standing import GroupStanding, Measure, SchoolStanding, Since, Trend
from completion.suppression import Shown

MEASURES: tuple[Measure, ...] = ("completed", "submitted")


def dots(points: Iterable[Point], measure: Measure, *, worded: bool = True) -> list[Dot]:
    """A trend as it may be drawn; without words for pictures that have none."""
    drawn = []
    for point in points:
        count = getattr(point, measure)
        bounds = suppression.bounds(count)
        if bounds:
            low, high, solid = bounds
            text = suppression.count(count).text if worded else ""
            drawn.append(Dot(point.as_of, low, high, solid, text))
    return drawn


@dataclass(frozen=True)
class Row:
    """A school's line in a table."""

    standing: SchoolStanding
    seniors: Shown
    submitted: Shown
    completed: Shown
    rate: Shown
    change: Shown
    last_year: Shown
    rate_change: Shown
    submitted_rate: Shown

    ready: Spark | None = None

    @property
    def figures(self) -> tuple[Shown, ...]:
        """The columns of a page's table."""
        return (
            self.seniors, self.submitted, self.completed, self.rate, self.change, self.last_year
        )  # fmt: skip

    @property
    def spark(self) -> SafeString:
        """Completed by week, or submitted (`sparkline`)."""
        line = self.ready or sparkline(self.standing)
        school = {"school": self.standing.school.name}
        if line is None:
            return SafeString("")
        if line.measure == "completed":
            return line.drawn(_("Completed so far at %(school)s, and last cycle") % school)
        return line.drawn(_("Submitted so far at %(school)s, and last cycle") % school)


def sparkline(trend: Trend) -> Spark | None:
    """Completed by week; submitted where completions are published for less than three."""
    for measure in MEASURES:
        now = dots(trend.points, measure, worded=False)
        if sum(dot.solid for dot in now) > 2:
            return spark(measure, now, dots(trend.last_points, measure, worded=False))
    return None


def row(standing: SchoolStanding, line: Spark | None = None) -> Row:
    """A school's line; `line` is its spark where that is ready."""
    latest, seniors = standing.latest, standing.seniors
    return Row(
        standing,
        suppression.seniors(seniors.number, published_small=True)
        if seniors
        else suppression.NO_FIGURE,
        suppression.count(latest.submitted if latest else None),
        suppression.count(latest.completed if latest else None),
        suppression.rate(standing.rate()),
        suppression.change(*standing.pair("completed", "previous")),
        suppression.change(*standing.pair("completed", "last_year")),
        suppression.rate_change(standing.rate(), standing.rate_last_year()),
        suppression.rate(standing.rate("submitted")),
        line,
    )


SORTS = ("name", "seniors", "submitted", "completed", "rate", "change", "last_year")


def ordered(rows: Sequence[Row], sort: str) -> list[Row]:
    """By a column's shown values (so that the order tells no hidden one), empty ones last."""
    name = sort.removeprefix("-")
    by_name = sorted(rows, key=lambda r: (r.standing.school.name.casefold(), r.standing.school.pk))
    if name == "name":
        return by_name[::-1] if sort.startswith("-") else by_name
    filled = [r for r in by_name if getattr(r, name).order is not None]
    filled.sort(key=lambda r: getattr(r, name).order, reverse=sort.startswith("-"))
    return filled + [r for r in by_name if getattr(r, name).order is None]


def tiles(standing: SchoolStanding | GroupStanding) -> list[dict[str, Any]]:
    """The four figures at the head of a page: arguments of `components/stat.html`."""
    if not standing.latest:
        return []
    return [
        _rate_tile(standing),
        _count_tile(standing, "completed", _("Completed")),
        _count_tile(standing, "submitted", _("Submitted")),
        _year_tile(standing),
    ]


def _rate_tile(standing: SchoolStanding | GroupStanding) -> dict[str, Any]:
    shown = suppression.rate(standing.rate())
    tile = {"label": _("Completion rate"), "value": shown.text, "better": "up", "hint": shown.flag}
    if isinstance(standing, GroupStanding):
        now, before = standing.compared_rates()
        rate = standing.rate()
        if rate:
            tile["hint"] = ngettext(
                "of %(seniors)s seniors at %(n)s school with an enrolment",
                "of %(seniors)s seniors at %(n)s schools with an enrolment",
                standing.rated_count,
            ) % {"seniors": formats.number(rate.seniors), "n": formats.number(standing.rated_count)}
        else:
            tile["hint"] = _("Needs an enrolment: seniors of these schools are not known yet.")
    else:
        now, before = standing.rate(), standing.rate_last_year()
        if shown.empty:
            tile["hint"] = shown.flag or (
                _("Too few to tell.")
                if shown.small
                else _("Completions of this date are not published.")
                if standing.rate()
                else _("Needs an enrolment.")
            )
        elif not shown.flag and standing.seniors:
            tile["hint"] = _("of %(n)s seniors in %(year)s") % {
                "n": formats.number(standing.seniors.number or 0),
                "year": standing.seniors.school_year,
            }
    moved = suppression.rate_change(now, before)
    if not moved.empty:
        tile |= {
            "change": moved.text,
            "unit": _("points"),
            "change_label": _("against the same week of last cycle"),
        }
    return tile


def _count_tile(
    standing: SchoolStanding | GroupStanding, measure: Measure, label: str
) -> dict[str, Any]:
    latest, previous = standing.latest, standing.previous
    assert latest
    shown = suppression.count(getattr(latest, measure))
    if not getattr(latest, measure).known and not shown.small:
        shown = suppression.NO_FIGURE
    tile: dict[str, Any] = {"label": label, "value": shown.text, "better": "up"}
    if shown.small:
        tile["hint"] = _("Small counts are not shown.")
    elif measure == "submitted":
        rate = suppression.rate(standing.rate(measure))
        if not (rate.small or rate.empty):
            tile["hint"] = _("%(rate)s of the seniors") % {"rate": rate}
    if not previous:
        return tile
    now, before, schools = compared(standing, measure, "previous")
    moved = suppression.change(now, before)
    if not moved.empty:
        tile["change"] = moved.text
        tile["change_label"] = _("since %(day)s") % {"day": formats.short_day(previous.as_of)}
        if schools:
            hints = [at_schools(schools), tile.get("hint", "")]  # the change stands above them
            tile["hint"] = "; ".join(filter(None, hints))
    return tile


def _year_tile(standing: SchoolStanding | GroupStanding) -> dict[str, Any]:
    """Completions against last cycle's same week; submissions until completions are published."""
    tile: dict[str, Any] = {"label": _("Against the same week of last cycle"), "value": "—"}
    measures: list[tuple[Measure, str]] = [
        ("completed", _("completed")),
        ("submitted", _("submitted")),
    ]
    for measure, word in measures:
        now, before, schools = compared(standing, measure, "last_year")
        moved = suppression.relative_change(now, before)
        if not moved.empty:
            tile["value"] = moved.text
            tile["hint"] = _("%(now)s %(word)s, then %(before)s") % {
                "now": suppression.count(now),
                "before": suppression.count(before),
                "word": word,
            }
            if schools:
                tile["hint"] += ", " + at_schools(schools)
            return tile
    tile["hint"] = (
        _("Too few to compare.")
        if standing.last_year
        else _("No figure of that week was published.")
    )
    return tile


def compared(
    standing: SchoolStanding | GroupStanding, measure: Measure, since: Since
) -> tuple[Count | None, Count | None, int]:
    """The newest count, the one before, and over how many schools (0 for a school by itself)."""
    if isinstance(standing, GroupStanding):
        moved = standing.moved(measure, since)
        return (moved.now, moved.before, moved.schools) if moved else (None, None, 0)
    return (*standing.pair(measure, since), 0)


def at_schools(schools: int) -> str:
    """How many schools a comparison is made over."""
    return ngettext(
        "at the %(n)s school published on both days",
        "at the %(n)s schools published on both days",
        schools,
    ) % {"n": formats.number(schools)}


def charts(trend: Trend, cycle: str, marks: Sequence[Mark]) -> list[Chart]:
    """Completed and submitted by week, this cycle over the last."""
    drawn = []
    names: list[tuple[Measure, str]] = [
        ("completed", _("Completed")),
        ("submitted", _("Submitted")),
    ]
    for measure, title in names:
        now, last = dots(trend.points, measure), dots(trend.last_points, measure)
        if not now and not last:
            continue
        drawn.append(
            cycle_lines(
                title,
                _summary(cycle, trend, now),
                cycle=cycle,
                dots=now,
                last=last,
                marks=marks,
                width=MIDDLE,
            )
        )
    return drawn


def _summary(cycle: str, trend: Trend, now: Sequence[Dot]) -> str:
    solid = [dot for dot in now if dot.solid]
    if not solid:
        return _("Every count of %(cycle)s so far is small or hidden.") % {"cycle": cycle}
    text = _("%(count)s by %(day)s.") % {
        "count": solid[-1].text,
        "day": formats.day(solid[-1].day),
    }
    missing = len(now) - len(solid)
    if missing and not trend.points[0].completed.known:
        text += " " + _("A gap means that no figure was published, not zero.")
    return text
