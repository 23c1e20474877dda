"""What staff correct stays corrected; two records of one person become one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Reply
from contacts import bulk_edit, consent, directory, editing, merging, statuses
from contacts.models import (
    Channel,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    Household,
    PossibleDouble,
    Student,
    Suppression,
    Tag,
)
from schools.models import AuditEntry, District, User
from tests.contacts.builders import NOW, family
from tests.contacts.test_import import import_


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_superuser("owner@example.org", "secret")


@pytest.fixture
def staff(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


# One at a time ------------------------------------------------------------------------------


def test_a_corrected_student_is_kept_and_found_by_the_new_name(
    district: District, staff: Client, owner: User
) -> None:
    import_(district, family(1))
    student = Student.objects.get()
    staff.post(
        reverse("student-edit", args=[student.pk]),
        {
            "first_name": "Anna",
            "last_name": student.last_name,
            "grade": "11",
            "school": student.school_id,
            "path": "wasfa",
            "birth_date": "",
            "state_student_id": "",
        },
    )
    student.refresh_from_db()
    assert student.by_hand == ["first_name", "grade", "path"]
    assert directory.found(owner, {"q": "anna"}).get() == student
    import_(district, family(1))
    student.refresh_from_db()
    assert (student.first_name, student.grade, student.path) == ("Anna", "11", "wasfa")
    assert AuditEntry.objects.get(action="student.edited").details == {
        "what": "first_name, grade, path"
    }


def test_imports_may_set_a_field_again_when_told(district: District, staff: Client) -> None:
    import_(district, family(1))
    student = Student.objects.get()
    before = student.first_name
    editing.edit_student(student, {"first_name": "Anna"}, by=None)
    staff.post(reverse("student-give-back", args=[student.pk]), {"field": "first_name"})
    import_(district, family(1))
    student.refresh_from_db()
    assert (student.first_name, student.by_hand) == (before, [])


def test_an_added_phone_carries_what_its_consent_rests_on(
    district: District, staff: Client
) -> None:
    import_(district, family(1))
    guardian = Contact.objects.get()
    staff.post(
        reverse("contact-add-address", args=[guardian.pk]),
        {
            "channel": "sms",
            "address": "206 555 0142",
            "basis": "verbal",
            "on": timezone.localdate().isoformat(),
            "source": "parent evening",
        },
    )
    point = ContactPoint.objects.at(Channel.SMS, "+12065550142").get()
    entry = ConsentEntry.objects.get(contact_point=point)
    assert (point.consent, point.by_hand) == (Consent.EXPLICIT, True)
    assert (entry.basis, entry.source) == ("verbal", "parent evening")


def test_an_added_address_that_stopped_stays_silent(district: District) -> None:
    import_(district, family(1), family(2))
    other = ContactPoint.objects.at(Channel.SMS, "+12065550102").get()
    consent.withdraw(
        Channel.SMS, other.address_index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW
    )
    guardian = Student.objects.get(sis_id="S0001").guardians.get()
    point = editing.add_address(guardian, "sms", "206-555-0102", basis="written", at=NOW)
    assert point.consent == Consent.WITHDRAWN
    assert not consent.allowed(ContactPoint.objects.filter(pk=point.pk)).exists()


def test_a_bad_number_is_refused_in_words(district: District, staff: Client) -> None:
    import_(district, family(1))
    page = staff.post(
        reverse("contact-add-address", args=[Contact.objects.get().pk]),
        {"channel": "sms", "address": "555", "basis": "verbal", "on": "2026-01-05"},
    )
    assert page.status_code == 422
    assert "too few digits" in page.content.decode()


def test_a_wrong_number_is_out_of_use_whatever_files_say(district: District, staff: Client) -> None:
    import_(district, family(1))
    point = ContactPoint.objects.get(channel=Channel.SMS)
    staff.post(reverse("contact-point-take-away", args=[point.pk]))
    import_(district, family(1))
    point.refresh_from_db()
    assert point.removed_on is not None


# Many at once -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "value", "told"),
    [
        ("language", "so", lambda: set(Contact.objects.values_list("language", flat=True))),
        ("grade", "11", lambda: set(Student.objects.values_list("grade", flat=True))),
        ("status", "submitted", lambda: set(Student.objects.values_list("aid_status", flat=True))),
    ],
)
def test_a_change_reaches_all_and_outlives_the_next_file(
    district: District, action: str, value: str, told: object
) -> None:
    import_(district, family(1), family(2))
    done = bulk_edit.change(Student.objects.all(), action, value, by=None, now=timezone.now())
    assert done == 2
    import_(district, family(1), family(2))
    assert told() == {value}  # type: ignore[operator]


def test_tags_come_and_go(district: District) -> None:
    import_(district, family(1), family(2))
    everyone = Student.objects.all()
    bulk_edit.change(everyone, "tag", "College Bound", by=None, now=NOW)
    bulk_edit.change(everyone, "tag", "College Bound", by=None, now=NOW)
    assert Tag.objects.get().students.count() == 2
    bulk_edit.change(everyone.filter(sis_id="S0001"), "untag", "College Bound", by=None, now=NOW)
    assert Tag.objects.get().students.get().sis_id == "S0002"


def test_only_ticked_students_are_changed(district: District, staff: Client) -> None:
    import_(district, family(1), family(2))
    one = Student.objects.get(sis_id="S0001")
    staff.post(reverse("contacts-change"), {"student": [one.pk], "action": "leave", "query": ""})
    assert Student.objects.get(left_on=None).sis_id == "S0002"


def test_a_change_of_more_than_a_page_is_asked_about_first(
    district: District, staff: Client
) -> None:
    import_(district, *(family(n) for n in range(1, 60)))
    ask = {"everyone": "yes", "action": "grade", "grade": "11", "query": ""}
    page = staff.post(reverse("contacts-change"), ask)
    assert "59 students" in page.content.decode()
    spoken = {"everyone": "yes", "action": "language", "language": "vi", "query": ""}
    asked = staff.post(reverse("contacts-change"), spoken).content.decode()
    assert "New value: Vietnamese" in asked
    assert not Student.objects.filter(grade="11").exists()
    staff.post(reverse("contacts-change"), {**ask, "sure": "yes"})
    assert Student.objects.filter(grade="11").count() == 59


def test_a_change_without_a_value_changes_nothing(district: District, staff: Client) -> None:
    import_(district, family(1))
    page = staff.post(
        reverse("contacts-change"),
        {"everyone": "yes", "action": "tag", "tag": " ", "query": ""},
        follow=True,
    )
    assert "the value is missing" in page.content.decode()


# Two that are one ---------------------------------------------------------------------------


def twins(district: District) -> tuple[Student, Student]:
    born = {"birth_date": "2008-05-01"}
    import_(
        district,
        family(1, **born, guardian_id="G1"),
        family(1, **born, student_id="S9", guardian_id="G9", guardian_phone="206-555-0188"),
    )
    return Student.objects.get(sis_id="S0001"), Student.objects.get(sis_id="S9")


def test_merged_students_keep_all_that_either_knew(district: District) -> None:
    keep, gone = twins(district)
    statuses.record(gone, "submitted", source="staff", as_of=timezone.now())
    bulk_edit.change(Student.objects.filter(pk=gone.pk), "tag", "ASB", by=None, now=NOW)
    merging.merge_students(keep, gone, by=None)
    keep.refresh_from_db()
    assert Student.objects.get() == keep
    assert keep.guardians.count() == 2
    assert keep.aid_status == "submitted"
    assert keep.tags.get().name == "ASB"
    assert keep.aid_status_entries.filter(status="submitted").exists()


def test_the_next_file_does_not_make_the_second_one_again(district: District) -> None:
    keep, gone = twins(district)
    merging.merge_students(keep, gone, by=None)
    born = {"birth_date": "2008-05-01"}
    report = import_(
        district,
        family(1, **born, guardian_id="G1"),
        family(1, **born, student_id="S9", guardian_id="G9", guardian_phone="206-555-0188"),
    )
    assert Student.objects.get() == keep
    assert (report.created, report.possible_doubles) == (0, 0)
    only_new = import_(district, family(1, **born, student_id="S9", guardian_id="G9"))
    assert Student.objects.get() == keep
    assert only_new.left == 0


def test_custody_papers_of_one_who_left_hold_for_whom_they_are_merged_with(
    district: District,
) -> None:
    keep, gone = twins(district)
    one, two = keep.guardians.get(), gone.guardians.get()
    Guardianship.objects.create(
        contact=two, student=keep, may_contact=False, barred=True, left_on=NOW.date()
    )
    merging.merge_contacts(one, two, by=None)
    tie = one.guardianships.get(student=keep)
    assert (tie.left_on, tie.may_contact) == (None, False)


def test_merged_contacts_share_addresses_students_and_the_stricter_word(
    district: District,
) -> None:
    keep, gone = twins(district)
    one, two = keep.guardians.get(), gone.guardians.get()
    same = editing.add_address(two, "sms", "206-555-0101", basis="verbal", at=NOW)
    consent.withdraw(
        Channel.SMS, same.address_index, reason=Suppression.Reason.STOP, basis="STOP", at=NOW
    )
    Guardianship.objects.create(contact=two, student=keep, may_contact=False)
    reply = Reply.objects.create(
        contact=two, contact_point=same, channel="sms", meaning="question", received_at=NOW
    )
    merging.merge_contacts(one, two, by=None)
    assert Contact.objects.get() == one
    assert one.points.filter(channel="sms").count() == 2
    assert one.points.get(address_index=same.address_index).consent == Consent.WITHDRAWN
    assert not one.guardianships.get(student=keep).may_contact
    reply.refresh_from_db()
    assert reply.contact == one
    import_(
        district,
        family(1, guardian_id="G1"),
        family(2, student_id="S9", guardian_id="G9", guardian_phone="206-555-0188"),
    )
    assert Contact.objects.get() == one


def test_a_counselor_decides_a_pair_once(district: District, staff: Client) -> None:
    twins(district)
    pair = PossibleDouble.objects.get()
    assert "S0001" in staff.get(reverse("contact-doubles")).content.decode()
    staff.post(reverse("contact-double", args=[pair.pk]), {"answer": "two"})
    assert Student.objects.count() == 2
    born = {"birth_date": "2008-05-01"}
    report = import_(district, family(1, **born), family(1, **born, student_id="S9"), family(3))
    assert report.possible_doubles == 0
    assert "Nothing to decide" in staff.get(reverse("contact-doubles")).content.decode()


def test_one_press_makes_two_students_one(district: District, staff: Client) -> None:
    twins(district)
    staff.post(reverse("contact-double", args=[PossibleDouble.objects.get().pk]), {"answer": "one"})
    assert Student.objects.count() == 1
    assert Household.objects.filter(students__isnull=False).distinct().count() == 1


def test_a_contact_is_merged_from_its_page(district: District, staff: Client) -> None:
    keep, gone = twins(district)
    editing.add_address(gone.guardians.get(), "sms", "206-555-0101", basis="verbal", at=NOW)
    one, two = keep.guardians.get(), gone.guardians.get()
    page = staff.get(reverse("contact-merge", args=[one.pk])).content.decode()
    assert str(two.pk) in page
    staff.post(reverse("contact-merge", args=[one.pk]), {"other": two.pk})
    assert Contact.objects.get() == one


def test_a_familys_history_tells_files_consent_and_corrections(
    district: District, staff: Client
) -> None:
    import_(district, family(1))
    import_(district, family(1, student_last_name="Ruiz"))
    student = Student.objects.get()
    editing.edit_student(student, {"first_name": "Anna"}, by=None)
    page = staff.get(student.get_absolute_url()).content.decode()
    for told in ("Brought by", "Changed by", "Enrolment form", "Corrected a student"):
        assert told in page


def test_a_tag_is_given_found_and_taken_away_on_the_students_page(
    district: District, staff: Client, owner: User
) -> None:
    import_(district, family(1), family(2))
    student = Student.objects.get(sis_id="S0001")
    url = reverse("student-tags", args=[student.pk])
    staff.post(url, {"tag": "  College   Bound "})
    staff.post(url, {"tag": "College Bound"})
    tag = Tag.objects.get()
    assert directory.found(owner, {"tag": tag}).get() == student
    assert "College Bound" in staff.get(student.get_absolute_url()).content.decode()
    staff.post(url, {"take": "College Bound"})
    assert not directory.found(owner, {"tag": tag}).exists()


def test_a_long_history_is_shown_whole_when_asked(district: District, staff: Client) -> None:
    import_(district, family(1))
    student = Student.objects.get()
    for number in range(50):
        editing.edit_student(student, {"first_name": f"Ana {number}"}, by=None)
    short = staff.get(student.get_absolute_url())
    assert (len(short.context["moments"]), short.context["earlier"] > 0) == (40, True)
    whole = staff.get(student.get_absolute_url(), {"history": "all"})
    assert len(whole.context["moments"]) == 40 + short.context["earlier"]
    assert "Brought by" in whole.content.decode()


def test_the_history_tells_what_was_sent_and_what_came_back(
    district: District, staff: Client
) -> None:
    import_(district, family(1))
    contact = Contact.objects.get()
    point = contact.points.get(channel=Channel.SMS)
    Reply.objects.create(
        channel=Channel.SMS, contact=contact, contact_point=point, body="Hello", received_at=NOW
    )
    told = [m.what for m in staff.get(contact.get_absolute_url()).context["moments"]]
    assert "Text message received" in told


def test_a_student_with_two_ids_is_merged_from_the_students_page(
    district: District, staff: Client
) -> None:
    twin = {"student_first_name": "Ana", "guardian_phone": "206-555-0101"}
    import_(district, family(1, **twin), family(2, **twin), family(3))
    keep, gone = (Student.objects.get(sis_id=sis_id) for sis_id in ("S0001", "S0002"))
    other = Student.objects.get(sis_id="S0003")
    url = reverse("student-merge", args=[keep.pk])
    assert [each.pk for each in staff.get(url).context["alike"]] == [gone.pk]
    assert staff.post(url, {"other": other.pk}).status_code == 404
    staff.post(url, {"other": gone.pk})
    assert not Student.objects.filter(pk=gone.pk).exists()
    import_(district, family(1, **twin), family(2, **twin), family(3))
    assert Student.objects.count() == 2
