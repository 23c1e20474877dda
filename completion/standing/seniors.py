"""The seniors of a class, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from schools.models import Enrolment, School


@dataclass(frozen=True, slots=True)
class Seniors:
    """Grade 12 of one school year; the number is None where published only as under ten."""

    number: int | None
    school_year: str
    source: str = ""


Classes = dict[str, Seniors]
"""A school's seniors by school year."""


def is_large(seniors: Seniors | None) -> bool:
    """True where the class may be shown."""
    return seniors is not None and (seniors.number or 0) >= settings.SMALL_COUNT


def seniors_by_year(schools: QuerySet[School]) -> dict[int, Classes]:
    """Each school's known classes (one query)."""
    years: dict[int, Classes] = {}
    rows = Enrolment.objects.filter(school__in=schools)
    for school, year, number, source in rows.values_list(
        "school_id", "school_year", "grade12", "source"
    ):
        years.setdefault(school, {})[year] = Seniors(number, year, source)
    return years
