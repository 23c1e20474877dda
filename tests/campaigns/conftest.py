"""A made-up district with a counselor and a few families, for the campaign tests."""

from __future__ import annotations

import pytest
from django.utils import timezone

from campaigns import packs
from campaigns.models import Campaign
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student
from schools.models import Cycle, District, Membership, Role, School, State, User


class Town:
    """One district with two schools, and hands to settle families in it."""

    def __init__(self, code: str = "0000001") -> None:
        self.state, _made = State.objects.get_or_create(
            code="ZZ",
            defaults={"name": "Example", "time_zone": "America/Los_Angeles", "made_up": True},
        )
        self.cycle, _made = Cycle.objects.get_or_create(name=Cycle.name_on(timezone.localdate()))
        self.district = District.objects.create(
            nces_id=code,
            name="Beacon Valley",
            state=self.state,
            help_phone="(360) 555-0100",
            postal_address="1 Main Street, Beacon, ZZ 98000",
        )
        self.school, self.other_school = (
            School.objects.create(
                nces_id=f"{code}0000{n}", name=name, state=self.state, district=self.district
            )
            for n, name in ((1, "Lincoln High School"), (2, "Harbor High School"))
        )
        self.families = 0

    def counselor(self, *schools: School) -> User:
        """Someone who looks after these schools (the first one, if none is named)."""
        user = User.objects.create_user(f"counselor{User.objects.count()}@example.org", "secret")
        for school in schools or (self.school,):
            Membership.objects.create(user=user, role=Role.COUNSELOR, school=school)
        return user

    def adopts(self, pack: str = "form-opens", *, by: User | None = None) -> Campaign:
        """A draft of a ready pack for the first school."""
        return packs.adopt(
            packs.ready()[pack],
            district=self.district,
            schools=[self.school],
            cycle=self.cycle,
            by=by,
            now=timezone.now(),
        )

    def family(
        self,
        *names: str,
        language: str = "en",
        phone: str | None = "",
        email: str | None = "",
        guardian: str = "Rosa",
        school: School | None = None,
        **student: object,
    ) -> Contact:
        """One adult with students of these names. Phone and e-mail: made up, given, or None."""
        self.families += 1
        n = self.families
        household = Household.objects.create(district=self.district)
        adult = Contact.objects.create(
            district=self.district,
            sis_id=f"C{n}",
            first_name=guardian,
            last_name=f"Family{n}",
            language=language,
        )
        for at, name in enumerate(names or ("Ana",)):
            child = Student.objects.create(
                district=self.district,
                school=school or self.school,
                household=household,
                cycle=self.cycle,
                sis_id=f"S{n}-{at}",
                first_name=name,
                last_name=f"Family{n}",
                **student,
            )
            Guardianship.objects.create(contact=adult, student=child)
        if phone is not None:
            self.point(adult, Channel.SMS, phone or f"+1360555{1000 + n}")
        if email is not None:
            self.point(adult, Channel.EMAIL, email or f"family{n}@example.org")
        return adult

    def point(self, contact: Contact, channel: str, address: str, **more: object) -> ContactPoint:
        """An address of a contact."""
        point = ContactPoint(contact=contact, channel=channel, **more)
        point.set_address(address)
        point.save()
        return point


@pytest.fixture
def town(db):
    return Town()


@pytest.fixture
def counselor(town, client):
    """The counselor of Lincoln High School, signed in."""
    user = town.counselor()
    client.force_login(user)
    return user
