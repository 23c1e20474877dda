"""Where schools stand: the newest counts, the ones before, the same week of the last cycle."""

from completion.standing.group import GroupStanding, Moved
from completion.standing.reading import of_schools, series_of, told
from completion.standing.school import (
    SchoolStanding,
    Series,
    has_figures,
    newest_day,
    stand,
)
from completion.standing.seniors import Seniors, seniors_by_year
from completion.standing.trend import Measure, Since, Trend

__all__ = [
    "GroupStanding",
    "Measure",
    "Moved",
    "SchoolStanding",
    "Seniors",
    "Series",
    "Since",
    "Trend",
    "has_figures",
    "newest_day",
    "of_schools",
    "seniors_by_year",
    "series_of",
    "stand",
    "told",
]
