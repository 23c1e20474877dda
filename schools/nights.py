"""What runs by itself at an hour of the night (or of one day a week): each room enters its own.

A room names its task where it is set up (`apps.py`); the worker, which knows no room above its
own, schedules all that was entered.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone


@dataclass(frozen=True)
class Job:
    """A task by its dotted name, at an hour by this install's clock."""

    name: str
    task: str
    at: dt.time
    weekday: int | None = None  # Monday is 0; None: every night

    def next_after(self, now: dt.datetime) -> dt.datetime:
        """The first time later than `now` that it is to run."""
        local = timezone.localtime(now)
        day = local.date()
        while True:
            moment = timezone.make_aware(dt.datetime.combine(day, self.at))
            if moment > local and self.weekday in (None, day.weekday()):
                return moment
            day += dt.timedelta(days=1)


_JOBS: dict[str, Job] = {}


def enter(name: str, task: str, *, at: dt.time, weekday: int | None = None) -> None:
    """Enters a job; entering it again changes it."""
    _JOBS[name] = Job(name, task, at, weekday)


def jobs() -> list[Job]:
    """All jobs, in the order of their entering."""
    return list(_JOBS.values())
