"""A counselor brings in a file of aid statuses: columns, preview, recorded, undone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts import statuses
from contacts.imports.run import run
from contacts.models import AidStatusEntry, ContactImport, FileWord, StatusReview, Student
from schools.models import AuditEntry, District, School
from tests.contacts.builders import NOW, counselor_of, csv_of, family

HEADER = "Student ID,FAFSA Status,As Of"


@pytest.fixture
def counselor(client: Client, school: School) -> Client:
    client.force_login(counselor_of(school))
    return client


@pytest.fixture
def families(district: District) -> None:
    rows = [family(n, status="") for n in range(1, 5)]
    run("families.csv", csv_of(*rows), district=district, now=NOW)


def upload(client: Client, school: School, *lines: str, **fields: str) -> ContactImport:
    file = SimpleUploadedFile("statuses.csv", "\n".join(lines).encode(), "text/csv")
    form = {"place": f"school-{school.pk}", "file": file, **fields}
    answer = client.post(reverse("status-import-new"), form)
    assert answer.status_code == 302
    return ContactImport.objects.latest("uploaded_at")


def map_as_guessed(client: Client, page: ContactImport) -> None:
    context = client.get(page.get_absolute_url()).context
    chosen = {f"column-{column.position}": column.field for column in context["columns"]}
    press(client, page, "map", **chosen)


def press(client: Client, page: ContactImport, action: str, **more: str) -> str:
    answer = client.post(page.get_absolute_url(), {"action": action, **more}, follow=True)
    page.refresh_from_db()
    return answer.content.decode()


def status_of(number: int) -> str:
    return Student.objects.get(sis_id=f"S{number:04d}").aid_status


def test_statuses_are_seen_before_they_are_recorded_and_can_be_undone(
    counselor: Client, school: School, families: None
) -> None:
    page = upload(
        counselor, school, HEADER, "S0001,Processed,11/3/2025", "S0002,Rejected,", "S0999,Filed,"
    )
    assert page.state == "mapping"
    map_as_guessed(counselor, page)
    assert page.state == "preview"
    assert page.summary["moves"] == {"not_started>completed": 1, "not_started>action_needed": 1}
    assert page.summary["unmatched"] == 1
    assert not AidStatusEntry.objects.exists()
    assert "The statuses are recorded" in press(counselor, page, "confirm")
    assert (status_of(1), status_of(2)) == ("completed", "action_needed")
    assert not page.pieces.exists()
    press(counselor, page, "undo", sure="yes")
    assert page.state == "undone"
    assert (status_of(1), status_of(2)) == ("not_started", "not_started")
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"statuses.imported", "statuses.undone"} <= actions


def test_next_weeks_file_needs_no_mapping(
    counselor: Client, school: School, families: None
) -> None:
    lines = ["Who,How far", "S0001,Processed"]
    first = upload(counselor, school, *lines)
    press(counselor, first, "map", **{"column-0": "student_id", "column-1": "status"})
    press(counselor, first, "confirm")
    second = upload(counselor, school, lines[0], "S0001,Rejected")
    assert second.state == "preview"
    assert counselor.get(second.get_absolute_url()).context["confirmed_on"] is not None
    press(counselor, second, "columns")
    assert second.state == "mapping"


def test_families_with_the_same_columns_are_not_taken_for_statuses(
    counselor: Client, school: School, families: None
) -> None:
    first = upload(counselor, school, HEADER, "S0001,Processed,")
    map_as_guessed(counselor, first)
    press(counselor, first, "confirm")
    file = SimpleUploadedFile("families.csv", f"{HEADER}\nS0001,Processed,".encode(), "text/csv")
    counselor.post(reverse("contact-import-new"), {"place": f"school-{school.pk}", "file": file})
    assert ContactImport.objects.latest("uploaded_at").state == "mapping"


def test_what_the_columns_lack_is_said_before_anything_is_pressed(
    counselor: Client, school: School, families: None
) -> None:
    page = upload(counselor, school, "Homeroom,FAFSA Status", "12B,Processed")
    needs = counselor.get(page.get_absolute_url()).context["needs"]
    assert [need.met for need in needs] == [False, True]
    answer = counselor.post(page.get_absolute_url(), {"action": "map", "column-1": "status"})
    assert answer.status_code == 422
    assert "No column holds the student id" in answer.content.decode()


def test_rows_count_as_of_the_day_that_the_file_speaks_of(
    counselor: Client, school: School, families: None
) -> None:
    page = upload(counselor, school, HEADER, "S0001,Processed,", as_of="2025-11-01")
    map_as_guessed(counselor, page)
    press(counselor, page, "confirm")
    since = Student.objects.get(sis_id="S0001").aid_status_since
    assert since is not None
    assert since.date().isoformat() == "2025-11-01"


def test_a_day_to_come_is_refused(counselor: Client, school: School, families: None) -> None:
    file = SimpleUploadedFile("statuses.csv", HEADER.encode(), "text/csv")
    form = {"place": f"school-{school.pk}", "file": file, "as_of": "2199-01-01"}
    answer = counselor.post(reverse("status-import-new"), form)
    assert answer.status_code == 422
    assert "has not come yet" in answer.content.decode()


def test_an_unknown_status_is_explained_once_and_the_file_read_again(
    counselor: Client, school: School, families: None
) -> None:
    page = upload(counselor, school, HEADER, "S0001,Purple,", "S0002,purple,", "S0003,Filed,")
    map_as_guessed(counselor, page)
    assert page.summary["words"] == 1
    assert "Explain them now" in counselor.get(page.get_absolute_url()).content.decode()
    word = FileWord.objects.get(word="purple")
    assert word.rows == 2
    url = f"{reverse('file-words')}?import={page.pk}"
    assert "purple" in counselor.get(url).content.decode()
    counselor.post(url, {f"word-{word.pk}": "in_progress"})
    page.refresh_from_db()
    assert (page.state, page.summary["recorded"], page.summary["words"]) == ("preview", 3, 0)
    press(counselor, page, "confirm")
    assert status_of(1) == "in_progress"
    later = upload(counselor, school, HEADER, "S0004,PURPLE,")
    assert later.summary["problem_count"] == 0


def test_a_contradiction_with_the_family_is_told_in_the_preview(
    counselor: Client, school: School, families: None
) -> None:
    student = Student.objects.get(sis_id="S0001")
    statuses.record(student, "completed", source="family", as_of=NOW)
    page = upload(counselor, school, HEADER, "S0001,Not started,")
    map_as_guessed(counselor, page)
    assert page.summary["conflicts"] == 1
    assert not statuses.conflicts(Student.objects.all()).exists()
    assert "Decide who is right" in press(counselor, page, "confirm")
    assert statuses.conflicts(Student.objects.all()).exists()


def test_an_undone_file_leaves_no_question(
    counselor: Client, school: School, district: District
) -> None:
    rows = [family(1, status="", birth_date="2008-05-31")]
    run("f.csv", csv_of(*rows, headers=[*rows[0]]), district=district, now=NOW)
    page = upload(
        counselor, school, "First Name,Last Name,DOB,Status", "Ana1,Lopez,5/31/2008,Filed"
    )
    map_as_guessed(counselor, page)
    assert not StatusReview.objects.exists()
    press(counselor, page, "confirm")
    assert StatusReview.objects.open().count() == 1
    press(counselor, page, "undo", sure="yes")
    assert not StatusReview.objects.exists()
