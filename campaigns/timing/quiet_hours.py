"""When a family may be written to: its own lawful local hours, from `quiet_hours.toml`.

The strictest of the federal, state and district rules, in every zone where the family may be.
A state that the table does not know gets the strictest of all its rows.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.timing import holidays
from schools.models import District

TABLE = Path(__file__).with_name("quiet_hours.toml")
DAY = dt.timedelta(days=1)
LOOK_AHEAD = 90  # days: longer than any message waits and any district is silent
Window = tuple[dt.time, dt.time]
CLOSED: Window = (dt.time(12), dt.time(12))


@dataclass(frozen=True)
class Rule:
    """One state's hours: a window a weekday (Monday first), and where they are written."""

    week: tuple[Window, ...]
    source: str
    holiday: Window | None = None  # None: a holiday is like any day
    holidays: tuple[str, ...] = ()  # the state's own, beside the federal ones
    also_in: str = ""  # a zone whose clock must allow it too
    note: str = ""

    def on(self, day: dt.date) -> Window:
        """The window of a day; from == until means not at all."""
        usual = self.week[day.weekday()]
        if self.holiday is None:
            return usual
        is_one = holidays.is_kept(day, holidays.FEDERAL) or holidays.is_kept(day, self.holidays)
        return _narrowest([usual, self.holiday]) if is_one else usual


def rule_of(state: str) -> Rule:
    """The rule of a state, already narrowed to the federal window."""
    rules, strictest = _table()
    return rules.get(state, strictest)


def window(day: dt.date, *, state: str, district: District | None = None) -> Window:
    """The lawful hours of a local day; a district may tighten them and never widen them."""
    hours = _by_law(state, day)
    if district is None:
        return hours
    if district.is_silent_on(day):
        return CLOSED
    own = (district.quiet_until or dt.time.min, district.quiet_from or dt.time.max)
    return _narrowest([hours, own])


def is_open(now: dt.datetime, *, state: str, zone: str, district: District | None = None) -> bool:
    """True if `now` is lawful in every one of the zones (comma-separated IANA names)."""
    return all(_open_in(now, state, each, district) for each in _zones(zone, state))


def next_open(
    now: dt.datetime, *, state: str, zone: str, district: District | None = None
) -> dt.datetime | None:
    """The first lawful moment from `now` on, in UTC; None if none comes within three months."""
    if is_open(now, state=state, zone=zone, district=district):
        return now
    # Whenever all zones are open, the last one to open has just opened.
    openings = _edges(now, state, zone, district, edge=0)
    later = (each for each in openings if is_open(each, state=state, zone=zone, district=district))
    return next(later, None)


def next_close(
    now: dt.datetime, *, state: str, zone: str, district: District | None = None
) -> dt.datetime:
    """The end of the lawful time that `now` is in; `now` itself if it is in none."""
    if not is_open(now, state=state, zone=zone, district=district):
        return now
    # All zones are open until the first of them closes.
    return next(_edges(now, state, zone, district, edge=1))


def _edges(
    now: dt.datetime, state: str, zone: str, district: District | None, *, edge: int
) -> Iterator[dt.datetime]:
    """Moments after `now` at which some zone opens (edge 0) or closes (edge 1), in order."""
    zones = [ZoneInfo(each) for each in _zones(zone, state)]
    local = {each.key: now.astimezone(each).date() for each in zones}
    for offset in range(-1, LOOK_AHEAD):
        found = []
        for each in zones:
            day = local[each.key] + offset * DAY
            hours = window(day, state=state, district=district)
            if hours[0] < hours[1]:
                moment = dt.datetime.combine(day, hours[edge], tzinfo=each)
                found.append(moment.astimezone(dt.UTC))
        yield from (moment for moment in sorted(found) if moment > now)


def _open_in(now: dt.datetime, state: str, zone: str, district: District | None) -> bool:
    local = now.astimezone(ZoneInfo(zone))
    start, end = window(local.date(), state=state, district=district)
    return start <= local.time() < end


def _zones(zone: str, state: str) -> list[str]:
    names = [name.strip() for name in zone.split(",") if name.strip()]
    also = rule_of(state).also_in
    return [*names, also] if also and also not in names else names


@lru_cache(maxsize=10_000)
def _by_law(state: str, day: dt.date) -> Window:
    return rule_of(state).on(day)


def _narrowest(windows: Iterable[Window]) -> Window:
    both = list(windows)
    start, end = max(w[0] for w in both), min(w[1] for w in both)
    return (start, end) if start < end else CLOSED


@cache
def _table() -> tuple[dict[str, Rule], Rule]:
    """The rule of each state, and the strictest of them all."""
    read = tomllib.loads(TABLE.read_text())
    federal = _window(read["federal"]["window"])
    rules = {
        state: Rule((federal,) * 7, read["federal"]["source"])
        for state in read["federal_only"]["states"]
    }
    for state, row in read["states"].items():
        saturday, sunday = row.get("saturday", row["days"]), row.get("sunday", row["days"])
        week = [*([row["days"]] * 5), saturday, sunday]
        rules[state] = Rule(
            tuple(_narrowest([federal, _window(each)]) for each in week),
            row["source"],
            holiday=_window(row["holiday"]) if "holiday" in row else None,
            holidays=tuple(row.get("holidays", ())),
            also_in=row.get("also_in", ""),
            note=row.get("note", ""),
        )
    week_of_all = tuple(
        _narrowest(rule.week[weekday] for rule in rules.values()) for weekday in range(7)
    )
    every_holiday = {each for rule in rules.values() for each in rule.holidays}
    strictest = Rule(
        week_of_all,
        "the strictest of all rows",
        holiday=CLOSED,
        holidays=tuple(sorted(every_holiday)),
    )
    return rules, strictest


def _window(pair: list[str]) -> Window:
    return (dt.time.fromisoformat(pair[0]), dt.time.fromisoformat(pair[1])) if pair else CLOSED
