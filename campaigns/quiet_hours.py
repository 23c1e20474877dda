"""When a family may be written to: its own lawful local hours, from `data/quiet_hours.toml`.

The strictest of the federal, state and district rules, in every zone where the family may be.
A state that the table does not know gets the strictest of all its rows.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from schools.models import District

TABLE = Path(__file__).parent / "data" / "quiet_hours.toml"
SUNDAY = 6
DAY = dt.timedelta(days=1)
Window = tuple[dt.time, dt.time]
CLOSED: Window = (dt.time(12), dt.time(12))


@dataclass(frozen=True)
class Rule:
    """One state's hours: a window a weekday (Monday first), and where they are written."""

    week: tuple[Window, ...]
    holidays: bool
    source: str

    def on(self, day: dt.date) -> Window:
        """The window of a day; from == until means not at all."""
        if not self.holidays and is_federal_holiday(day):
            return CLOSED
        return self.week[day.weekday()]


def rule_of(state: str) -> Rule:
    """The rule of a state, already narrowed to the federal window."""
    rules, strictest = _table()
    return rules.get(state, strictest)


def window(day: dt.date, *, state: str, district: District | None = None) -> Window:
    """The lawful hours of a local day; a district may tighten them and never widen them."""
    hours = rule_of(state).on(day)
    if district is None:
        return hours
    own = (district.quiet_until or dt.time.min, district.quiet_from or dt.time.max)
    return _narrowest([hours, own])


def is_open(now: dt.datetime, *, state: str, zone: str, district: District | None = None) -> bool:
    """True if `now` is lawful in every one of the zones (comma-separated IANA names)."""
    return all(_open_in(now, state, each, district) for each in _zones(zone))


def next_open(
    now: dt.datetime, *, state: str, zone: str, district: District | None = None
) -> dt.datetime | None:
    """The first lawful moment from `now` on, in UTC; None if none comes within two weeks."""
    if is_open(now, state=state, zone=zone, district=district):
        return now
    openings = []
    for each in _zones(zone):
        local = now.astimezone(ZoneInfo(each)).date()
        for offset in range(-1, 15):
            day = local + offset * DAY
            start, end = window(day, state=state, district=district)
            if start < end:
                moment = dt.datetime.combine(day, start, tzinfo=ZoneInfo(each))
                openings.append(moment.astimezone(dt.UTC))
    # Whenever all zones are open, the last one to open has just opened.
    later = (
        moment
        for moment in sorted(openings)
        if moment > now and is_open(moment, state=state, zone=zone, district=district)
    )
    return next(later, None)


def is_federal_holiday(day: dt.date) -> bool:
    """True on the days of 5 U.S.C. 6103(a) and on the weekday on which they are observed."""
    return any(_holiday(each) for each in (day, *_observed_elsewhere(day)))


def _observed_elsewhere(day: dt.date) -> Iterable[dt.date]:
    """A holiday on a Saturday is kept on Friday, one on a Sunday on Monday."""
    if day.weekday() == 4:
        yield day + DAY
    if day.weekday() == 0:
        yield day - DAY


def _holiday(day: dt.date) -> bool:
    if (day.month, day.day) in {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}:
        return True
    nth = (day.day - 1) // 7 + 1
    if day.weekday() == 3:
        return (day.month, nth) == (11, 4)
    if day.weekday() != 0:
        return False
    last_of_may = day.month == 5 and day.day > 24
    return last_of_may or (day.month, nth) in {(1, 3), (2, 3), (9, 1), (10, 2)}


def _open_in(now: dt.datetime, state: str, zone: str, district: District | None) -> bool:
    local = now.astimezone(ZoneInfo(zone))
    start, end = window(local.date(), state=state, district=district)
    return start <= local.time() < end


def _zones(zone: str) -> Sequence[str]:
    return [name.strip() for name in zone.split(",") if name.strip()]


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
        state: Rule((federal,) * 7, True, read["federal"]["source"])
        for state in read["federal_only"]["states"]
    }
    for state, row in read["states"].items():
        saturday, sunday = row.get("saturday", row["days"]), row.get("sunday", row["days"])
        week = [*([row["days"]] * 5), saturday, sunday]
        rules[state] = Rule(
            tuple(_narrowest([federal, _window(each)]) for each in week),
            row.get("holidays", True),
            row["source"],
        )
    week_of_all = tuple(
        _narrowest(rule.week[weekday] for rule in rules.values()) for weekday in range(7)
    )
    return rules, Rule(week_of_all, False, "the strictest of all rows")


def _window(pair: list[str]) -> Window:
    return (dt.time.fromisoformat(pair[0]), dt.time.fromisoformat(pair[1])) if pair else CLOSED
