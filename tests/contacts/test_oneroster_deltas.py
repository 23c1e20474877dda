"""A delta names only what changed; what it leaves out has not left."""

from __future__ import annotations

import datetime as dt

import pytest

from contacts.imports.problems import BadFile
from contacts.models import Contact, Guardianship, Household, Student
from schools.models import Cycle, District, School
from tests import builders
from tests.contacts.rosters import (
    Row,
    a_parent,
    a_roster,
    a_student,
    csv_text,
    families,
    files_of,
    gone,
    table_of,
    zip_of,
)


def changes(district: District, *users: Row, version: str = "1.1") -> list[Row]:
    return families(a_roster(*users, delta=True, version=version), district)


def told(rows: list[Row]) -> list[tuple[str, str, str]]:
    """Student, guardian, and `gone` where the guardian is one no more."""
    return [
        (
            row["student_id"],
            row.get("guardian_id", ""),
            "gone" if row.get("guardian_gone") else "",
        )
        for row in rows
    ]


@pytest.fixture
def known(school: School) -> District:
    """s1 and s2 with their mother g1; s1 also with g2."""
    assert school.district
    home = Household.objects.create(district=school.district)
    one, two = (
        Student.objects.create(
            district=school.district,
            school=school,
            household=home,
            cycle=Cycle.objects.get(),
            sis_id=sid,
            first_name="Ana",
            last_name="Lopez",
        )
        for sid in ("s1", "s2")
    )
    mother, father = (
        Contact.objects.create(
            district=school.district, sis_id=sid, first_name="Maria", last_name="Lopez"
        )
        for sid in ("g1", "g2")
    )
    for contact, student in ((mother, one), (mother, two), (father, one)):
        Guardianship.objects.create(contact=contact, student=student)
    return school.district


def test_a_delta_is_not_whole() -> None:
    assert not table_of(a_roster(a_student(), delta=True)).whole


def test_a_delta_of_roles_alone_is_not_whole_either() -> None:
    files = files_of(a_student(), version="1.2")
    files["manifest.csv"] = files["manifest.csv"].replace("roles,bulk", "roles,delta")
    assert not table_of(zip_of(files)).whole


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_deleted_student_has_left_even_if_the_row_tells_no_role(
    known: District, version: str
) -> None:
    assert changes(known, gone("s1"), version=version) == [{"student_id": "s1", "enrolled": "no"}]


def test_a_deleted_guardian_is_gone_for_each_of_their_students(known: District) -> None:
    assert told(changes(known, gone("g1"))) == [("s1", "g1", "gone"), ("s2", "g1", "gone")]


def test_a_deleted_guardian_is_gone_for_students_who_changed_too(known: District) -> None:
    rows = changes(known, a_student("s1", agentSourcedIds="g1,g2"), gone("g1", role="parent"))
    assert told(rows) == [("s1", "g1", "gone"), ("s2", "g1", "gone")]


def test_someone_deleted_whom_nobody_knows_says_nothing(known: District) -> None:
    with pytest.raises(BadFile, match="Nothing in this delta"):
        changes(known, gone("x9"))


def test_a_lone_changed_guardian_is_told_for_the_students_known_here(known: District) -> None:
    rows = changes(known, a_parent("g1", "Maria Diaz", sms="2065550101"))
    assert told(rows) == [("s1", "g1", ""), ("s2", "g1", "")]
    assert {row["guardian_last_name"] for row in rows} == {"Diaz"}
    assert {row["guardian_cell_phone"] for row in rows} == {"2065550101"}
    assert not any("student_first_name" in row or "enrolled" in row for row in rows)


def test_a_guardian_who_lists_a_further_student_is_told_for_that_one_too(known: District) -> None:
    rows = changes(known, a_parent("g2", "Jo Lopez", agentSourcedIds="s2,nobody"))
    assert sorted(told(rows)) == [("s1", "g2", ""), ("s2", "g2", "")]


def test_a_guardian_whose_role_is_not_told_again_is_still_one(known: District) -> None:
    rows = changes(known, a_parent("g1", role=""), version="1.2")
    assert told(rows) == [("s1", "g1", ""), ("s2", "g1", "")]


def test_a_student_whose_role_is_not_told_again_is_still_one(known: District) -> None:
    (row,) = changes(known, a_student("s1", "Anita Lopez", role=""), version="1.2")
    assert (row["student_id"], row["student_first_name"]) == ("s1", "Anita")


def test_a_guardian_whom_the_student_no_longer_lists_is_gone(known: District) -> None:
    rows = changes(known, a_student("s1", agentSourcedIds="g1"))
    assert told(rows) == [("s1", "", ""), ("s1", "g2", "gone")]


def test_a_student_row_that_lists_nobody_says_nothing_of_guardians(known: District) -> None:
    assert told(changes(known, a_student("s1"))) == [("s1", "", "")]


def test_a_changed_guardian_whom_the_student_no_longer_lists_is_gone(known: District) -> None:
    rows = changes(known, a_student("s1", agentSourcedIds="g1"), a_parent("g2"))
    assert told(rows) == [("s1", "", ""), ("s1", "g2", "gone")]


def test_a_siblings_guardian_newly_listed_is_told_by_name(known: District) -> None:
    rows = changes(known, a_student("s2", agentSourcedIds="g1,g2"))
    assert told(rows) == [("s2", "", ""), ("s2", "g2", "")]
    assert rows[1]["guardian_last_name"] == "Lopez"


def test_a_new_student_comes_with_the_guardians_of_the_delta(known: District) -> None:
    rows = changes(known, a_student("s9", agentSourcedIds="g9,g1"), a_parent("g9"))
    assert told(rows) == [("s9", "g9", ""), ("s9", "g1", "")]


def test_a_deleted_enrolment_alone_makes_nobody_leave(known: District) -> None:
    files = files_of(a_student("s1"), delta=True)
    files["enrollments.csv"] = csv_text(
        [{"userSourcedId": "s1", "schoolSourcedId": "o1", "status": "tobedeleted"}]
    )
    (row,) = families(zip_of(files), known)
    assert row["enrolled"] == "yes"


def test_a_delta_without_orgs_leaves_the_school_as_it_is(known: District) -> None:
    (row,) = changes(known, a_student("s1"))
    assert "school" not in row


def test_the_school_of_a_delta_is_known_where_its_id_is(known: District, school: School) -> None:
    (row,) = changes(known, a_student("s1", orgSourcedIds=school.nces_id))
    assert row["school"] == school.nces_id


def test_ties_that_ended_and_students_who_left_are_not_told_again(known: District) -> None:
    today = dt.date(2025, 11, 20)
    Student.objects.filter(sis_id="s2").update(left_on=today)
    Guardianship.objects.filter(contact__sis_id="g2").update(left_on=today)
    assert told(changes(known, a_parent("g1"), a_parent("g2"))) == [("s1", "g1", "")]


def test_another_districts_people_are_not_ours(known: District) -> None:
    with pytest.raises(BadFile, match="Nothing in this delta"):
        changes(builders.a_district(), a_parent("g1"), gone("s1"))


@pytest.mark.parametrize("ours", ["s1", "1001"])
def test_the_kind_of_id_that_the_district_knows_is_kept(known: District, ours: str) -> None:
    Student.objects.filter(sis_id="s1").update(sis_id=ours)
    ana = a_student("s1", identifier="1001")
    assert families(a_roster(ana, a_student("s4")), known)[0]["student_id"] == ours
    assert changes(known, ana)[0]["student_id"] == ours
