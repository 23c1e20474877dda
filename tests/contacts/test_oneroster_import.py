"""A district that lives on OneRoster zips: the first one, then a delta every night."""

from __future__ import annotations

import datetime as dt

import pytest

from contacts.imports import run as runs
from contacts.imports.problems import BadFile
from contacts.models import Contact, ContactPoint, Guardianship, Student
from schools.models import District
from tests.contacts.builders import NOW
from tests.contacts.rosters import Row, a_parent, a_roster, a_student, gone, table_of

HERS = {"email": "maria@lakeview.example", "sms": "206-555-0101"}
ANA = {"agentSourcedIds": "g1,g2", "email": "ana@lakeview.example", "sms": "206-555-0109"}


def bring(
    district: District, *users: Row, delta: bool = True, version: str = "1.2", later: int = 1
) -> runs.Report:
    table = table_of(a_roster(*users, delta=delta, version=version), district)
    now = NOW + dt.timedelta(days=later)
    return runs.run_table(table, name="roster.zip", district=district, now=now)


@pytest.fixture
def rostered(district: District) -> District:
    """s1 and s2 with their mother g1; s1 also with g2; s1 has an address of her own."""
    bring(
        district,
        a_student("s1", **ANA),
        a_student("s2", "Ben Lopez", agentSourcedIds="g1"),
        a_parent("g1", **HERS),
        a_parent("g2", "Jo Diaz", sms="206-555-0102", email="jo@lakeview.example"),
        delta=False,
        later=0,
    )
    return district


def test_a_zip_uploaded_as_any_other_file_is_understood(district: District) -> None:
    people = a_student("s1", **ANA), a_parent("g1", **HERS)
    for delta, changed in ((False, 1), (True, 0)):
        content = a_roster(*people, delta=delta).getvalue()
        report = runs.run("oneroster.zip", content, district=district, now=NOW)
        assert (report.created, report.updated, report.left) == (changed, 0, 0)


def addresses(sis_id: str = "", **of: str) -> set[str]:
    """The addresses that a guardian, or another contact, has now."""
    who = {"contact__sis_id": sis_id} if sis_id else of
    return {point.address for point in ContactPoint.objects.filter(**who, removed_on=None)}


def guardians(student: str) -> set[str]:
    ties = Guardianship.objects.filter(student__sis_id=student, left_on=None)
    return set(ties.values_list("contact__sis_id", flat=True))


def test_the_first_zip_brings_the_families(rostered: District) -> None:
    assert guardians("s1") == {"g1", "g2"}
    assert guardians("s2") == {"g1"}
    assert addresses("g1") == {"maria@lakeview.example", "+12065550101"}
    assert Student.objects.get(sis_id="s1").grade == "12"


def test_the_same_zip_again_changes_nothing(rostered: District) -> None:
    people = (
        a_student("s1", **ANA),
        a_student("s2", "Ben Lopez", agentSourcedIds="g1"),
        a_parent("g1", **HERS),
        a_parent("g2", "Jo Diaz", sms="206-555-0102", email="jo@lakeview.example"),
    )
    report = bring(rostered, *people, delta=False)
    assert (report.created, report.updated, report.unchanged, report.left) == (0, 0, 2, 0)


def test_a_roster_without_guardians_takes_none_away(rostered: District) -> None:
    bring(rostered, a_student("s1", **ANA), a_student("s2", "Ben Lopez"), delta=False)
    assert guardians("s1") == {"g1", "g2"}
    assert addresses("g1") == {"maria@lakeview.example", "+12065550101"}


def test_a_delta_leaves_alone_whom_it_does_not_name(rostered: District) -> None:
    report = bring(rostered, a_student("s2", "Benjamin Lopez", agentSourcedIds="g1"))
    assert (report.updated, report.left) == (1, 0)
    assert Student.objects.get(sis_id="s2").first_name == "Benjamin"
    assert Student.objects.present().count() == 2
    assert addresses("g1") == {"maria@lakeview.example", "+12065550101"}


def test_a_changed_phone_of_a_guardian_alone_replaces_the_old_one(rostered: District) -> None:
    bring(rostered, a_parent("g1", email="maria@lakeview.example", sms="206-555-0155"))
    assert addresses("g1") == {"maria@lakeview.example", "+12065550155"}
    assert guardians("s1") == {"g1", "g2"}


def test_a_changed_guardian_takes_nothing_from_the_student(rostered: District) -> None:
    before = addresses(contact__student__sis_id="s1")
    assert before == {"ana@lakeview.example", "+12065550109"}
    bring(rostered, a_parent("g1", **HERS))
    assert addresses(contact__student__sis_id="s1") == before
    ana = Student.objects.get(sis_id="s1")
    assert (ana.first_name, ana.grade, ana.school.name) == ("Ana", "12", "Lakeview High School")


def test_a_deleted_guardian_is_nobodys_guardian_any_more(rostered: District) -> None:
    bring(rostered, gone("g1"))
    assert (guardians("s1"), guardians("s2")) == ({"g2"}, set())
    assert Contact.objects.get(sis_id="g1").left_on
    assert addresses(contact__student__sis_id="s1") == {"ana@lakeview.example", "+12065550109"}


def test_a_deleted_student_has_left_and_nobody_else_has(rostered: District) -> None:
    report = bring(rostered, gone("s1"))
    assert report.left == 1
    assert [s.sis_id for s in Student.objects.present()] == ["s2"]


def test_a_guardian_no_longer_listed_is_let_go(rostered: District) -> None:
    bring(rostered, a_student("s1", **{**ANA, "agentSourcedIds": "g1"}))
    assert guardians("s1") == {"g1"}


def test_a_siblings_guardian_newly_listed_keeps_every_address(rostered: District) -> None:
    bring(
        rostered,
        a_student("s1", **ANA),
        a_student("s2", "Ben Lopez", agentSourcedIds="g1,g2"),
    )
    assert guardians("s2") == {"g1", "g2"}
    assert addresses("g2") == {"jo@lakeview.example", "+12065550102"}


def test_a_delta_in_which_nothing_concerns_families_says_so(rostered: District) -> None:
    with pytest.raises(BadFile, match="Nothing in this delta"):
        bring(rostered, a_parent("t1", role="teacher"), gone("t2"))
