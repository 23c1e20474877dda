"""What the campaigns know of a family is shown, exported and erased with the family."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from campaigns.models import Message, MessageState, Reply
from contacts import erasure
from contacts.imports import undo
from contacts.imports.run import run
from contacts.models import Contact, ContactImport, ContactPoint, Student
from tests.campaigns.conftest import Town
from tests.families.conftest import text_in, write_to


def test_the_page_of_a_family_shows_what_was_said(
    town: Town, family: Contact, phone: ContactPoint, client: Client
) -> None:
    write_to(phone)
    text_in("When is the workshop?", "+13605550111")
    client.force_login(town.counselor())
    page = client.get(family.get_absolute_url()).content.decode()
    assert "the form is open" in page
    assert "When is the workshop?" in page


def test_a_student_page_shows_a_counselor_of_another_school_nothing(
    town: Town, family: Contact, phone: ContactPoint, client: Client
) -> None:
    write_to(phone)
    client.force_login(town.counselor(town.other_school))
    assert client.get(family.students.get().get_absolute_url()).status_code == 404


def test_an_erased_family_leaves_no_words_behind_and_hears_nothing_more(
    family: Contact, phone: ContactPoint
) -> None:
    write_to(phone)
    write_to(phone, state=MessageState.PENDING)
    text_in("Thank you", "+13605550111")
    person = erasure.Person(students=list(family.students.all()), contacts=[family])
    erasure.erase(person, by=None)
    assert [bytes(m.body_sealed) for m in Message.objects.all()] == [b"", b""]
    assert not Message.objects.filter(state=MessageState.PENDING).exists()
    assert not Reply.objects.exclude(body_sealed=b"").exists()


def test_a_familys_export_holds_its_messages_and_replies(
    family: Contact, phone: ContactPoint
) -> None:
    write_to(phone)
    text_in("Thank you", "+13605550111")
    found = erasure.export(erasure.Person(contacts=[family]))
    assert "the form is open" in found["messages"][0]["body"]
    assert found["replies"][0]["body"] == "Thank you"


def test_an_import_whose_families_were_written_to_stays(town: Town) -> None:
    content = (
        b"student_id,student_name,school,guardian_name,guardian_phone\n"
        b"7,Ana Lopez,Lincoln High School,Rosa Lopez,360-555-0199\n"
    )
    run("families.csv", content, district=town.district, now=timezone.now())
    write_to(ContactPoint.objects.get())
    upload = ContactImport.objects.get()
    assert any(
        "Campaigns have" in why or "A campaign has" in why for why in undo.objections(upload)
    )
    assert Student.objects.filter(sis_id="7").exists()
