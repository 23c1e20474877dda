"""When things happened in the demonstration: counted back from today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.quickstart.figures import opening
from schools.models import Cycle

ZONE = ZoneInfo("America/Los_Angeles")
TUESDAY = 1


@dataclass(frozen=True)
class Moments:
    """Today, the award year that its seniors file for, and the reminder's hour some weeks ago."""

    now: dt.datetime
    cycle: Cycle

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(ZONE).date()

    @property
    def opened(self) -> dt.date:
        return opening(self.cycle)

    @property
    def reminder(self) -> dt.datetime:
        """A Tuesday afternoon about three weeks ago; never before the form opened."""
        day = self.today - dt.timedelta(days=21)
        day -= dt.timedelta(days=(day.weekday() - TUESDAY) % 7)
        day = min(max(day, self.opened + dt.timedelta(days=3)), self.today - dt.timedelta(days=1))
        return dt.datetime.combine(day, dt.time(16, 30), ZONE)

    @property
    def evening(self) -> dt.datetime:
        """The afternoon before a first evening at the school, days after the form opened."""
        day = min(self.opened + dt.timedelta(days=8), self.reminder.date() - dt.timedelta(days=1))
        return dt.datetime.combine(day, dt.time(15, 0), ZONE)

    @property
    def tomorrow(self) -> dt.datetime:
        """Tomorrow at an hour when families are home."""
        return dt.datetime.combine(self.today + dt.timedelta(days=1), dt.time(16, 0), ZONE)


def at(now: dt.datetime) -> Moments:
    """The demonstration's moments as seen from `now`."""
    cycle, _made = Cycle.objects.get_or_create(name=Cycle.name_on(now.astimezone(ZONE).date()))
    return Moments(now, cycle)
