"""Exports of student systems, made up in the shape of real ones, become the right families."""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts.imports import mapping, readers
from contacts.imports.run import Report, run
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student
from schools.models import District
from tests.contacts.builders import NOW

FILES = Path(__file__).with_name("files")

# Columns for which there is no field: whom a pupil lives with, who picks them up, and so on.
LEFT_OUT = {
    "powerschool_legacy.txt": {"Guardian_MN", "guardian"},
    "powerschool_contacts.csv": {
        "STUDENTCONTACTDETAIL.liveswithflg",
        "STUDENTCONTACTDETAIL.isemergency",
        "STUDENTCONTACTASSOC.contactpriorityorder",
    },
    "skyward.csv": {"LEPStatus"},
    "infinite_campus.csv": {
        "Middle Name", "Suffix", "Gender", "Mailing", "Secondary", "Portal", "Private Phone",
    },
    "infinite_campus_ad_hoc.csv": set(),
    "synergy.csv": {"Has Custody", "Lives With"},
    "wide.csv": {"Channel IDs", "Guardian 1 lives with student"},
    "legal_guardians.csv": set(),
}  # fmt: skip


def bring(district: District, name: str) -> Report:
    with (FILES / name).open("rb") as file:
        return run(name, file, district=district, now=NOW)


def guardians(sis_id: str) -> dict[str, Contact]:
    student = Student.objects.get(sis_id=sis_id)
    return {contact.first_name: contact for contact in student.guardians.all()}


def phones(contact: Contact) -> dict[str, str]:
    """The last four digits of each phone, and what kind of line it is."""
    points = contact.points.filter(channel=Channel.SMS)
    return {point.address[-4:]: point.line for point in points}


def mails(contact: Contact) -> set[str]:
    return {point.address for point in contact.points.filter(channel=Channel.EMAIL)}


MOBILE, LANDLINE, UNKNOWN = ContactPoint.Line.MOBILE, ContactPoint.Line.LANDLINE, ""


@pytest.mark.parametrize("name", LEFT_OUT)
def test_every_column_that_has_a_field_is_understood(name: str) -> None:
    with (FILES / name).open("rb") as file:
        headers = readers.read(name, file).headers
    found = mapping.guess(headers)
    assert set(headers) - set(found.values()) == LEFT_OUT[name]
    assert mapping.check(found, headers)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_no_export_brings_problems_and_twice_is_once(district: District, name: str) -> None:
    report = bring(district, name)
    assert report.problems == []
    again = bring(district, name)
    assert (again.created, again.updated, again.left) == (0, 0, 0)


def test_powerschools_students_table(district: District) -> None:
    bring(district, "powerschool_legacy.txt")
    assert not Student.objects.filter(sis_id="10003").exists()  # she has left
    ana = Student.objects.get(sis_id="10001")
    assert (ana.first_name, ana.last_name, ana.grade) == ("Ana", "Lopez Ruiz", "12")
    assert ana.state_student_id == "7000000001"
    known = guardians("10001")
    assert set(known) == {"Maria", "Jose", "Rosa"}  # the guardian is the mother: one person
    assert known["Maria"].language == "es"
    assert mails(known["Maria"]) == {"maria@home.example", "m.ruiz@work.example"}
    assert phones(known["Maria"])["0102"] == LANDLINE  # at work
    assert phones(known["Rosa"]) == {"0107": MOBILE, "0106": LANDLINE}
    assert set(guardians("10002")) == {"Lan", "Hai"}  # and no neighbour


def test_powerschools_contacts_go_on_over_several_rows(district: District) -> None:
    bring(district, "powerschool_contacts.csv")
    known = guardians("20001")
    assert set(known) == {"Maria", "Jose"}
    assert phones(known["Maria"]) == {"0121": MOBILE, "0122": LANDLINE}
    assert mails(known["Maria"]) == {"maria@home.example", "m.ruiz@work.example"}
    assert phones(known["Jose"]) == {"0123": LANDLINE}
    rights = dict(
        Guardianship.objects.filter(student__sis_id="20001").values_list(
            "contact__first_name", "may_contact"
        )
    )
    assert rights == {"Maria": True, "Jose": False}
    assert guardians("20002")["Maria"] == known["Maria"]
    assert not ContactPoint.objects.at(Channel.SMS, "+12065550125").exists()  # the neighbour's


def test_skyward(district: District) -> None:
    bring(district, "skyward.csv")
    known = guardians("RUIZANA000")
    assert (known["Maria"].last_name, known["Maria"].language) == ("Ruiz", "es")
    assert phones(known["Maria"])["0131"] == MOBILE
    assert set(phones(known["Maria"])) == {"0131", "0132"}
    assert phones(known["Jose"]) == {"0133": MOBILE}
    assert guardians("TRANMIN000")["Lan"].language == "vi"
    assert Student.objects.get(sis_id="TRANMIN000").school.name == "Cedar Ridge High School"


def test_infinite_campus(district: District) -> None:
    bring(district, "infinite_campus.csv")
    known = guardians("30001")
    assert set(known) == {"Maria", "Jose"}
    assert known["Maria"].language == "es"
    assert phones(known["Maria"]) == {"0143": MOBILE, "0141": LANDLINE, "0142": LANDLINE}
    assert set(phones(known["Jose"])) == {"0144"}


def test_infinite_campus_with_the_prefixes_of_an_ad_hoc_report(district: District) -> None:
    bring(district, "infinite_campus_ad_hoc.csv")
    ana = Student.objects.get(sis_id="30001")
    assert str(ana.birth_date) == "2008-05-31"
    maria = guardians("30001")["Maria"]
    assert (maria.sis_id, maria.language) == ("901", "es")
    assert phones(maria) == {"0143": MOBILE, "0141": LANDLINE}
    assert guardians("30002")["Lan"].language == "vi"


def test_synergy(district: District) -> None:
    bring(district, "synergy.csv")
    known = guardians("40001")
    assert phones(known["Maria"]) == {"0151": MOBILE, "0152": LANDLINE}
    rights = dict(Guardianship.objects.values_list("contact__first_name", "may_contact"))
    assert rights == {"Maria": True, "Jose": False}


def test_a_wide_template(district: District) -> None:
    bring(district, "wide.csv")
    known = guardians("50001")
    assert Student.objects.get().grade == "12"
    assert (known["Maria"].language, known["Jose"].language) == ("es", "en")
    assert phones(known["Maria"])["0162"] == MOBILE
    assert phones(known["Jose"]) == {"0163": MOBILE}
    rights = dict(Guardianship.objects.values_list("contact__first_name", "may_contact"))
    assert not rights["Jose"]


def test_a_template_of_legal_guardians(district: District) -> None:
    bring(district, "legal_guardians.csv")
    known = guardians("60001")
    assert str(Student.objects.get().birth_date) == "2008-05-31"
    assert phones(known["Maria"]) == {"0171": MOBILE, "0172": LANDLINE, "0173": LANDLINE}
    assert {contact.language for contact in known.values()} == {"es"}


OTHERS = {
    "a list of parents": (
        "FirstName,LastName,EmailAddress,StudentId,SourceParentId,Phone",
        {"student_id": "StudentId", "guardian_id": "SourceParentId",
         "guardian_first_name": "FirstName", "guardian_email": "EmailAddress"},
    ),
    "Microsoft's relationships": (
        "SIS ID,Email,First Name,Last Name,Phone,Role",
        {"student_id": "SIS ID", "guardian_last_name": "Last Name",
         "guardian_relationship": "Role", "guardian_phone": "Phone"},
    ),
    "a homeroom's view": (
        "Id,External Application User Name,Guardian,Guardian Email",
        {"student_id": "Id", "guardian_name": "Guardian", "guardian_email": "Guardian Email"},
    ),
    "the same columns twice": (
        "Student ID,Student Name,Guardian Name,Guardian Phone,Guardian Name (2),Guardian Phone (2)",
        {"guardian2_name": "Guardian Name (2)", "guardian2_phone": "Guardian Phone (2)"},
    ),
    "a counselor's own list": (
        "ID,Student,Gr,DOB,Mom Name,Mom Cell,Dad Name,Dad Cell,Counselor Email,Emergency Phone",
        {"student_name": "Student", "grade": "Gr", "birth_date": "DOB", "guardian_name": "Mom Name",
         "guardian_cell_phone": "Mom Cell", "guardian2_cell_phone": "Dad Cell"},
    ),
    "contacts by number": (
        "Student Number,Last,First,Contact 1 Name,Contact 1 Phone 1,Contact 1 Phone 2,"
        "Contact 2 Name,Contact 2 Phone 1",
        {"student_last_name": "Last", "student_first_name": "First",
         "guardian_phone": "Contact 1 Phone 1", "guardian2_phone": "Contact 2 Phone 1"},
    ),
    "a father alone": ("Student ID,Student Name,Father", {"guardian_name": "Father"}),
    "parents by letters": (
        "Student ID,First Name,Last Name,Grade,Parent1_Name,P2 Name,P2 Email,Primary Parent Email",
        {"student_first_name": "First Name", "guardian_name": "Parent1_Name",
         "guardian2_name": "P2 Name", "guardian2_email": "P2 Email",
         "guardian_email": "Primary Parent Email"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_layouts_are_understood(name: str) -> None:
    headers, expected = OTHERS[name]
    found = mapping.guess(headers.split(","))
    assert expected.items() <= found.items()


def test_columns_of_staff_and_emergencies_are_left_alone() -> None:
    headers = "Student ID,Student Name,Counselor Email,Teacher,Emergency Phone,Doctor Phone,Fax"
    assert set(mapping.guess(headers.split(","))) == {"student_id", "student_name"}


def test_values_speak_where_headers_say_nothing() -> None:
    columns = {
        "Student ID": ["1", "2", "3"],
        "Col2": ["Ana Lopez", "Minh Tran", "Aster Bekele"],
        "Col3": ["a@home.example", "b@home.example", "c@home.example"],
        "Col4": ["+12065550101", "+12065550102", "+12065550103"],
        "Col5": ["2008-05-31", "2007-11-02", "2008-01-15"],
        "Col6": ["12", "11", "09"],
        "Col7": ["Spanish", "Vietnamese", "Amharic"],
        "Col8": ["530771001165", "530771001165", "530771001166"],
        "Col9": ["Mother", "Father", "Grandmother"],
        "Col10": ["(206) 555-0104", "", "206.555.0105"],
        "Col11": ["206-555-0107", "206-555-0108", "206-555-0109"],
        "Col12": ["yes", "no", "yes"],
        "Teacher's Email": ["t@school.example"] * 3,
    }
    found = mapping.guess(list(columns), list(columns.values()))
    assert found == {
        "student_id": "Student ID",
        "guardian_email": "Col3",
        "guardian_phone": "Col4",
        "birth_date": "Col5",
        "grade": "Col6",
        "language": "Col7",
        "school": "Col8",
        "guardian_relationship": "Col9",
        "guardian2_phone": "Col11",
    }


def test_headers_win_over_values() -> None:
    headers = ["Student ID", "Guardian Phone", "Col3"]
    values = [["1", "2", "3"], ["a@home.example"] * 3, ["2065550101", "2065550102", "2065550103"]]
    assert mapping.guess(headers, values) == {
        "student_id": "Student ID",
        "guardian_phone": "Guardian Phone",
        "guardian2_phone": "Col3",
    }


def test_no_values_tell_of_custody_or_opting_out() -> None:
    flags = ["yes", "no", "Y", "N", "1", "0", "STOP", "FAFSA", "WASFA"]
    for flag in flags:
        assert mapping.guess(["Col1"], [[flag] * 10]) == {}
