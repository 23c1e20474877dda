"""The overview's cards: one place, its rate, its change, its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from completion import figures, formats, suppression
from completion.standing import GroupStanding, SchoolStanding
from completion.summaries import Summarised
from completion.suppression import Shown
from completion.visible import KEYS, Kind
from schools.models import District, Region, State


@dataclass(frozen=True)
class Card:
    place: Any
    group: GroupStanding
    rate: Shown
    completed: Shown
    submitted: Shown
    change: Shown
    last_year: Shown
    spark: SafeString
    seniors: str
    made_up: bool

    @property
    def cycle(self) -> str:
        return self.group.cycle


@dataclass(frozen=True)
class Section:
    title: str
    cards: list[Card]


def cards_for(
    standings: Sequence[SchoolStanding],
    states: Sequence[State],
    regions: Sequence[Region],
    districts: Sequence[District],
    ready: Mapping[tuple[str, str], GroupStanding],
) -> list[Section]:
    """Cards of each kind of place: those that are `ready`, else made from the same standings."""

    def region_of(s: SchoolStanding) -> int | None:
        region = s.school.effective_region
        return region.pk if region else None

    kinds: tuple[tuple[Kind, str, Sequence[Any], Any], ...] = (
        ("states", _("States"), states, lambda s: s.school.state_id),
        ("regions", _("Regions"), regions, region_of),
        ("districts", _("Districts"), districts, lambda s: s.school.district_id),
    )
    sections = []
    for depth, (kind, title, places, key) in enumerate(kinds):
        groups: dict[Any, list[SchoolStanding]] = {}
        for item in standings:
            groups.setdefault(key(item), []).append(item)
        cards = [
            card(
                place,
                ready.get((kind, getattr(place, KEYS[kind])))
                or GroupStanding(groups.get(place.pk, []), depth),
            )
            for place in places
        ]
        cards.sort(key=lambda c: (not c.cycle, c.made_up))
        if cards:
            sections.append(Section(title, cards))
    return sections


def card(place: Any, group: GroupStanding) -> Card:
    latest = group.latest
    since = group.moved("completed", "previous")
    year = group.moved("completed", "last_year") or group.moved("submitted", "last_year")
    state = place if isinstance(place, State) else place.state
    line = group.sparkline if isinstance(group, Summarised) else figures.sparkline(group)
    label = _("%(place)s: %(measure)s over this cycle") % {
        "place": place,
        "measure": _("submitted") if line and line.measure == "submitted" else _("completed"),
    }
    return Card(
        place,
        group,
        suppression.rate(group.rate()),
        suppression.count(latest.completed if latest else None),
        suppression.count(latest.submitted if latest else None),
        suppression.change(since.now, since.before) if since else suppression.NO_FIGURE,
        suppression.relative_change(year.now, year.before) if year else suppression.NO_FIGURE,
        line.drawn(label) if line else SafeString(""),
        formats.number(group.seniors),
        state.made_up,
    )
