"""What a counselor sees of an import: its preview, its problems, its end and its undoing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import ContactImport, Student
from schools.models import School
from tests.contacts.builders import counselor_of, csv_of, family
from tests.contacts.test_pages import columns_of, upload


@pytest.fixture
def counselor(client: Client, school: School) -> Client:
    client.force_login(counselor_of(school))
    return client


def preview(counselor: Client, school: School, *rows: dict[str, str]) -> ContactImport:
    page = upload(counselor, school, csv_of(*rows))
    if page.state == ContactImport.State.MAPPING:
        counselor.post(page.get_absolute_url(), {"action": "map", **columns_of(counselor, page)})
    return page


def brought_in(counselor: Client, school: School, *rows: dict[str, str]) -> ContactImport:
    page = preview(counselor, school, *rows)
    counselor.post(page.get_absolute_url(), {"action": "confirm"})
    return page


def test_an_import_is_undone_only_with_a_yes(counselor: Client, school: School) -> None:
    page = brought_in(counselor, school, family(1), family(2))
    answer = counselor.post(page.get_absolute_url(), {"action": "undo"})
    assert answer.status_code == 422
    assert "Tick the box" in answer.content.decode()
    assert Student.objects.count() == 2
    for _press in range(2):
        counselor.post(page.get_absolute_url(), {"action": "undo", "sure": "yes"})
    assert not Student.objects.exists()
    assert "This import was undone" in counselor.get(page.get_absolute_url()).content.decode()


def test_what_a_later_file_rests_on_is_not_undone_and_the_page_says_why(
    counselor: Client, school: School
) -> None:
    first = brought_in(counselor, school, family(1))
    brought_in(counselor, school, family(1), family(2))
    shown = counselor.get(first.get_absolute_url()).content.decode()
    assert "A later file was imported on top of it. Undo that one first." in shown
    assert "Undo the whole import" not in shown
    answer = counselor.post(first.get_absolute_url(), {"action": "undo", "sure": "yes"})
    assert answer.status_code == 422
    assert Student.objects.count() == 2


def test_half_a_file_says_on_its_button_how_many_would_leave(
    counselor: Client, school: School
) -> None:
    brought_in(counselor, school, *(family(number) for number in range(1, 5)))
    page = preview(counselor, school, family(1))
    shown = counselor.get(page.get_absolute_url()).content.decode()
    assert "Import, and mark 3 students as left" in shown


def test_many_problems_are_shown_by_kind_and_page(counselor: Client, school: School) -> None:
    rows = [family(number, guardian_phone="12") for number in range(1, 31)]
    rows += [family(number, language="Klingon") for number in range(31, 34)]
    page = preview(counselor, school, *rows)
    url = page.get_absolute_url()
    first = counselor.get(url)
    assert [count for *_kind, count in first.context["kinds"]] == [30, 3]
    assert first.context["page_obj"].paginator.num_pages == 2
    languages = counselor.get(url, {"kind": "1"}).context["page_obj"]
    assert {problem["value"] for problem in languages} == {"Klingon"}
    assert counselor.get(url, {"kind": "99"}).context["page_obj"].paginator.count == 33


def test_the_history_counts_what_each_file_did(counselor: Client, school: School) -> None:
    brought_in(counselor, school, family(1), family(2))
    brought_in(counselor, school, family(2), family(3))
    page = counselor.get(reverse("contact-imports"))
    told = [(each.summary["created"], each.summary["left"]) for each in page.context["page_obj"]]
    assert told == [(1, 1), (2, 0)]
