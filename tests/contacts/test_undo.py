"""An import can be taken back whole, until something rests on it."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from contacts import consent, statuses
from contacts.crypto import blind_index
from contacts.imports import undo
from contacts.models import (
    Channel,
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    Household,
    NameWord,
    Student,
    Suppression,
)
from schools.models import District
from tests.contacts.builders import NOW, family
from tests.contacts.test_import import import_
from tests.contacts.test_imports_always import FILE, bring, quick


def records() -> list[object]:
    """All that an import can change, ledgers apart: those only grow."""
    rows: list[object] = [
        list(model.objects.order_by("pk").values())
        for model in (Student, Contact, ContactPoint, Guardianship, Household)
    ]
    rows.append(set(Suppression.objects.active().values_list("channel", "address_index")))
    rows.append(sorted(NameWord.objects.values_list("word", "student", "contact"), key=str))
    return rows


def newest() -> ContactImport:
    return ContactImport.objects.latest("pk")


@quick
@given(before=st.one_of(st.just([]), FILE), rows=FILE)
def test_an_undone_import_leaves_everything_as_it_was(
    district: District, before: list[dict[str, str]], rows: list[dict[str, str]]
) -> None:
    with transaction.atomic():
        if before:
            bring(district, before)
        was, files = records(), ContactImport.objects.count()
        bring(district, rows)
        if ContactImport.objects.count() > files:
            undo.undo(newest())
        now = records()
        transaction.set_rollback(True)
    assert now == was


def test_the_first_import_undone_leaves_nobody(district: District) -> None:
    import_(district, family(1), family(2))
    undo.undo(newest())
    assert not Student.objects.exists()
    assert not ContactPoint.objects.exists()
    assert newest().state == ContactImport.State.UNDONE


def test_a_later_import_is_undone_first(district: District) -> None:
    import_(district, family(1))
    first = newest()
    import_(district, family(1), family(2))
    with pytest.raises(undo.CannotUndo, match="later file"):
        undo.undo(first)
    undo.undo(newest())
    undo.undo(first)
    assert not Student.objects.exists()


def test_a_family_that_answered_since_is_not_undone(district: District) -> None:
    import_(district, family(1))
    statuses.record(Student.objects.get(), "completed", source="family", as_of=NOW)
    with pytest.raises(undo.CannotUndo, match="worked on"):
        undo.undo(newest())
    assert Student.objects.exists()


def test_what_somebody_changed_since_is_not_undone(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, student_last_name="Ruiz"))
    Student.objects.update(last_name="Ruiz Lopez")
    with pytest.raises(undo.CannotUndo, match="changed again"):
        undo.undo(newest())


def test_a_file_that_silenced_a_school_by_mistake_gives_it_back(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, guardian_sms_opt_out="yes"))
    assert Suppression.objects.active().exists()
    undo.undo(newest())
    assert not Suppression.objects.active().exists()
    assert consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).exists()


def test_a_stop_of_the_familys_own_outlives_the_file_that_said_the_same(
    district: District,
) -> None:
    import_(district, family(1))
    import_(district, family(1, guardian_sms_opt_out="yes"))
    index = blind_index(Channel.SMS, "+12065550101")
    consent.withdraw(Channel.SMS, index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
    undo.undo(newest())
    assert Suppression.objects.active().exists()
    assert not consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).exists()


def test_a_status_that_an_undone_file_told_counts_no_more(district: District) -> None:
    import_(district, family(1))
    import_(district, family(1, status="completed"))
    assert Student.objects.get().aid_status == "completed"
    undo.undo(newest())
    assert Student.objects.get().aid_status == "not_started"
    assert Student.objects.get().aid_status_entries.count() == 2
