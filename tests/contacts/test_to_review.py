"""What only a person can decide waits in one place, is asked once, and then is known."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from contacts import erasure, merging, statuses
from contacts.imports import status_file
from contacts.imports.run import run
from contacts.models import AidStatusEntry, PossibleDouble, StatusReview, Student
from schools.models import District, School
from tests.contacts.builders import NOW, counselor_of, csv_of, family

LATER = NOW + dt.timedelta(days=7)
HEADERS = [
    "student_id", "student_first_name", "student_last_name", "birth_date",
    "guardian_first_name", "guardian_phone", "school",
]  # fmt: skip


def pupil(number: int, **cells: str) -> dict[str, str]:
    row = family(number, birth_date="2008-05-31", **cells)
    return {name: row[name] for name in HEADERS}


@pytest.fixture
def families(district: District) -> None:
    rows = [pupil(1), pupil(2), pupil(3, school="Cedar Ridge High School")]
    run("families.csv", csv_of(*rows, headers=HEADERS), district=district, now=NOW)


@pytest.fixture
def staff(client: Client, school: School) -> Client:
    client.force_login(counselor_of(school))
    return client


def statuses_file(*rows: str) -> bytes:
    return "\n".join(["SSID,First Name,Last Name,Date of Birth,FAFSA Status", *rows]).encode()


def record(district: District, *rows: str, now: dt.datetime = NOW) -> status_file.StatusReport:
    return status_file.run("weekly.csv", statuses_file(*rows), district=district, now=now)


def page(client: Client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


def answer(client: Client, student: str) -> None:
    review = StatusReview.objects.open().get()
    client.post(reverse("status-question", args=[review.pk]), {"student": student})


def test_a_row_without_an_id_waits_and_the_answer_is_remembered(
    staff: Client, district: District, families: None
) -> None:
    assert record(district, ",Ana1,Lopez,5/31/2008,Submitted").review == 1
    assert "1 question" in page(staff, "to-review") or "One question" in page(staff, "to-review")
    assert "Ana1 Lopez" in page(staff, "status-questions")
    meant = Student.objects.get(sis_id="S0001")
    answer(staff, str(meant.pk))
    meant.refresh_from_db()
    assert meant.aid_status == "submitted"
    again = record(district, ",Ana1,Lopez,5/31/2008,Complete", now=LATER)
    assert (again.review, again.recorded) == (0, 1)
    meant.refresh_from_db()
    assert meant.aid_status == "completed"


def test_the_states_id_is_kept_once_a_person_said_whose_it_is(
    staff: Client, district: District, families: None
) -> None:
    record(district, "9912345678,Ana1,Lopez,5/31/2008,Submitted")
    answer(staff, str(Student.objects.get(sis_id="S0001").pk))
    assert Student.objects.get(sis_id="S0001").state_student_id == "9912345678"
    assert record(district, "9912345678,A.,Lopez,,Complete", now=LATER).recorded == 1


def test_nobody_is_an_answer_too_until_somebody_new_fits(
    staff: Client, district: District, families: None
) -> None:
    row = ",Ana1,Lopez,5/31/2008,Submitted"
    record(district, row)
    answer(staff, "nobody")
    assert not AidStatusEntry.objects.exists()
    again = record(district, row, now=LATER)
    assert (again.review, again.unmatched) == (0, 1)
    twin = {**pupil(9), "student_first_name": "Ana1"}
    everyone = [pupil(1), pupil(2), pupil(3, school="Cedar Ridge High School"), twin]
    run("families.csv", csv_of(*everyone, headers=HEADERS), district=district, now=LATER)
    assert record(district, row, now=LATER).review == 1


def test_next_weeks_file_asks_no_second_time_while_the_question_is_open(
    district: District, families: None
) -> None:
    for week in range(2):
        now = NOW + dt.timedelta(days=7 * week)
        record(district, ",Ana1,Lopez,5/31/2008,Submitted", now=now)
    assert StatusReview.objects.open().count() == 1
    assert StatusReview.objects.open().get().as_of == LATER


def test_an_answer_needs_one_of_the_students_who_were_asked_about(
    staff: Client, district: District, families: None
) -> None:
    record(district, ",Ana1,Lopez,5/31/2008,Submitted")
    for wrong in (str(Student.objects.get(sis_id="S0002").pk), "", "rubbish"):
        answer(staff, wrong)
    assert StatusReview.objects.open().count() == 1
    assert not AidStatusEntry.objects.exists()


def test_a_question_about_another_schools_student_is_not_shown(
    staff: Client, district: District, families: None
) -> None:
    record(district, ",Ana3,Lopez,5/31/2008,Submitted")
    assert "Ana3" not in page(staff, "status-questions")
    assert "Nothing waits for you" in page(staff, "to-review")


def test_a_student_merged_away_is_still_known_by_the_old_id(
    district: District, families: None
) -> None:
    keep, gone = Student.objects.get(sis_id="S0001"), Student.objects.get(sis_id="S0002")
    merging.merge_students(keep, gone, by=None)
    file = b"Student ID,Status\nS0002,Submitted\n"
    assert status_file.run("s.csv", file, district=district, now=NOW).recorded == 1


def test_an_erased_student_leaves_no_name_in_a_question(district: District, families: None) -> None:
    record(district, ",Ana1,Lopez,5/31/2008,Submitted")
    erasure.erase(erasure.find(sis_id="S0001"), by=None)
    assert not StatusReview.objects.exists()


# Conflicts ----------------------------------------------------------------------------------


@pytest.fixture
def contradicted(district: District, families: None) -> Student:
    """A student of whom the file says not started, and then the family that it is done."""
    student = Student.objects.get(sis_id="S0001")
    statuses.record(student, "not_started", source="file", as_of=NOW)
    statuses.record(student, "completed", source="family", as_of=NOW + dt.timedelta(days=1))
    return student


def test_a_contradiction_is_shown_in_the_queue_and_on_the_student(
    staff: Client, contradicted: Student
) -> None:
    assert "Ana1 Lopez" in page(staff, "status-conflicts")
    shown = staff.get(contradicted.get_absolute_url()).content.decode()
    assert "Who is right?" in shown


@pytest.mark.parametrize(
    ("right", "status"), [("file", "not_started"), ("family", "completed"), ("", "completed")]
)
def test_who_is_right_is_decided_once(
    staff: Client, district: District, contradicted: Student, right: str, status: str
) -> None:
    staff.post(reverse("status-conflict", args=[contradicted.pk]), {"right": right})
    contradicted.refresh_from_db()
    assert contradicted.aid_status == status
    open_still = statuses.conflicts(Student.objects.all()).exists()
    assert open_still is not bool(right)
    record(district, ",Ana1,Lopez,5/31/2008,Not started", now=LATER)
    assert statuses.conflicts(Student.objects.all()).exists() is not bool(right)


def test_what_agrees_is_no_contradiction(contradicted: Student) -> None:
    statuses.record(contradicted, "submitted", source="file", as_of=LATER)
    assert not statuses.conflicts(Student.objects.all()).exists()


# Doubles ------------------------------------------------------------------------------------


def test_doubles_are_shown_one_at_a_time_with_what_differs(
    staff: Client, district: District
) -> None:
    twins = [pupil(n, student_first_name="Ana", guardian_phone="206-555-0101") for n in (1, 2)]
    others = [pupil(n, student_first_name="Bo") for n in (3, 4)]
    file = csv_of(*twins, *others, headers=HEADERS)
    run("families.csv", file, district=district, now=NOW)
    first = staff.get(reverse("contact-doubles"))
    assert len(first.context["page_obj"].object_list) == 1
    pair = first.context["page_obj"][0]
    differing = {str(row.label) for row in pair.rows if row.differs}
    assert "Student id" in differing
    assert "Date of birth" not in differing
    assert pair.shared == 1
    answer = staff.post(reverse("contact-double", args=[pair.pk]), {"answer": "two"}, follow=True)
    assert answer.context["page_obj"][0].pk != pair.pk
    assert PossibleDouble.objects.open().count() == 1


def test_what_is_still_asked_about_a_person_is_given_to_them(
    district: District, families: None
) -> None:
    record(district, ",Ana1,Lopez,2008-05-31,Submitted")
    told = erasure.export(erasure.find(sis_id="S0001", district=district))
    [question] = told["students"][0]["open_status_questions"]
    assert (question["file"], question["row"], question["status"]) == ("weekly.csv", 2, "submitted")
    other = erasure.export(erasure.find(sis_id="S0002", district=district))
    assert other["students"][0]["open_status_questions"] == []
