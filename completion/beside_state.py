"""How far a place is behind or ahead of its state's rate on the same day."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from completion import formats, suppression
from completion.standing import GroupStanding, SchoolStanding
from completion.suppression import Shown


@dataclass(frozen=True, slots=True)
class Gap:
    """Both rates, and the place's less the state's in points; an interval where small counts
    leave one."""

    here: Shown
    state: Shown
    points: Shown
    low: float
    high: float


def gap(standing: SchoolStanding | GroupStanding, state: GroupStanding | None) -> Gap | None:
    """None where a rate may not be told, or the two are not of the same cycle and day."""
    if not state or not standing.latest or not state.latest:
        return None
    if (standing.cycle, standing.latest.as_of) != (state.cycle, state.latest.as_of):
        return None
    here, there = standing.rate(), state.rate()
    points = suppression.rate_change(here, there)
    shown = suppression.rate(here)
    if here is None or there is None or points.empty or shown.flag:
        return None
    moved = here.points_since(there)
    return Gap(shown, suppression.rate(there), points, moved.low, moved.high)


def in_words(found: Gap | None, state: str) -> str:
    """The gap as a sentence; empty without one."""
    if found is None:
        return ""
    low, high = round(found.low, 1), round(found.high, 1)
    words = {"here": found.here, "there": found.state, "state": state, "points": found.points}
    if low > 0:
        words["points"] = _span(low, high)
        text = _("%(here)s completed, in all of %(state)s %(there)s on the same day: %(points)s "
                 "points ahead.")  # fmt: skip
    elif high < 0:
        words["points"] = _span(-high, -low)
        text = _("%(here)s completed, in all of %(state)s %(there)s on the same day: %(points)s "
                 "points behind.")  # fmt: skip
    elif low == high == 0:
        text = _("%(here)s completed, as in all of %(state)s on the same day.")
    else:
        text = _("%(here)s completed, in all of %(state)s %(there)s on the same day: a difference "
                 "of %(points)s points.")  # fmt: skip
    return text % words


def _span(low: float, high: float) -> str:
    least, most = formats.number(low, 1), formats.number(high, 1)
    return least if least == most else f"{least}–{most}"
