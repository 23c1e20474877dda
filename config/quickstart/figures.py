"""Made-up weekly counts for the made-up schools: this cycle so far, and all of the last one."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from config.quickstart import seniors
from config.quickstart.places import PLACES
from schools.models import Cycle

HEADERS = ("school_id", "name", "date", "submitted", "completed")


def fridays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The Fridays from `first` to `last`: when Federal Student Aid publishes."""
    day = first + dt.timedelta(days=(4 - first.weekday()) % 7)
    while day <= last:
        yield day
        day += dt.timedelta(days=7)


def opening(cycle: Cycle) -> dt.date:
    """1 October before the award year: the FAFSA Deadline Act's date, from 2026-27 on."""
    return dt.date(cycle.first_year - 1, 10, 1)


def rows(cycle: Cycle, today: dt.date, reminded: dt.date) -> Iterator[dict[str, str]]:
    """One row a school and Friday, for `cycle` up to today and for the one before up to June."""
    before = Cycle(name=cycle.previous_name)
    spans = (
        (before, dt.date(before.first_year, 6, 30), None),
        (cycle, today, reminded),
    )
    for each, last, reminder in spans:
        opened = opening(each)
        for place in PLACES:
            for school in place.schools:
                size = school.seniors if each is cycle else school.seniors_before
                # Only the first district has sent a reminder.
                own = reminder if place is PLACES[0] else None
                those = seniors.courses(school, opened, size, own)
                for day in fridays(opened + dt.timedelta(days=7), min(last, today)):
                    submitted, completed = seniors.counts(those, day)
                    yield {
                        "school_id": school.nces_id,
                        "name": school.name,
                        "date": day.isoformat(),
                        "submitted": str(submitted),
                        "completed": str(completed),
                    }


def write(path: Path, cycle: Cycle, today: dt.date, reminded: dt.date) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS)
        writer.writeheader()
        writer.writerows(rows(cycle, today, reminded))
