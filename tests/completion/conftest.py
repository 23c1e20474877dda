"""Places, people and the real files of Federal Student Aid."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from completion.intake import Intake, bring_in
from completion.models import DistrictBand, Snapshot, SourceFile
from schools.models import Cycle, District, Enrolment, Membership, Region, Role, School, State, User

FILES = Path(__file__).parents[2] / "completion" / "data" / "fafsa"
FLORIDA = sorted(FILES.glob("FL_*.xls"))
WYOMING = FILES / "WY_Class_of_2024.xls"


def bring(path: Path, **options: Any) -> Intake:
    return bring_in(path.name, path.read_bytes(), **options)


@pytest.fixture
def washington(db: None) -> State:
    return State.objects.get_or_create(
        code="WA", defaults={"name": "Washington", "time_zone": "America/Los_Angeles"}
    )[0]


@pytest.fixture
def region(washington: State) -> Region:
    return Region.objects.create(code="west-sound", name="West Sound", state=washington)


@pytest.fixture
def district(washington: State, region: Region) -> District:
    return District.objects.create(nces_id="5300001", name="Cedar", state=washington, region=region)


@pytest.fixture
def school(district: District) -> School:
    return make_school(district, 1)


def make_school(district: District, number: int, **values: Any) -> School:
    return School.objects.create(
        nces_id=f"{district.nces_id}{number:05d}",
        name=values.pop("name", f"School {number:02d}"),
        state=district.state,
        district=district,
        **values,
    )


def seniors(school: School, year: str, number: int | None) -> Enrolment:
    return Enrolment.objects.create(
        school=school, school_year=year, grade12=number, suppressed=number is None, source="count"
    )


def publish(school: School, day: str, submitted: Any, completed: Any, cycle: str = "") -> Snapshot:
    """A snapshot as a federal file would make it; a count of "<5" is hidden."""
    as_of = dt.date.fromisoformat(day)
    name = cycle or Cycle.name_on(as_of)
    Cycle.objects.get_or_create(name=name)
    source, _new = SourceFile.objects.get_or_create(
        sha256=f"{day}{name}", defaults={"name": day, "as_of": as_of, "cycle_id": name}
    )
    return Snapshot.objects.create(
        source=source,
        school=school,
        cycle_id=name,
        as_of=as_of,
        submitted=0 if submitted == "<5" else submitted,
        completed=0 if completed == "<5" else completed,
        submitted_hidden=submitted == "<5",
        completed_hidden=completed == "<5",
    )


def publish_band(leaid: str, day: str, percent: float) -> DistrictBand:
    """The band that the federal sheet by district would print of a rate."""
    as_of = dt.date.fromisoformat(day)
    cycle = Cycle.objects.get_or_create(name=Cycle.name_on(as_of))[0]
    source = SourceFile.objects.get_or_create(
        sha256=f"{day}{cycle}", defaults={"name": day, "as_of": as_of, "cycle": cycle}
    )[0]
    low = int(percent // 5) * 5
    low, high = (0, 19) if low < 20 else (80, 100) if low >= 80 else (low, low + 4)
    return DistrictBand.objects.create(
        source=source, leaid=leaid, name=leaid, cycle=cycle, as_of=as_of, low=low, high=high, row=5
    )


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("admin@example.org")


def person(role: Role, **place: Any) -> User:
    user = User.objects.create_user(f"{role}{User.objects.count()}@example.org")
    Membership.objects.create(user=user, role=role, **place)
    return user
