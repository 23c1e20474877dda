"""The part of the day in which a family wants to be written to, within the lawful hours."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from campaigns.timing import quiet_hours
from contacts.models import Hours
from schools.models import District

HOURS: dict[str, tuple[dt.time, dt.time]] = {
    Hours.MORNING: (dt.time(8), dt.time(12)),
    Hours.AFTERNOON: (dt.time(12), dt.time(17)),
    Hours.EVENING: (dt.time(17), dt.time(21)),
}


def waiting(
    now: dt.datetime, *, state: str, zone: str, district: District | None = None
) -> tuple[str, ...]:
    """The parts of the day whose families wait at `now`, because it is in another part.

    A wish that the lawful hours of the day leave no room for is not held against the family: it
    is written to in the lawful hours.
    """
    zones = [name.strip() for name in zone.split(",") if name.strip()]
    return tuple(
        part for part in HOURS if any(_waits(now, part, state, each, district) for each in zones)
    )


def _waits(now: dt.datetime, part: str, state: str, zone: str, district: District | None) -> bool:
    local = now.astimezone(ZoneInfo(zone))
    opens, closes = quiet_hours.window(local.date(), state=state, district=district)
    begins, ends = max(opens, HOURS[part][0]), min(closes, HOURS[part][1])
    return begins < ends and not begins <= local.time() < ends
