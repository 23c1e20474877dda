"""Which cycles a cycle is compared with, and how their days stand against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from schools.models import Cycle

FURTHEST = 3  # years; who compares with an older class compares two worlds


@dataclass(frozen=True)
class Calendar:
    """When the form of each known cycle opened."""

    opened: Mapping[str, dt.date] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Calendar:
        """From the cycles with a known day (one query)."""
        known = Cycle.objects.filter(opened_on__isnull=False)
        return cls({name: day for name, day in known.values_list("name", "opened_on") if day})

    def opened_on(self, cycle: str) -> dt.date:
        """When the form opened; by 1 October of the year before where nobody said."""
        return self.opened.get(cycle) or dt.date(int(cycle[:4]) - 1, 10, 1)

    def on_time(self, cycle: str) -> bool:
        """True for a cycle whose form opened by mid-October; 2024-25 and 2025-26 did not."""
        return self.opened_on(cycle) <= dt.date(int(cycle[:4]) - 1, 10, 15)

    @staticmethod
    @cache  # asked for each of a nation's schools
    def last(cycle: str) -> str:
        """The cycle before."""
        return Cycle(name=cycle).previous_name

    def normal(self, cycle: str) -> str:
        """The nearest cycle before that opened on time; the last one where none did lately."""
        last = name = self.last(cycle)
        for _year in range(FURTHEST):
            if self.on_time(name):
                return name
            name = self.last(name)
        return last

    @staticmethod
    def years_between(cycle: str, earlier: str) -> int:
        """How many years lie between two cycles."""
        return int(cycle[:4]) - int(earlier[:4])

    def same_age(self, day: dt.date, cycle: str, earlier: str) -> dt.date:
        """The day of an earlier cycle that lies as many days after its form opened."""
        return self.opened_on(earlier) + (day - self.opened_on(cycle))

    def shift(self, cycle: str, earlier: str) -> int:
        """By how many days the form opened later in the cycle's year than in the earlier one."""
        there = self.opened_on(earlier)
        years = self.years_between(cycle, earlier)
        return (self.opened_on(cycle) - there.replace(year=there.year + years)).days


@cache
def senior_year(cycle: str) -> str:
    """The school year whose seniors a cycle counts."""
    return Cycle(name=cycle).senior_year
