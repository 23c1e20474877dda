"""A made-up district with two high schools, and files of families for it."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from schools.models import Cycle, District, Membership, Role, School, State, User

NOW = dt.datetime(2025, 11, 20, 18, tzinfo=dt.UTC)
HEADERS = [
    "student_id",
    "student_first_name",
    "student_last_name",
    "guardian_first_name",
    "guardian_last_name",
    "guardian_phone",
    "guardian_email",
    "language",
    "school",
    "grade",
    "path",
    "status",
]


def make_district(nces_id: str = "9900010", schools: int = 2) -> District:
    state, _new = State.objects.get_or_create(
        code="ZZ",
        defaults={"name": "Made-up", "time_zone": "America/Los_Angeles", "made_up": True},
    )
    Cycle.objects.get_or_create(name=Cycle.name_on(NOW.date()))
    district = District.objects.create(nces_id=nces_id, name=f"District {nces_id}", state=state)
    for number in range(1, schools + 1):
        School.objects.create(
            nces_id=f"{nces_id}{number:05d}",
            state_code=f"ZZ-99001-{number:04d}",
            name=["Lakeview High School", "Cedar Ridge High School", "Fern Hill"][number - 1],
            state=state,
            district=district,
        )
    return district


def counselor_of(school: School, email: str = "counselor@lakeview.example") -> User:
    user = User.objects.create_user(email, "secret")
    Membership.objects.create(user=user, role=Role.COUNSELOR, school=school)
    return user


def csv_of(*rows: dict[str, str], headers: list[str] | None = None) -> bytes:
    """A CSV with the given cells; what a row does not name is empty."""
    headers = headers or HEADERS
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def family(number: int = 1, **cells: str) -> dict[str, str]:
    """One plausible row; cells given by name replace its own."""
    return {
        "student_id": f"S{number:04d}",
        "student_first_name": f"Ana{number}",
        "student_last_name": "Lopez",
        "guardian_first_name": f"Maria{number}",
        "guardian_last_name": "Lopez",
        "guardian_phone": f"206-555-01{number:02d}" if number < 100 else "",
        "guardian_email": f"maria{number}@lakeview.example",
        "language": "Spanish",
        "school": "Lakeview High School",
        "grade": "12",
        "path": "",
        "status": "not started",
        **cells,
    }


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def school(district: District) -> School:
    return district.schools.get(name="Lakeview High School")
