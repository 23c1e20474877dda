"""A nation's high schools and five cycles of weekly figures, made by the database itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

CYCLES, WEEKS = 5, 40
STATES = 50
REFERENCE = "WA"  # the largest of the made states bears a real one's name
IN_A_DISTRICT, REGIONS, COUNTIES = 8, 8, 20


def make(schools: int, students: int) -> list[str]:
    """Fills the database by a few large statements; returns its states, the largest first."""
    codes = _places(schools)
    ids = _schools(codes, schools)
    _snapshots(ids)
    if students:
        _students(students, ids, _cycles()[-1])
    return codes


def _cycles() -> list[str]:
    return [f"{2022 + n}-{23 + n}" for n in range(CYCLES)]


def _places(schools: int) -> list[str]:
    from schools.models import County, Region, State
    from schools.reference import known_states

    codes = [REFERENCE, *(c for c in known_states() if c != REFERENCE)][:STATES]
    State.objects.bulk_create(State(code=c, name=c, time_zone="UTC") for c in codes)
    Region.objects.bulk_create(
        Region(code=f"{c.lower()}-{n}", name=f"{c} {n}", state_id=c, is_public=n == 0)
        for c in codes
        for n in range(REGIONS)
    )
    County.objects.bulk_create(
        County(fips=f"{at:02d}{n:03d}", name=f"County {n} of {c}", state_id=c)
        for at, c in enumerate(codes)
        for n in range(COUNTIES)
    )
    return codes


def _schools(codes: list[str], schools: int) -> list[int]:
    """Fifty states of very unlike size; districts of eight schools."""
    from schools.models import Cycle, District, Enrolment, Region, School

    weights = [1 / (n + 3) for n in range(len(codes))]
    each = [max(1, round(schools * w / sum(weights))) for w in weights]
    regions = list(Region.objects.order_by("pk").values_list("pk", "state"))
    by_state = {c: [pk for pk, state in regions if state == c] for c in codes}
    inside = [max(1, count // IN_A_DISTRICT) for count in each]
    District.objects.bulk_create(
        (
            District(
                nces_id=f"{at:02d}{n:05d}",
                name=f"{code} district {n}",
                state_id=code,
                region_id=by_state[code][n % REGIONS],
                county_id=f"{at:02d}{n % COUNTIES:03d}",
            )
            for at, (code, districts) in enumerate(zip(codes, inside, strict=True))
            for n in range(districts)
        ),
        batch_size=1000,
    )
    pks = dict(District.objects.values_list("nces_id", "pk"))
    School.objects.bulk_create(
        (
            School(
                nces_id=f"{at:02d}{n % inside[at]:05d}{n:05d}",
                name=f"School {n} of {code}",
                city="City",
                state_id=code,
                district_id=pks[f"{at:02d}{n % inside[at]:05d}"],
                high_grade="12",
                low_income_percent=n % 100,
            )
            for at, (code, count) in enumerate(zip(codes, each, strict=True))
            for n in range(count)
        ),
        batch_size=1000,
    )
    ids = list(School.objects.order_by("pk").values_list("pk", flat=True))
    Cycle.objects.bulk_create(Cycle(name=name) for name in _cycles())
    for name in _cycles():
        year = Cycle(name=name).senior_year
        Enrolment.objects.bulk_create(
            (Enrolment(school_id=pk, school_year=year, grade12=20 + pk % 400, source="bench")
             for pk in ids), batch_size=2000,
        )  # fmt: skip
    return ids


def _snapshots(ids: list[int]) -> None:
    """A federal file a week: counts grow to over half of the class, small ones are hidden."""
    from django.db import connection

    from completion.models import SourceFile

    rest = "'[]', 0" if connection.vendor == "sqlite" else "'[]'::jsonb, false"
    for name in _cycles():
        opened = dt.date(int(name[:4]) - 1, 10, 3)
        for week in range(WEEKS):
            day = opened + dt.timedelta(weeks=week)
            source = SourceFile.objects.create(
                name=f"{day}", sha256=f"{day}", as_of=day, cycle_id=name
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO completion_snapshot (source_id, school_id, cycle_id, as_of, "
                    "submitted, completed, submitted_hidden, completed_hidden, rows, superseded) "
                    "SELECT %s, s.id, %s, %s, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 70 < 5 THEN 0 "
                    "ELSE (20 + s.id %% 400) * %s / 70 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 80 < 5 THEN 0 "
                    "ELSE (20 + s.id %% 400) * %s / 80 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 70 < 5 THEN 1 ELSE 0 END, "
                    "CASE WHEN (20 + s.id %% 400) * %s / 80 < 5 THEN 1 ELSE 0 END, "
                    f"{rest} FROM schools_school s",
                    [source.pk, name, day, *([week] * 6)],
                )


def _students(students: int, schools: list[int], cycle: str) -> None:
    """Students beside them, whom no completion page should ever walk."""
    from contacts.models import Household, Student
    from schools.models import School

    district_of: dict[Any, Any] = dict(School.objects.values_list("pk", "district"))
    for start in range(0, students, 20_000):
        numbers = range(start, min(students, start + 20_000))
        homes = [Household(district_id=district_of[schools[n % len(schools)]]) for n in numbers]
        Household.objects.bulk_create(homes, batch_size=2000)
        Student.objects.bulk_create(
            (Student(district_id=home.district_id, school_id=schools[n % len(schools)],
                     household=home, cycle_id=cycle, sis_id=f"S{n}", first_name="A",
                     last_name="B", grade="12",
                     aid_status="completed" if n % 3 else "not_started")
             for n, home in zip(numbers, homes, strict=True)), batch_size=2000,
        )  # fmt: skip
