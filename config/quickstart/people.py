"""A sign-in for each role. Nobody knows a password: the sign-in page offers one click (DEMO)."""

from __future__ import annotations

from typing import Any

from config.quickstart.places import JUNIPER, REGION, SALTGRASS, STATE
from schools.models import District, Membership, Region, Role, School, State, User

DOMAIN = "demo.invalid"
NAMES = {
    "counselor": ("Robin", "Counselor"),
    "administrator": ("Alex", "Administrator"),
    "coordinator": ("Sam", "Coordinator"),
    "state": ("Jordan", "Statewide"),
    "translator": ("Paz", "Translator"),
    "owner": ("Kim", "Owner"),
}


def make() -> dict[str, User]:
    """The six demonstration users by key, each with the memberships of its role."""
    people = {key: _user(key) for key in NAMES}
    for school in JUNIPER.schools[:1]:
        _member(
            people["counselor"], Role.COUNSELOR, school=School.objects.get(nces_id=school.nces_id)
        )
    for place in (JUNIPER, SALTGRASS):
        district = District.objects.get(nces_id=place.nces_id)
        _member(people["administrator"], Role.DISTRICT_ADMINISTRATOR, district=district)
    region = Region.objects.get(code=REGION)
    _member(people["coordinator"], Role.COORDINATOR, region=region)
    for state in State.objects.filter(code__in=["WA", "FL", "WY", STATE]):
        _member(people["state"], Role.COORDINATOR, state=state)
    for language in ("es", "vi", "ru"):
        _member(people["translator"], Role.TRANSLATOR, language=language)
    return people


def _user(key: str) -> User:
    email = f"{key}@{DOMAIN}"
    user = User.objects.filter(email=email).first()
    if user is None:
        first, last = NAMES[key]
        user = User(email=email, first_name=first, last_name=last)
        user.is_superuser = user.is_staff = key == "owner"
        user.set_unusable_password()
        user.save()
    return user


def _member(user: User, role: Role, **place: Any) -> None:
    Membership.objects.get_or_create(user=user, role=role, **place)
