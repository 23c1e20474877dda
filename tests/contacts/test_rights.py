"""Seeing all that is kept about a person, and erasing it, on the person's page."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, ImportChange, Student
from schools.models import AuditEntry, District, Membership, Role, School, User
from tests.contacts.builders import counselor_of, family
from tests.contacts.test_import import import_


@pytest.fixture
def staff(client: Client, district: District) -> Client:
    user = User.objects.create_user("admin@district.example", "secret")
    Membership.objects.create(user=user, role=Role.DISTRICT_ADMINISTRATOR, district=district)
    client.force_login(user)
    return client


def test_an_administrator_gives_out_all_that_is_kept(district: District, staff: Client) -> None:
    import_(district, family(1))
    guardian = Contact.objects.get()
    answer = staff.post(reverse("contact-hand-over", args=[guardian.pk]))
    assert json.loads(answer.content)["contacts"][0]["first_name"] == "Maria1"
    entry = AuditEntry.objects.get(action="person.exported")
    assert (entry.subject, entry.district) == (f"contact {guardian.pk}", district)


def test_looking_at_the_page_gives_nothing_out(district: District, staff: Client) -> None:
    import_(district, family(1))
    student = Student.objects.get()
    assert staff.get(reverse("student-hand-over", args=[student.pk])).status_code == 405
    assert (
        reverse("student-erase", args=[student.pk])
        in staff.get(student.get_absolute_url()).content.decode()
    )


def test_erasing_says_who_goes_and_who_stays_and_waits_for_a_yes(
    district: District, staff: Client
) -> None:
    shared = {"guardian_phone": "206-555-0101", "guardian_first_name": "Maria1",
              "guardian_email": "maria1@lakeview.example"}  # fmt: skip
    import_(district, family(1, **shared), family(2, **shared), family(3))
    first, third = Student.objects.get(sis_id="S0001"), Student.objects.get(sis_id="S0003")
    url = reverse("student-erase", args=[first.pk])
    page = staff.get(url)
    assert [str(contact) for contact in page.context["staying"]] == ["Maria1 Lopez"]
    assert staff.post(url).status_code == 422
    assert Student.objects.count() == 3
    staff.post(url, {"sure": "yes"})
    staff.post(reverse("student-erase", args=[third.pk]), {"sure": "yes"})
    assert Student.objects.get().sis_id == "S0002"
    assert Contact.objects.get().first_name == "Maria1"
    assert AuditEntry.objects.filter(action="person.erased").count() == 2


def test_what_imports_noted_of_a_person_goes_too(district: District, staff: Client) -> None:
    import_(district, family(1))
    import_(district, family(1, student_first_name="Anna", guardian_first_name="Mary"))
    assert ImportChange.objects.exists()
    staff.post(reverse("student-erase", args=[Student.objects.get().pk]), {"sure": "yes"})
    assert not ImportChange.objects.exists()


def test_a_counselor_neither_gives_out_nor_erases(
    client: Client, district: District, school: School
) -> None:
    import_(district, family(1))
    client.force_login(counselor_of(school))
    student = Student.objects.get()
    for name in ("student-hand-over", "student-erase"):
        url = reverse(name, args=[student.pk])
        assert url not in client.get(student.get_absolute_url()).content.decode()
        assert client.post(url, {"sure": "yes"}).status_code == 403
    assert Student.objects.exists()
