"""Where applications stand, by file; and the right to see and to be forgotten."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contacts import consent, statuses
from contacts.crypto import blind_index
from contacts.imports.run import run
from contacts.models import AidStatusEntry, Channel, Contact, ContactPoint, Student, Suppression
from schools.models import District
from tests.contacts.builders import NOW, csv_of, family


@pytest.fixture
def families(district: District) -> None:
    rows = [family(1, status=""), family(2, status="", guardian_first_name="Maria1",
            guardian_phone="206-555-0101"), family(3, status="")]  # fmt: skip
    run("families.csv", csv_of(*rows), district=district, now=NOW)


def command(name: str, *args: str, **options: object) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def test_a_status_file_is_recorded_once(district: District, families: None, tmp_path: Path) -> None:
    file = tmp_path / "statuses.csv"
    file.write_text(
        "Student ID,FAFSA Status,As Of\nS0001,Processed,2025-11-01\nS0002,Rejected,\n"
        "S0003,Purple,\nS0999,Submitted,\n"
    )
    options = {"district": district.nces_id, "json": True}
    tried = json.loads(command("import_statuses", str(file), dry_run=True, **options))
    assert not AidStatusEntry.objects.exists()
    first = json.loads(command("import_statuses", str(file), **options))
    again = json.loads(command("import_statuses", str(file), **options))
    assert tried == first
    assert (first["recorded"], first["unmatched"], len(first["problems"])) == (2, 1, 2)
    assert (again["recorded"], again["unchanged"]) == (0, 2)
    status = dict(Student.objects.values_list("sis_id", "aid_status"))
    assert status == {"S0001": "completed", "S0002": "action_needed", "S0003": "not_started"}


def test_the_latest_word_counts_in_whatever_order_it_arrives(families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    later, earlier = NOW, NOW - dt.timedelta(days=9)
    statuses.record(student, "completed", source="family", as_of=later)
    statuses.record(student, "in_progress", source="staff", as_of=earlier)
    student.refresh_from_db()
    assert (student.aid_status, student.aid_status_since) == ("completed", later)
    assert student.aid_status_entries.count() == 2


def test_saying_the_same_again_keeps_since_when(families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    statuses.record(student, "submitted", source="staff", as_of=NOW - dt.timedelta(days=9))
    statuses.record(student, "submitted", source="file", as_of=NOW)
    student.refresh_from_db()
    assert student.aid_status_since == NOW - dt.timedelta(days=9)


WEEK = dt.timedelta(days=7)


def weekly(student: Student, status: str, as_of: dt.datetime) -> str:
    """What counts once a status file said this."""
    statuses.record_many([statuses.Finding(student, status, as_of)])
    student.refresh_from_db()
    return student.aid_status


def test_a_familys_word_counts_until_the_next_verified_one(families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    assert weekly(student, "not_started", NOW) == "not_started"
    statuses.record(student, "completed", source="family", as_of=NOW + WEEK / 2)
    student.refresh_from_db()
    assert student.aid_status == "completed"
    assert weekly(student, "not_started", NOW + WEEK) == "not_started"
    assert list(statuses.conflicts(Student.objects.all())) == [student]


def test_an_older_file_does_not_overrule_the_family(families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    weekly(student, "not_started", NOW)
    statuses.record(student, "completed", source="family", as_of=NOW + WEEK)
    assert weekly(student, "not_started", NOW + WEEK / 2) == "completed"


def test_a_file_that_repeats_itself_does_not_overrule_staff(families: None) -> None:
    student = Student.objects.get(sis_id="S0001")
    weekly(student, "not_started", NOW)
    statuses.record(student, "completed", source="family", as_of=NOW + WEEK / 2)
    statuses.record(student, "completed", source="staff", as_of=NOW + WEEK / 2 + WEEK / 14)
    assert weekly(student, "not_started", NOW + WEEK) == "completed"
    assert weekly(student, "action_needed", NOW + 2 * WEEK) == "action_needed"


def test_a_person_is_given_everything_kept_about_them(families: None) -> None:
    found = json.loads(command("export_person", phone="(206) 555-0101"))
    contact = found["contacts"][0]
    assert {a["address"] for a in contact["addresses"]} >= {"+12065550101"}
    assert sorted(contact["students"]) == ["Ana1 Lopez", "Ana2 Lopez"]
    assert contact["consent_ledger"][0]["basis"] == "enrolment form"


def test_an_erased_student_takes_along_only_who_cares_for_nobody_else(families: None) -> None:
    counts = json.loads(command("erase_person", sis_id="S0003", yes=True, json=True))
    assert counts == {"students": 1, "contacts": 1}
    assert json.loads(command("erase_person", sis_id="S0001", yes=True, json=True)) == {
        "students": 1,
        "contacts": 0,
    }
    assert Contact.objects.get().students.get().sis_id == "S0002"


def test_a_stop_outlives_the_person(district: District, families: None) -> None:
    index = blind_index(Channel.SMS, "+12065550101")
    consent.withdraw(Channel.SMS, index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
    command("erase_person", phone="206-555-0101", yes=True)
    assert not ContactPoint.objects.filter(address_index=index).exists()
    run("families.csv", csv_of(family(1)), district=district, now=NOW)
    points = ContactPoint.objects.filter(address_index=index)
    assert points.exists()
    assert not consent.allowed(points).exists()


def test_nobody_is_erased_by_a_number_that_nobody_has(families: None) -> None:
    with pytest.raises(CommandError, match="Nobody"):
        call_command("erase_person", phone="206-555-0188", yes=True)
    with pytest.raises(CommandError, match="digits"):
        call_command("erase_person", phone="12", yes=True)
