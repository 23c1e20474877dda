"""A household on record, for journeys that need no import."""

from __future__ import annotations

from config.quickstart import moments, places
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student
from schools.models import School


def one_family(when: moments.Moments) -> Student:
    """A student and a mother who reads Spanish, with a phone."""
    school = School.objects.get(nces_id=places.JUNIPER.schools[0].nces_id)
    district = school.district
    assert district is not None
    household = Household.objects.create(district=district)
    student = Student.objects.create(
        district=district,
        school=school,
        household=household,
        cycle=when.cycle,
        sis_id="7001",
        first_name="Ana",
        last_name="Flores",
    )
    mother = Contact.objects.create(district=district, first_name="Marisol", language="es")
    Guardianship.objects.create(contact=mother, student=student)
    phone = ContactPoint(contact=mother, channel=Channel.SMS)
    phone.set_address("+12065550141")
    phone.save()
    return student
