"""A state's counties, coloured by completion rate (or, before any file, empty)."""

from __future__ import annotations

from completion.charts.frame import Chart
from completion.standing import GroupStanding
from schools.models import State


def county_map(group: GroupStanding, state: State) -> Chart | None:
    """None where no outlines are shipped for the state."""
    return None
