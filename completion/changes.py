"""How far a place has moved: since the last snapshot, in four weeks, against earlier cycles."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from completion import beside_state, formats, suppression
from completion.beside_state import Gap
from completion.figures import at_schools, compared
from completion.history import Point
from completion.rates import SAME_WEEK_DAYS
from completion.standing import GroupStanding, Measure, SchoolStanding, Since
from completion.suppression import NO_FIGURE, Shown
from schools.models import State

Standing = SchoolStanding | GroupStanding


@dataclass(frozen=True, slots=True)
class Moved:
    """One measure in one comparison: what it was, by how much it has changed, and where."""

    before: Shown
    change: Shown
    relative: Shown
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison; `day` is empty where nothing was published on the day to compare with."""

    label: str
    day: str
    completed: Moved
    submitted: Moved


@dataclass(frozen=True, slots=True)
class Changes:
    """What the panel shows: the lines, and in words how much of a gap has closed."""

    lines: list[Line]
    gap: str = ""
    late: str = ""
    beside_state: str = ""
    state_gap: Gap | None = None


def of(
    standing: Standing, state: State | None = None, among: GroupStanding | None = None
) -> Changes | None:
    """Every comparison of a school's or a group's newest figures; None without any figure.

    `among` are all schools of the `state`, to tell how far behind or ahead of it the place is.
    """
    if not standing.latest:
        return None
    lines = [_line(standing, since, label) for since, label in _comparisons(standing)]
    gap = beside_state.gap(standing, among)
    words = beside_state.in_words(gap, state.name if state else "")
    return Changes(lines, gap_in_words(standing), _late(standing), words, gap)


def _comparisons(standing: Standing) -> list[tuple[Since, str]]:
    """Against the last cycle and, if its form opened late, against the last that did not.

    By weeks since the form opened only where that is another week than the same date's.
    """
    calendar, cycle = standing.calendar, standing.cycle
    found: list[tuple[Since, str]] = [
        ("previous", _("Since the figures before")),
        ("four_weeks", _("In four weeks")),
    ]
    pairs: list[tuple[str, Since, Since]] = [
        (calendar.last(cycle), "last_year", "last_age"),
        (calendar.normal(cycle), "normal", "normal_age"),
    ]
    for earlier, by_date, by_age in pairs if pairs[0][0] != pairs[1][0] else pairs[:1]:
        name = {"cycle": earlier}
        found.append((by_date, _("Same date of %(cycle)s") % name))
        if abs(calendar.shift(cycle, earlier)) > SAME_WEEK_DAYS:
            found.append((by_age, _("As many weeks after the form opened in %(cycle)s") % name))
    return found


def _line(standing: Standing, since: Since, label: str) -> Line:
    before: Point | None = getattr(standing, since)
    return Line(
        label,
        formats.day(before.as_of) if before else "",
        _moved(standing, "completed", since),
        _moved(standing, "submitted", since),
    )


def _moved(standing: Standing, measure: Measure, since: Since) -> Moved:
    now, before, schools = compared(standing, measure, since)
    change = suppression.change(now, before)
    if change.empty:
        return Moved(NO_FIGURE, change, NO_FIGURE)
    relative = suppression.relative_change(now, before)
    hint = at_schools(schools) if schools else ""
    return Moved(suppression.count(before), change, relative, hint)


def gap_in_words(standing: Standing) -> str:
    """How far behind the last normal cycle's same date, now and four weeks ago; empty if unknown.

    Completed where all four figures are published, else submitted.
    """
    normal = standing.calendar.normal(standing.cycle)
    measures: list[tuple[Measure, str]] = [
        ("completed", _("Completed")),
        ("submitted", _("Submitted")),
    ]
    for measure, word in measures:
        found = standing.four(measure)
        if found is None:
            continue
        gap = suppression.gap(*found)
        if gap is None:
            continue
        then, now, closed = gap
        words = {
            "measure": word,
            "then": then,
            "now": now,
            "points": formats.number(abs(closed), 1),
            "cycle": normal,
        }
        if closed >= 0.05:
            return (
                _(
                    "%(measure)s: %(now)s against the same date of %(cycle)s, four weeks ago "
                    "%(then)s. The gap has closed by %(points)s points."
                )
                % words
            )
        if closed <= -0.05:
            return (
                _(
                    "%(measure)s: %(now)s against the same date of %(cycle)s, four weeks ago "
                    "%(then)s. The gap has widened by %(points)s points."
                )
                % words
            )
        return (
            _(
                "%(measure)s: %(now)s against the same date of %(cycle)s, as four weeks ago. "
                "The gap has not closed."
            )
            % words
        )
    return ""


def _late(standing: Standing) -> str:
    """Which forms opened late, so that the same date is not the same age."""
    calendar, cycle = standing.calendar, standing.cycle
    late = [
        _("%(cycle)s on %(day)s") % {"cycle": name, "day": formats.day(calendar.opened_on(name))}
        for name in (cycle, calendar.last(cycle))
        if not calendar.on_time(name)
    ]
    if not late:
        return ""
    return _("Forms that opened late: %(which)s.") % {"which": "; ".join(late)}
