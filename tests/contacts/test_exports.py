"""Lists of families as files: whose, what is in them, and what stays out."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from contacts import consent, exports
from contacts.models import (
    Channel,
    Contact,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)
from schools.models import AuditEntry, District, School, User
from tests.contacts.builders import NOW, counselor_of, family, make_district
from tests.contacts.test_import import import_


@pytest.fixture
def counselor(school: School) -> User:
    return counselor_of(school)


@pytest.fixture
def staff(client: Client, counselor: User) -> Client:
    client.force_login(counselor)
    return client


def exported(staff: Client, kind: str = "csv", query: str = "", **asked: str) -> bytes:
    answer = staff.post(
        f"{reverse('contacts-export')}?{query}", {"kind": kind, "purpose": "school", **asked}
    )
    assert answer.status_code == 200, answer.context["form"].errors
    return b"".join(answer.streaming_content)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_counselor_exports_the_families_of_their_school_and_no_other(
    district: District, staff: Client
) -> None:
    elsewhere = make_district("9900020")
    import_(district, family(1), family(2, school="Cedar Ridge High School"))
    import_(elsewhere, family(3))
    assert [row["Student id"] for row in table(exported(staff))] == ["S0001"]


def test_a_list_holds_what_the_search_found(district: District, staff: Client) -> None:
    import_(district, family(1), family(2, language="Russian"))
    assert [row["Language"] for row in table(exported(staff, query="language=ru"))] == ["Russian"]


def test_the_application_path_is_in_no_export(district: District, staff: Client) -> None:
    import_(district, family(1, path="WASFA"))
    assert Student.objects.get().path == "wasfa"
    for kind in ("csv", "xlsx", "oneroster"):
        data = exported(staff, kind, **({} if kind == "oneroster" else {"status": "on"}))
        parts = [data]
        if kind != "csv":
            archive = zipfile.ZipFile(io.BytesIO(data))
            parts = [archive.read(name) for name in archive.namelist()]
        assert not any(b"wasfa" in part.lower() for part in parts)


def test_the_aid_status_is_in_a_list_only_when_asked_for(district: District, staff: Client) -> None:
    import_(district, family(1, status="submitted"))
    assert "Submitted" not in exported(staff).decode()
    assert table(exported(staff, status="on"))[0]["Aid status"] == "Submitted"


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x.example")', "+1-1", "@SUM(1)", "-2+3"])
def test_a_name_that_is_a_formula_is_only_text(
    name: str, district: District, staff: Client
) -> None:
    import_(district, family(1))
    Student.objects.update(first_name=name)
    assert table(exported(staff))[0]["Student’s first name"] == f"'{name}"
    book = exported(staff, "xlsx")
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[1][2] == name


def test_csv_and_spreadsheet_say_the_same(district: District, staff: Client) -> None:
    import_(district, family(1), family(2, student_last_name="Ñandú"), family(3))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(exported(staff, "xlsx"))).get_sheet_by_index(0)
    assert rows.to_python() == list(csv.reader(io.StringIO(exported(staff).decode("utf-8-sig"))))


def test_an_adult_who_may_not_be_contacted_is_not_named(district: District, staff: Client) -> None:
    import_(district, family(1))
    Guardianship.objects.update(may_contact=False)
    row = table(exported(staff))[0]
    assert (row["Student id"], row["First name"], row["Phone"]) == ("S0001", "", "")


def test_a_list_says_who_asked_for_silence(district: District, staff: Client) -> None:
    import_(district, family(1))
    phone = ContactPoint.objects.get(channel=Channel.SMS)
    consent.withdraw(
        Channel.SMS, phone.address_index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW
    )
    row = table(exported(staff))[0]
    assert (row["May be texted"], row["May be e-mailed"]) == ("no", "yes")


def test_what_was_exported_and_what_for_is_in_the_record_without_a_name(
    district: District, staff: Client, counselor: User
) -> None:
    import_(district, family(1))
    exported(staff, query="q=lopez&language=es", purpose="event", status="on")
    entry = AuditEntry.objects.get(action="families.exported")
    assert (entry.actor, entry.district, entry.subject) == (counselor, district, "1 students")
    assert entry.details == {
        "kind": "csv", "purpose": "event", "aid_status": True, "filters": ["language", "q"]
    }  # fmt: skip


def test_nothing_leaves_before_it_is_said_what_for(district: District, staff: Client) -> None:
    import_(district, family(1))
    answer = staff.post(reverse("contacts-export"), {"kind": "csv", "purpose": ""})
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="families.exported").exists()


def test_a_filter_that_is_no_choice_exports_nobody(district: District, staff: Client) -> None:
    import_(district, family(1))
    answer = staff.post(
        f"{reverse('contacts-export')}?tag=999", {"kind": "csv", "purpose": "school"}
    )
    assert answer.status_code == 422


def test_a_roster_is_of_one_district(client: Client, district: District) -> None:
    import_(district, family(1))
    import_(make_district("9900020"), family(2))
    client.force_login(User.objects.create_superuser("owner@example.org", "secret"))
    asked = {"kind": "oneroster", "purpose": "system"}
    assert client.post(reverse("contacts-export"), asked).status_code == 422
    school = Student.objects.get(sis_id="S0002").school
    data = exported(client, query=f"school={school.pk}", **asked)
    assert b"S0002" in zipfile.ZipFile(io.BytesIO(data)).read("users.csv")


def test_more_families_take_no_more_queries(
    district: District, django_assert_num_queries: object
) -> None:
    import_(district, *(family(number) for number in range(1, 4)))
    with django_assert_num_queries(7):  # type: ignore[operator]
        assert len(list(exports.rows(Student.objects.all()))) == 3
    import_(district, *(family(number) for number in range(1, 40)))
    with django_assert_num_queries(7):  # type: ignore[operator]
        assert len(list(exports.rows(Student.objects.all()))) == 39


def test_a_thousand_adults_at_once_fit_in_a_list(district: District) -> None:
    import_(district, family(1))
    student = Student.objects.get()
    adults = [Contact(district=district, first_name=f"Adult{n}") for n in range(1_001)]
    Contact.objects.bulk_create(adults)
    Guardianship.objects.bulk_create([Guardianship(contact=a, student=student) for a in adults])
    assert len(list(exports.rows(Student.objects.all()))) == 1_002
