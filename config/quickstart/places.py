"""A state that does not exist, with a network, two districts and five high schools."""

from __future__ import annotations

from dataclasses import dataclass

from schools.models import Cycle, District, Enrolment, Region, School, State

STATE = "ZZ"
REGION = "made-up-network"
SOURCE = "Made up for the demonstration"


@dataclass(frozen=True)
class HighSchool:
    """A made-up high school, and how eagerly its seniors file (1 is the common pace)."""

    nces_id: str
    state_code: str
    name: str
    city: str
    seniors: int
    seniors_before: int
    pace: float


@dataclass(frozen=True)
class Place:
    nces_id: str
    state_code: str
    name: str
    help_phone: str
    postal_address: str
    schools: tuple[HighSchool, ...]


# No federal id begins with 99, so none of these can ever meet a real school's.
JUNIPER = Place(
    "9900010",
    "99010",
    "Juniper Valley School District (made up)",
    "206-555-0100",
    "100 Example Street, Juniper Falls, ZZ 99010",
    (
        HighSchool(
            "990001000001", "9901", "Tamarack Ridge High School", "Juniper Falls", 214, 205, 1.0
        ),
        HighSchool(
            "990001000002", "9902", "Heron Slough High School", "Heron Slough", 128, 131, 0.8
        ),
        HighSchool("990001000003", "9903", "Larch Hollow High School", "Larch Hollow", 58, 61, 1.2),
    ),
)
SALTGRASS = Place(
    "9900020",
    "99020",
    "Saltgrass School District (made up)",
    "360-555-0100",
    "1 Example Avenue, Saltgrass, ZZ 99020",
    (
        HighSchool("990002000001", "9911", "Saltgrass High School", "Saltgrass", 176, 180, 0.9),
        HighSchool(
            "990002000002", "9912", "Whistling Marsh High School", "Whistling Marsh", 88, 84, 0.7
        ),
    ),
)
PLACES = (JUNIPER, SALTGRASS)


def make(cycle: Cycle) -> Region:
    """The made-up places, with seniors for `cycle` and the one before; again changes nothing."""
    state, _made = State.objects.update_or_create(
        code=STATE,
        defaults={
            "name": "Evergreen (made up)",
            "time_zone": "America/Los_Angeles",
            "made_up": True,
        },
    )
    region, _made = Region.objects.update_or_create(
        code=REGION,
        defaults={
            "name": "Cascade Foothills Network (made up)",
            "state": state,
            "source": SOURCE,
            "is_public": True,  # so that the page for everybody can be seen
        },
    )
    for place in PLACES:
        district, _made = District.objects.get_or_create(
            nces_id=place.nces_id,
            defaults={
                "state_code": place.state_code,
                "name": place.name,
                "state": state,
                "region": region,
                "help_phone": place.help_phone,
                "postal_address": place.postal_address,
            },
        )
        for high_school in place.schools:
            _make_school(high_school, district, state, cycle)
    return region


def _make_school(high_school: HighSchool, district: District, state: State, cycle: Cycle) -> None:
    school, _made = School.objects.get_or_create(
        nces_id=high_school.nces_id,
        defaults={
            "state_code": high_school.state_code,
            "name": high_school.name,
            "state": state,
            "district": district,
            "city": high_school.city,
            "kind": "Regular",
            "low_grade": "09",
            "high_grade": "12",
        },
    )
    before = Cycle(name=cycle.previous_name)
    for year, seniors in (
        (cycle.senior_year, high_school.seniors),
        (before.senior_year, high_school.seniors_before),
    ):
        Enrolment.objects.get_or_create(
            school=school,
            school_year=year,
            defaults={"grade12": seniors, "source": SOURCE},
        )
