"""A household on record, for journeys that need no import."""

from __future__ import annotations

from config.quickstart import moments, places
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student
from schools.models import Cycle, School


def one_family(when: moments.Moments) -> Student:
    """A student and a mother who reads Spanish, with a phone."""
    school = School.objects.get(nces_id=places.JUNIPER.schools[0].nces_id)
    student = _student(school, when.cycle, "Ana", "7001")
    _mother(student, "Marisol", "+12065550141")
    return student


def another_family(of: Student) -> ContactPoint:
    """The phone of a second family of the same school and year."""
    return _mother(_student(of.school, of.cycle, "Luis", "7002"), "Rosa", "+12065550142")


def _student(school: School, cycle: Cycle, first_name: str, sis_id: str) -> Student:
    district = school.district
    assert district is not None
    return Student.objects.create(
        district=district,
        school=school,
        household=Household.objects.create(district=district),
        cycle=cycle,
        sis_id=sis_id,
        first_name=first_name,
        last_name="Flores",
    )


def _mother(student: Student, first_name: str, number: str) -> ContactPoint:
    mother = Contact.objects.create(district=student.district, first_name=first_name, language="es")
    Guardianship.objects.create(contact=mother, student=student)
    phone = ContactPoint(contact=mother, channel=Channel.SMS)
    phone.set_address(number)
    phone.save()
    return phone
