"""Places, people and families with good defaults; a test names only what it is about."""

from __future__ import annotations

import itertools
from typing import Any

from django.utils import timezone

from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student
from schools.models import Cycle, District, Membership, Region, Role, School, State, User

_numbers = itertools.count(1)

# Which membership field names the place of each role.
_FIELDS = {
    School: "school",
    District: "district",
    Region: "region",
    State: "state",
    str: "language",
}


def a_state(code: str = "ZZ", **values: Any) -> State:
    """A made-up state, unless another code is given."""
    defaults = {
        "name": f"State {code}",
        "time_zone": "America/Los_Angeles",
        "made_up": code == "ZZ",
    }
    return State.objects.get_or_create(code=code, defaults=defaults | values)[0]


def a_region(**values: Any) -> Region:
    number = next(_numbers)
    defaults = {"code": f"network-{number}", "name": f"Network {number}"}
    return Region.objects.create(
        **defaults | {"state": values.pop("state", None) or a_state()} | values
    )


def a_district(**values: Any) -> District:
    """A district with the phone and the postal address that messages need."""
    number = next(_numbers)
    defaults = {
        "nces_id": f"99{number:05d}",
        "name": f"District {number}",
        "help_phone": "(360) 555-0100",
        "postal_address": "1 Main Street, Beacon, ZZ 98000",
    }
    state = values.pop("state", None) or a_state()
    return District.objects.create(**defaults | {"state": state} | values)


def a_school(district: District | None = None, **values: Any) -> School:
    """A high school, in a district of its own if none is given."""
    district = district or a_district()
    number = next(_numbers)
    defaults = {"nces_id": f"{district.nces_id}{number:05d}", "name": f"High School {number}"}
    return School.objects.create(
        **defaults | {"district": district, "state": district.state} | values
    )


def a_user(
    role: Role | None = None,
    place: School | District | Region | State | str | None = None,
    **values: Any,
) -> User:
    """Someone with one role in one place (a language code for a translator); the owner if none."""
    email = values.pop("email", f"person{next(_numbers)}@staff.example")
    if role is None:
        return User.objects.create_superuser(email, "secret", **values)
    user = User.objects.create_user(email, "secret", **values)
    Membership.objects.create(user=user, role=role, **{_FIELDS[type(place)]: place})
    return user


def a_family(
    school: School | None = None,
    *,
    last_name: str = "Lopez",
    student: str = "Ana",
    guardian: str = "Rosa",
    language: str = "en",
    phone: str | None = "",
    email: str | None = "",
    **values: Any,
) -> Contact:
    """A guardian with one senior. Phone and e-mail are made up, given, or left out by None."""
    school = school or a_school()
    district = school.district
    assert district is not None
    number = next(_numbers)
    cycle = Cycle.objects.get_or_create(name=Cycle.name_on(timezone.localdate()))[0]
    child = Student.objects.create(
        district=district,
        school=school,
        household=Household.objects.create(district=district),
        cycle=cycle,
        sis_id=f"S{number}",
        first_name=student,
        last_name=last_name,
        **values,
    )
    adult = Contact.objects.create(
        district=district, first_name=guardian, last_name=last_name, language=language
    )
    Guardianship.objects.create(contact=adult, student=child)
    if phone is not None:
        a_point(adult, Channel.SMS, phone or f"+1360555{1000 + number % 9000}")
    if email is not None:
        a_point(adult, Channel.EMAIL, email or f"family{number}@home.example")
    return adult


def a_point(contact: Contact, channel: str, address: str, **values: Any) -> ContactPoint:
    """One address of a contact: E.164 or lower-case e-mail."""
    point = ContactPoint(contact=contact, channel=channel, **values)
    point.set_address(address)
    point.save()
    return point
