"""Made-up seniors: who they are at home, and how each one's application goes.

The same seed tells the same story. A senior's days drive both the student's own status and the
school's weekly count, so the figures of a made-up school agree with its made-up families.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from config.quickstart.places import HighSchool
from contacts.models import AidStatus

# Of those who have not yet submitted, how many do on an ordinary day of the season.
DAILY = 0.0072
# In the days after a reminder, by day: a bump that fades.
BUMP = (3.4, 3.0, 2.6, 2.2, 1.9, 1.6, 1.4, 1.3, 1.2, 1.1)
STUCK = 0.15  # submitted, and waits for a signature or a correction


@dataclass(frozen=True)
class Course:
    """The days on which one application moved; None where it has not."""

    started: dt.date | None = None
    submitted: dt.date | None = None
    stuck: dt.date | None = None
    completed: dt.date | None = None

    def moves(self) -> list[tuple[dt.date, AidStatus]]:
        """Each change of status, in order of time."""
        days = [
            (self.started, AidStatus.IN_PROGRESS),
            (self.submitted, AidStatus.SUBMITTED),
            (self.stuck, AidStatus.ACTION_NEEDED),
            (self.completed, AidStatus.COMPLETED),
        ]
        return [(day, status) for day, status in days if day is not None]


def course(
    chance: random.Random, opened: dt.date, pace: float, reminded: dt.date | None = None
) -> Course:
    """One senior's course from the day the form opened; a reminder quickens it for a while."""
    day, submitted = opened, None
    for day in (opened + dt.timedelta(days=n) for n in range(1, 270)):
        rate = DAILY * pace * (0.4 if day.weekday() >= 5 else 1.0)
        if reminded and 0 <= (day - reminded).days < len(BUMP):
            rate *= BUMP[(day - reminded).days]
        if chance.random() < rate:
            submitted = day
            break
    lead = dt.timedelta(days=chance.randint(1, 12))
    review = dt.timedelta(days=chance.randint(3, 9))
    repair = dt.timedelta(days=chance.randint(14, 60))
    stuck = chance.random() < STUCK
    if submitted is None:
        return Course()
    return Course(
        started=max(opened, submitted - lead),
        submitted=submitted,
        stuck=submitted + review if stuck else None,
        completed=submitted + review + (repair if stuck else dt.timedelta()),
    )


def courses(
    school: HighSchool, opened: dt.date, seniors: int, reminded: dt.date | None = None
) -> list[Course]:
    """Each senior's course at one school in one cycle."""
    chance = random.Random(f"{school.nces_id} {opened.year}")
    return [course(chance, opened, school.pace, reminded) for _ in range(seniors)]


def counts(those: list[Course], day: dt.date) -> tuple[int, int]:
    """How many had submitted, and how many completed, by the end of a day."""
    submitted = sum(1 for one in those if one.submitted and one.submitted <= day)
    completed = sum(1 for one in those if one.completed and one.completed <= day)
    return submitted, completed
