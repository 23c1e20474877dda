"""Consent that staff were told of: what it rests on is kept, and a no is never overridden."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts import consent, consent_by_hand
from contacts.models import Channel, Consent, ConsentEntry, ContactPoint, Student, Suppression
from schools.models import AuditEntry, District, School, User
from tests.contacts.builders import NOW, counselor_of, family, make_district
from tests.contacts.test_import import import_

FORM = {"basis": "opt-in form", "on": "2025-11-03", "source": "Senior night"}


@pytest.fixture
def counselor(school: School) -> User:
    return counselor_of(school)


@pytest.fixture
def staff(client: Client, counselor: User) -> Client:
    client.force_login(counselor)
    return client


@pytest.fixture
def strict(district: District) -> District:
    """A district where texts need an opt-in, with two families."""
    district.sms_needs_opt_in = True
    district.save()
    import_(district, family(1), family(2))
    return district


def phone_of(student: str) -> ContactPoint:
    return ContactPoint.objects.get(
        channel=Channel.SMS, contact__guardianships__student__sis_id=student
    )


def stop(point: ContactPoint) -> None:
    consent.withdraw(
        Channel.SMS, point.address_index, reason=Suppression.Reason.STOP, basis="reply", at=NOW
    )


def texted() -> list[str]:
    return sorted(
        consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).values_list(
            "contact__guardianships__student__sis_id", flat=True
        )
    )


def test_a_spoken_yes_lets_a_strict_district_text_and_says_what_it_rests_on(
    strict: District, staff: Client, counselor: User
) -> None:
    assert texted() == []
    point = phone_of("S0001")
    asked = {"basis": "verbal", "on": "2025-11-03", "source": "Told Ms. Ortiz"}
    staff.post(reverse("contact-point-consent", args=[point.pk]), asked)
    assert texted() == ["S0001"]
    entry = ConsentEntry.objects.get(basis="verbal")
    assert (entry.action, entry.source, entry.recorded_by) == ("given", "Told Ms. Ortiz", counselor)
    assert timezone.localdate(entry.at) == dt.date(2025, 11, 3)
    page = staff.get(point.contact.get_absolute_url()).content.decode()
    assert "Said so in person or by phone · Told Ms. Ortiz" in page
    assert AuditEntry.objects.get(action="consent.recorded").details["basis"] == "verbal"


def test_an_enrolment_form_is_no_opt_in(strict: District, staff: Client) -> None:
    url = reverse("contact-point-consent", args=[phone_of("S0001").pk])
    staff.post(url, {"basis": "enrolment form", "on": "2025-11-03"})
    assert texted() == []


def test_nobody_takes_back_a_stop_for_the_family(strict: District, staff: Client) -> None:
    stop(point := phone_of("S0001"))
    staff.post(reverse("contact-point-consent", args=[point.pk]), FORM)
    point.refresh_from_db()
    assert point.consent == Consent.WITHDRAWN
    assert Suppression.objects.active().exists()
    assert not ConsentEntry.objects.filter(basis="opt-in form").exists()


def test_a_day_to_come_is_no_day_of_a_consent(strict: District, staff: Client) -> None:
    url = reverse("contact-point-consent", args=[phone_of("S0001").pk])
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert staff.post(url, FORM | {"on": tomorrow.isoformat()}).status_code == 422


def test_a_stack_of_forms_is_recorded_at_once_but_for_who_said_stop(
    strict: District, staff: Client
) -> None:
    import_(strict, family(1), family(2), family(3))
    stop(phone_of("S0002"))
    asked = {"everyone": "yes", "query": "q=lopez"}
    first = staff.post(reverse("contacts-consent"), asked)
    assert not ConsentEntry.objects.filter(basis="opt-in form").exists()
    assert dict(first.context["counts"]) == {
        "The parents and guardians": 3, "The students themselves": 0
    }  # fmt: skip
    staff.post(reverse("contacts-consent"), asked | FORM | {"whose": "guardians", "sure": "yes"})
    assert texted() == ["S0001", "S0003"]
    details = AuditEntry.objects.get(action="consent.recorded").details
    assert (details["addresses"], details["silent"]) == (2, 1)


def test_the_same_forms_twice_are_one_entry_each(strict: District, counselor: User) -> None:
    for _again in range(2):
        outcome = consent_by_hand.record(
            consent_by_hand.phones_of(Student.objects.all(), "both"),
            basis="written", at=NOW, source="", by=counselor,
        )  # fmt: skip
    assert outcome == consent_by_hand.Outcome(given=2, silent=0)
    assert ConsentEntry.objects.filter(basis="written").count() == 2


def test_a_counselor_records_nothing_for_another_district(strict: District, staff: Client) -> None:
    elsewhere = make_district("9900020")
    import_(elsewhere, family(7))
    other = Student.objects.get(sis_id="S0007")
    point = phone_of("S0007")
    assert staff.post(reverse("contact-point-consent", args=[point.pk]), FORM).status_code == 404
    asked = {"student": other.pk, "whose": "both", "sure": "yes"}
    staff.post(reverse("contacts-consent"), asked | FORM)
    point.refresh_from_db()
    assert point.consent == Consent.IMPLIED


def test_a_later_file_adds_no_consent_to_one_who_said_no(strict: District, staff: Client) -> None:
    stop(point := phone_of("S0001"))
    yeses = ConsentEntry.objects.filter(action="given", address_index=point.address_index)
    before = yeses.count()
    import_(strict, family(1, guardian_first_name="Mary"), family(2))
    held = ContactPoint.objects.filter(address_index=point.address_index)
    assert {each.consent for each in held} == {Consent.WITHDRAWN}
    assert yeses.count() == before
