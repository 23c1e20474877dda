"""A district's families written as a OneRoster zip, and read back as the same families."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from typing import Any

import pytest

from contacts.imports import run as runs
from contacts.models import Contact, ContactPoint, Guardianship, Household, Student
from contacts.rosters.export import write_zip
from schools.models import District
from tests.contacts.builders import NOW, csv_of, make_district
from tests.contacts.rosters import table_of

TOMORROW = NOW + dt.timedelta(days=1)
HEADERS = (
    "student_id,state_student_id,student_first_name,student_last_name,birth_date,grade,school,"
    "path,status,student_phone,student_email,guardian_id,guardian_first_name,guardian_last_name,"
    "guardian_relationship,guardian_cell_phone,guardian_home_phone,guardian_email,language"
)
FAMILIES = [
    "S1,77,Zoë,Núñez,2008-02-29,12,Lakeview High School,WASFA,submitted,2065550109,"
    "zoe@lakeview.example,G1,María,Núñez,Mother,2065550101,2065550111,maria@lakeview.example,Spanish",
    "S1,77,Zoë,Núñez,2008-02-29,12,Lakeview High School,,,,,,Omar,Núñez,Father,2065550102,,,Arabic",
    "S2,,بنت,علي,,11,Cedar Ridge High School,,,,,G3,أم,علي,Aunt,,2065550103,,Arabic",
    'S3,,"=A, ""B""",Lee,2007-01-01,12,Lakeview High School,,,,,G1,María,Núñez,Mother,2065550101,'
    "2065550111,maria@lakeview.example,Spanish",
    "S4,,Nobody,Known,,12,Lakeview High School,,,,,,,,,,,,",
]


@pytest.fixture
def full(district: District) -> District:
    """Four students: two share a mother, one guardian has no id, one student has nobody."""
    content = "\n".join([HEADERS, *FAMILIES]).encode()
    runs.run("families.csv", content, district=district, now=NOW)
    return district


def exported(district: District) -> io.BytesIO:
    out = io.BytesIO()
    write_zip(Student.objects.filter(district=district), out)
    out.seek(0)
    return out


def the_file(roster: io.BytesIO, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(roster) as archive:
        text = archive.read(name).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def bring_back(district: District, roster: io.BytesIO) -> runs.Report:
    table = table_of(roster, district)
    return runs.run_table(table, name="roster.zip", district=district, now=TOMORROW)


def families_of(district: District) -> list[Any]:
    """What is known of each student and guardian, whatever keys they have."""

    def told(contact: Contact | None) -> Any:
        if contact is None:
            return None
        points = contact.points.filter(removed_on=None)
        addresses = sorted((point.channel, point.address) for point in points)
        return contact.first_name, contact.last_name, contact.language, addresses

    return [
        (
            student.sis_id,
            student.state_student_id,
            str(student),
            student.birth_date,
            student.grade,
            student.school_id,
            told(getattr(student, "own_contact", None)),
            sorted(
                (tie.relationship, told(tie.contact))
                for tie in student.guardianships.filter(left_on=None)
            ),
        )
        for student in Student.objects.filter(district=district).order_by("sis_id")
    ]


def test_our_own_reader_reads_the_same_families(full: District) -> None:
    before, roster = families_of(full), exported(full)
    Guardianship.objects.all().delete()
    Contact.objects.all().delete()
    Student.objects.all().delete()
    Household.objects.all().delete()
    bring_back(full, roster)
    assert families_of(full) == before


def test_bringing_back_an_export_changes_no_family(full: District) -> None:
    before = families_of(full)
    report = bring_back(full, exported(full))
    assert (report.created, report.left) == (0, 0)
    assert families_of(full) == before


def test_it_is_a_whole_roster_of_version_1_2(full: District) -> None:
    roster = exported(full)
    told = {row["propertyName"]: row["value"] for row in the_file(roster, "manifest.csv")}
    assert told["oneroster.version"] == "1.2"
    held = {f"file.{name.removesuffix('.csv')}" for name in zipfile.ZipFile(roster).namelist()}
    assert {name for name, value in told.items() if value == "bulk"} == held - {"file.manifest"}
    assert told["file.classes"] == "absent"


def test_every_user_has_an_id_of_their_own_and_a_role(full: District) -> None:
    roster = exported(full)
    users = [row["sourcedId"] for row in the_file(roster, "users.csv")]
    assert len(users) == len(set(users)) == 7
    roles = the_file(roster, "roles.csv")
    assert [row["userSourcedId"] for row in roles] == users
    assert sorted({row["role"] for row in roles}) == ["parent", "relative", "student"]
    orgs = {row["sourcedId"] for row in the_file(roster, "orgs.csv")}
    assert {row["orgSourcedId"] for row in roles} <= orgs
    year = the_file(roster, "academicSessions.csv")[0]
    assert (year["title"], year["schoolYear"]) == ("2025-26", "2026")


def test_a_mobile_is_told_apart_from_other_phones(full: District) -> None:
    (maria,) = [r for r in the_file(exported(full), "users.csv") if r["sourcedId"] == "G1"]
    assert (maria["sms"], maria["phone"]) == ("+12065550101", "+12065550111")


def test_nothing_of_the_aid_application_is_written(full: District) -> None:
    assert Student.objects.filter(path="wasfa").exists()
    with zipfile.ZipFile(exported(full)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).lower()
    assert b"wasfa" not in everything
    assert b"fafsa" not in everything
    assert b"submitted" not in everything


def test_who_may_not_be_contacted_about_a_student_is_not_named_for_them(full: District) -> None:
    Guardianship.objects.filter(contact__sis_id="G1", student__sis_id="S1").update(
        may_contact=False
    )
    users = {row["sourcedId"]: row for row in the_file(exported(full), "users.csv")}
    assert "G1" not in users["S1"]["agentSourcedIds"]
    assert users["S3"]["agentSourcedIds"] == "G1"
    Guardianship.objects.filter(contact__sis_id="G1").update(may_contact=False)
    assert "G1" not in {row["sourcedId"] for row in the_file(exported(full), "users.csv")}


def test_what_the_district_no_longer_has_is_not_written(full: District) -> None:
    today = NOW.date()
    ContactPoint.objects.filter(channel="email").update(removed_on=today)
    Guardianship.objects.filter(contact__sis_id="G3").update(left_on=today)
    Student.objects.filter(sis_id="S4").update(left_on=today)
    users = {row["sourcedId"]: row for row in the_file(exported(full), "users.csv")}
    assert not any(row["email"] for row in users.values())
    assert "G3" not in users
    assert users["S4"]["enabledUser"] == "false"


def test_a_guardian_whose_id_is_also_a_students_gets_another(full: District) -> None:
    Contact.objects.filter(sis_id="G1").update(sis_id="S1")
    roster = exported(full)
    users = [row["sourcedId"] for row in the_file(roster, "users.csv")]
    assert len(users) == len(set(users))
    before = families_of(full)
    bring_back(full, roster)
    assert families_of(full) == before


def test_two_districts_never_share_a_roster(full: District) -> None:
    other = make_district("9900020", schools=1)
    runs.run("f.csv", csv_of({"student_id": "S1", "student_first_name": "A", "school": "1",
                              "guardian_email": "a@b.example"}),
             district=other, now=NOW)  # fmt: skip
    with pytest.raises(ValueError, match="one district"):
        write_zip(Student.objects.all(), io.BytesIO())


def test_the_number_of_questions_does_not_grow_with_the_families(
    full: District, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        exported(full)
    school = full.schools.first()
    home = Household.objects.create(district=full)
    cycle = Student.objects.filter(district=full)[0].cycle
    for number in range(60):
        about = {"sis_id": f"more-{number}", "household": home, "cycle": cycle, "school": school}
        student = Student.objects.create(district=full, first_name="A", last_name="B", **about)
        adult = Contact.objects.create(district=full, first_name="C", last_name="D")
        Guardianship.objects.create(contact=adult, student=student)
    with django_assert_max_num_queries(30):
        exported(full)
