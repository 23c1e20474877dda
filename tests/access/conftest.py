"""Three schools: ours, the one next door in our district, and one in another state."""

from __future__ import annotations

import pytest

from schools.models import Role, User
from tests import builders
from tests.access.places import WORDS, Place, settle

ROLES = ("counselor", "administrator", "region", "state", "translator", "nobody", "owner")


@pytest.fixture
def places(db: None) -> dict[str, Place]:
    here, there = builders.a_state("ZZ"), builders.a_state("YY")
    district = builders.a_district(state=here, region=builders.a_region(state=here))
    other = builders.a_district(state=there, region=builders.a_region(state=there))
    return {
        "ours": settle(WORDS["ours"], builders.a_school(district), "+13605559371"),
        "next_door": settle(WORDS["next_door"], builders.a_school(district), "+13605558462"),
        "theirs": settle(WORDS["theirs"], builders.a_school(other), "+13605557553"),
    }


def someone(role: str, place: Place) -> User:
    """A person with a role at a place."""
    match role:
        case "counselor":
            return builders.a_user(Role.COUNSELOR, place.school)
        case "administrator":
            return builders.a_user(Role.DISTRICT_ADMINISTRATOR, place.district)
        case "region":
            return builders.a_user(Role.COORDINATOR, place.district.region)
        case "state":
            return builders.a_user(Role.COORDINATOR, place.school.state)
        case "translator":
            return builders.a_user(Role.TRANSLATOR, "es")
        case "owner":
            return builders.a_user()
    return User.objects.create_user("nobody@staff.example", "secret")


@pytest.fixture(autouse=True)
def _quietly(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are what these tests are about; nobody needs to read each."""
    caplog.set_level("ERROR", logger="django.request")
