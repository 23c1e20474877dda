"""What the API answers with. Every number is one that may be told (suppression.py)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Field, Schema

from completion import suppression
from completion.bands import Told
from completion.beside_state import Gap
from completion.changes import Line, Moved
from completion.figures import Row
from completion.history import Point
from completion.rates import Count, Rate
from completion.standing import GroupStanding, SchoolStanding
from completion.suppression import Shown
from schools.models import School

BESIDE = "Points ahead of the state's completion rate on the same day; behind where negative."


class Figure(Schema):
    """A count, rate (percent) or change. The truth lies between `low` and `high`; both are null
    where nothing may be told."""

    text: str = Field(description="As the pages show it, in the language asked for.")
    low: float | None
    high: float | None
    hidden: bool = Field(description="Wholly or partly withheld because it is small.")

    @classmethod
    def count(cls, count: Count | None) -> Figure:
        shown = suppression.count(count)
        bounds = suppression.bounds(count)
        if count is None or bounds is None:
            return cls.of(shown)
        return cls(text=shown.text, low=bounds[0], high=bounds[1], hidden=shown.small)

    @classmethod
    def rate(cls, rate: Rate | None) -> Figure:
        shown = suppression.rate(rate)
        if rate is None or shown.small or shown.empty:
            return cls.of(shown)
        low, high = round(100 * rate.low, 1), round(100 * rate.high, 1)
        return cls(text=shown.text, low=low, high=high, hidden=False)

    @classmethod
    def gap(cls, gap: Gap | None) -> Figure:
        if gap is None:
            return cls.of(suppression.NO_FIGURE)
        low, high = round(gap.low, 1), round(gap.high, 1)
        return cls(text=gap.points.text, low=low, high=high, hidden=False)

    @classmethod
    def of(cls, shown: Shown) -> Figure:
        """A figure that is words only, or one exact number."""
        exact = shown.order if not (shown.small or shown.empty) else None
        return cls(text=shown.text, low=exact, high=exact, hidden=shown.small)


class Week(Schema):
    as_of: dt.date
    submitted: Figure
    completed: Figure

    @classmethod
    def of(cls, point: Point) -> Week:
        return cls(
            as_of=point.as_of,
            submitted=Figure.count(point.submitted),
            completed=Figure.count(point.completed),
        )


class Comparison(Schema):
    """The newest figures against earlier ones: the change, as the pages word it."""

    against: str
    day: str
    completed: str
    completed_percent: str
    submitted: str
    submitted_percent: str

    @classmethod
    def of(cls, line: Line) -> Comparison:
        def words(moved: Moved) -> tuple[str, str]:
            return moved.change.text, moved.relative.text

        completed, completed_percent = words(line.completed)
        submitted, submitted_percent = words(line.submitted)
        return cls(
            against=line.label,
            day=line.day,
            completed=completed,
            completed_percent=completed_percent,
            submitted=submitted,
            submitted_percent=submitted_percent,
        )


class Band(Schema):
    """The federal file's own band of a district's rate, in whole percents; null where it is
    missing, or would tell of a few students."""

    as_of: dt.date
    low: int | None
    high: int | None

    @classmethod
    def of(cls, told: Told) -> Band:
        return cls(as_of=told.as_of, low=told.low, high=told.high)


class Standing(Schema):
    """Where a place or school stands in a cycle."""

    id: str
    name: str
    state: str
    made_up: bool = Field(description="Invented for the demonstration.")
    cycle: str
    as_of: dt.date | None
    seniors: Figure
    submitted: Figure
    completed: Figure
    rate: Figure = Field(description="Completed, in percent of the seniors.")
    submitted_rate: Figure

    @staticmethod
    def figures(standing: SchoolStanding | GroupStanding) -> dict[str, Any]:
        latest = standing.latest
        return {
            "cycle": standing.cycle,
            "as_of": latest.as_of if latest else None,
            "submitted": Figure.count(latest.submitted if latest else None),
            "completed": Figure.count(latest.completed if latest else None),
            "rate": Figure.rate(standing.rate()),
            "submitted_rate": Figure.rate(standing.rate("submitted")),
        }


class SchoolOut(Standing):
    district: str
    city: str
    since_last: Figure = Field(description="Completed since the last snapshot.")
    last_cycle: Figure = Field(description="Completed against the same week of last cycle.")

    @classmethod
    def of(cls, row: Row) -> SchoolOut:
        school = row.standing.school
        return cls(
            **cls.about(school),
            **cls.figures(row.standing),
            seniors=Figure.of(row.seniors),
            since_last=Figure.of(row.change),
            last_cycle=Figure.of(row.last_year),
        )

    @staticmethod
    def about(school: School) -> dict[str, Any]:
        return {
            "id": school.nces_id,
            "name": school.name,
            "state": school.state_id,
            "made_up": school.state.made_up,
            "district": school.district.name if school.district else "",
            "city": school.city,
        }


class SchoolWithWeeks(SchoolOut):
    weeks: list[Week]
    last_weeks: list[Week] = Field(description="Of the cycle before.")
    changes: list[Comparison]
    beside_state: Figure = Field(description=BESIDE)


class PlaceOut(Standing):
    """A state, region, county or district; all its schools added up."""

    schools: int = Field(description="How many have a figure in this cycle.")
    cycles: list[str]
    weeks: list[Week]
    last_weeks: list[Week]
    changes: list[Comparison]
    beside_state: Figure = Field(description=BESIDE)
    federal_bands: list[Band] = Field(description="Of a district, newest first.")


class PlaceName(Schema):
    kind: str
    id: str
    name: str


class SchoolPage(Schema):
    count: int
    page: int
    pages: int
    schools: list[SchoolOut]


def seniors(group: GroupStanding) -> Figure:
    number = group.seniors
    return Figure.of(suppression.seniors(number) if number else suppression.NO_FIGURE)
