"""Imports do not keep families' data for ever: what is only of use for a while goes after it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contacts import timeline
from contacts.imports import forgetting, undo
from contacts.models import ContactImport, ImportChange, ImportPiece, Student
from schools.models import District, School, User
from tests.contacts.builders import NOW, counselor_of, csv_of, family
from tests.contacts.test_import import import_
from tests.contacts.test_pages import upload

THE_DAY_BEFORE = NOW + forgetting.KEPT - dt.timedelta(days=1)
THE_DAY_AFTER = NOW + forgetting.KEPT + dt.timedelta(days=1)


@pytest.fixture
def user(school: School) -> User:
    return counselor_of(school)


@pytest.fixture
def counselor(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def changed(district: District, school: School, counselor: Client) -> ContactImport:
    """An import of November that changed a family and had a wrong phone in it."""
    import_(district, family(1))
    page = upload(counselor, school, csv_of(family(1, student_first_name="Anna"),
                                            family(2, guardian_phone="12")))  # fmt: skip
    counselor.post(page.get_absolute_url(), {"action": "confirm"})
    ContactImport.objects.update(finished_at=NOW)
    page.refresh_from_db()
    return page


def test_cells_and_values_from_before_are_let_go_after_ninety_days(changed: ContactImport) -> None:
    assert "12" in changed.problems_text
    assert forgetting.run(THE_DAY_BEFORE) == 0
    assert forgetting.run(THE_DAY_AFTER) == 2
    changed.refresh_from_db()
    assert changed.problems_text == ""
    assert changed.summary["problem_count"] == 1
    kept = ImportChange.objects.values_list("before", "after")
    assert kept
    assert all(values == ({}, {}) for values in kept)
    assert forgetting.run(THE_DAY_AFTER) == 0


def test_the_page_says_what_was_let_go_and_that_it_cannot_be_undone(
    changed: ContactImport, counselor: Client
) -> None:
    forgetting.run(THE_DAY_AFTER)
    page = counselor.get(changed.get_absolute_url()).content.decode()
    assert "1 thing was to be mended; what it said was let go on" in page
    assert "what was there before is no longer kept" in page
    counselor.post(changed.get_absolute_url(), {"action": "undo", "sure": "yes"})
    changed.refresh_from_db()
    assert changed.state == "done"
    with pytest.raises(undo.CannotUndo):
        undo.undo(changed)
    assert Student.objects.filter(first_name="Anna").exists()


def test_a_timeline_still_tells_which_file_changed_somebody(
    changed: ContactImport, user: User
) -> None:
    forgetting.run(THE_DAY_AFTER)
    told = timeline.of(user, [Student.objects.get(sis_id="S0001")], [])
    assert f"Changed by {changed.file_name}" in [moment.what for moment in told]


def test_a_file_that_nobody_imported_is_deleted_with_its_bytes(
    counselor: Client, school: School
) -> None:
    upload(counselor, school, csv_of(family(1)))
    assert forgetting.run(timezone.now() + dt.timedelta(days=89)) == 0
    assert ImportPiece.objects.exists()
    assert forgetting.run(timezone.now() + dt.timedelta(days=91)) == 1
    assert not ContactImport.objects.exists()
    assert not ImportPiece.objects.exists()
