"""A counselor brings in families and finds them again; nobody else sees them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.imports.run import run
from contacts.models import (
    AidStatusEntry,
    Channel,
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)
from schools.models import AuditEntry, District, Membership, Role, School, User
from tests.contacts.builders import NOW, counselor_of, csv_of, family


@pytest.fixture
def counselor(client: Client, school: School) -> Client:
    client.force_login(counselor_of(school))
    return client


@pytest.fixture
def families(district: District) -> None:
    rows = [family(n) for n in range(1, 9)]
    run("families.csv", csv_of(*rows), district=district, now=NOW)


def upload(client: Client, school: School, content: bytes) -> ContactImport:
    file = SimpleUploadedFile("families.csv", content, "text/csv")
    answer = client.post(
        reverse("contact-import-new"), {"place": f"school-{school.pk}", "file": file}
    )
    assert answer.status_code == 302
    return ContactImport.objects.latest("uploaded_at")


def columns_of(client: Client, page: ContactImport) -> dict[str, str]:
    context = client.get(page.get_absolute_url()).context
    return {f"column-{column.position}": column.field for column in context["columns"]}


def test_a_counselor_imports_a_file_and_sees_first_what_changes(
    counselor: Client, school: School
) -> None:
    content = csv_of(family(1), family(2, guardian_phone="12"))
    page = upload(counselor, school, content)
    assert b"206-555" not in b"".join(bytes(piece.sealed) for piece in page.pieces.all())
    counselor.post(page.get_absolute_url(), {"action": "map", **columns_of(counselor, page)})
    preview = counselor.get(page.get_absolute_url())
    assert preview.context["counts"]["created"] == 2
    assert "too few digits" in preview.content.decode()
    assert not Student.objects.exists()
    answer = counselor.post(page.get_absolute_url(), {"action": "confirm"}, follow=True)
    assert "The families are in" in answer.content.decode()
    assert Student.objects.count() == 2
    assert not page.pieces.exists()
    assert AuditEntry.objects.filter(action="contacts.imported").count() == 1


def test_only_students_whom_the_file_does_not_name_are_missing_from_it(
    counselor: Client, school: School, district: District
) -> None:
    here = [family(n, enrolled="yes") for n in (1, 2, 3)]
    headers = [*here[0]]
    run("f.csv", csv_of(*here, headers=headers), district=district, now=NOW)
    said = upload(counselor, school, csv_of(*here[:2], family(3, enrolled="no"), headers=headers))
    unsaid = upload(counselor, school, csv_of(*here[:2], headers=headers))
    pages = [counselor.get(page.get_absolute_url()) for page in (said, unsaid)]
    assert [page.context["counts"]["left"] for page in pages] == [1, 1]
    warning = "Many students are missing from this file"
    assert [warning in page.content.decode() for page in pages] == [False, True]


def test_pressing_import_twice_imports_once(counselor: Client, school: School) -> None:
    page = upload(counselor, school, csv_of(family(1)))
    counselor.post(page.get_absolute_url(), {"action": "map", **columns_of(counselor, page)})
    for _press in range(2):
        counselor.post(page.get_absolute_url(), {"action": "confirm"})
    assert AuditEntry.objects.filter(action="contacts.imported").count() == 1
    assert Student.objects.count() == 1


def test_a_file_with_known_columns_goes_straight_to_the_preview(
    counselor: Client, school: School
) -> None:
    page = upload(counselor, school, csv_of(family(1)))
    counselor.post(page.get_absolute_url(), {"action": "map", **columns_of(counselor, page)})
    counselor.post(page.get_absolute_url(), {"action": "confirm"})
    again = upload(counselor, school, csv_of(family(1), family(2)))
    assert again.state == ContactImport.State.PREVIEW
    assert again.summary["unchanged"] == 1


def test_an_unreadable_file_is_refused_on_the_spot(counselor: Client, school: School) -> None:
    file = SimpleUploadedFile("families.xlsx", b"PK\x03\x04 no")
    answer = counselor.post(
        reverse("contact-import-new"), {"place": f"school-{school.pk}", "file": file}
    )
    assert answer.status_code == 422
    assert "damaged" in answer.content.decode()
    assert not ContactImport.objects.exists()


def test_two_columns_for_one_field_are_asked_about(counselor: Client, school: School) -> None:
    page = upload(counselor, school, csv_of(family(1)))
    choices = {**columns_of(counselor, page), "column-1": "student_id"}
    answer = counselor.post(page.get_absolute_url(), {"action": "map", **choices})
    assert answer.status_code == 422
    assert "Two columns" in answer.content.decode()


def test_problems_download_without_formulas(counselor: Client, school: School) -> None:
    page = upload(counselor, school, csv_of(family(1, guardian_phone="=HYPERLINK(1)")))
    counselor.post(page.get_absolute_url(), {"action": "map", **columns_of(counselor, page)})
    text = counselor.get(reverse("contact-import-problems", args=[page.pk])).content.decode()
    assert "'=HYPERLINK(1)" in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 8),
        ({"q": "Maria3"}, 1),
        ({"q": "ana lop"}, 8),
        ({"q": "(206) 555-0104"}, 1),
        ({"q": "MARIA5@lakeview.example"}, 1),
        ({"q": "555-0104"}, 0),
        ({"language": "es"}, 8),
        ({"status": "completed"}, 0),
        ({"reachable": "none"}, 1),
        ({"reachable": "email"}, 7),
    ],
)
def test_families_are_found_by_what_a_counselor_knows(
    counselor: Client, families: None, asked: dict[str, str], found: int
) -> None:
    ContactPoint.objects.filter(contact__first_name="Maria1").update(consent="withdrawn")
    page = counselor.get(reverse("contacts"), asked).context["page_obj"]
    assert page.paginator.count == found


def test_the_list_costs_the_same_for_one_family_as_for_many(
    counselor: Client, district: District, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 30):
        rows = [family(n) for n in range(1, number + 1)]
        run("families.csv", csv_of(*rows), district=district, now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            counselor.get(reverse("contacts"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_a_counselor_sets_a_status_by_hand(counselor: Client, families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    counselor.post(reverse("student-status", args=[student.pk]), {"status": "submitted"})
    student.refresh_from_db()
    assert student.aid_status == "submitted"
    assert student.aid_status_entries.filter(source=AidStatusEntry.Source.STAFF).exists()
    assert "Submitted" in counselor.get(student.get_absolute_url()).content.decode()


def test_an_address_is_whole_on_the_contacts_page_and_masked_elsewhere(
    counselor: Client, families: None
) -> None:
    contact = Contact.objects.get(first_name="Maria1")
    assert "(206) 555-0101" in counselor.get(contact.get_absolute_url()).content.decode()
    student = contact.students.get()
    assert "555-0101" not in counselor.get(student.get_absolute_url()).content.decode()


def test_a_family_that_asked_the_school_hears_nothing_more(
    counselor: Client, families: None
) -> None:
    point = ContactPoint.objects.get(contact__first_name="Maria1", channel=Channel.SMS)
    for _press in range(2):
        counselor.post(reverse("contact-point-opt-out", args=[point.pk]))
    point.refresh_from_db()
    assert point.consent == "withdrawn"
    assert Suppression.objects.active().get().reason == Suppression.Reason.STAFF


def test_an_adult_can_be_marked_not_to_be_contacted(counselor: Client, families: None) -> None:
    tie = Guardianship.objects.first()
    counselor.post(reverse("guardianship-permission", args=[tie.pk]), {"may_contact": "no"})
    tie.refresh_from_db()
    assert not tie.may_contact


def test_another_schools_counselor_and_a_coordinator_see_no_family(
    client: Client, district: District, families: None
) -> None:
    student = Student.objects.get(sis_id="S0001")
    contact = student.guardians.get()
    point = contact.points.first()
    elsewhere = counselor_of(district.schools.get(name="Cedar Ridge High School"), "b@x.example")
    coordinator = User.objects.create_user("c@x.example", "secret")
    Membership.objects.create(user=coordinator, role=Role.COORDINATOR, state=district.state)
    pages = [
        student.get_absolute_url(),
        contact.get_absolute_url(),
        reverse("contact-point-opt-out", args=[point.pk]),
    ]
    for user, status in ((elsewhere, 404), (coordinator, 403)):
        client.force_login(user)
        assert [client.post(page).status_code for page in pages[2:]] == [status]
        assert [client.get(page).status_code for page in pages[:2]] == [status, status]
    assert client.get(reverse("contacts")).status_code == 403


def test_the_template_can_be_imported_as_it_is(counselor: Client, school: School) -> None:
    content = b"".join(counselor.get(reverse("contact-import-template")).streaming_content)
    report = run("families.csv", content, district=school.district, school=school, now=NOW)
    assert (report.created, report.problems) == (3, [])
