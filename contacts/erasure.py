"""A person's right to see and to be forgotten (RCW 28A.604; FERPA for access).

Erasing deletes the person, their addresses and history. What stays is the wish not to be
written to, as a keyed index that names nobody, and the ledger of it: without those, a later
file would start the messages again. The household stays too: it says nothing of anyone, and
results of campaigns still add up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from contacts import emails, phones, status_reviews
from contacts.crypto import blind_index
from contacts.models import (
    Channel,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    ImportChange,
    StatusReview,
    Student,
)
from contacts.signals import erasing, exporting
from schools import audit
from schools.models import District, User

AT_ONCE = 500


@dataclass
class Person:
    """The rows that are one person: a student with their own contact, or guardians."""

    students: list[Student] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.students or self.contacts)


def find(
    *, phone: str = "", email: str = "", sis_id: str = "", district: District | None = None
) -> Person:
    """Whoever has this phone, e-mail or SIS id (a student's or a contact's).

    Raises BadPhone or BadEmail for a text that is neither.
    """
    person = Person()
    contacts = Contact.objects.all()
    students = Student.objects.all()
    if district is not None:
        contacts, students = contacts.filter(district=district), students.filter(district=district)
    if sis_id:
        person.students = list(students.filter(sis_id=sis_id))
        person.contacts = list(contacts.filter(sis_id=sis_id))
    else:
        channel = Channel.SMS if phone else Channel.EMAIL
        address = phones.read(phone).e164 if phone else emails.read(email)
        index = blind_index(channel, address)
        held = ContactPoint.objects.filter(channel=channel, address_index=index)
        person.contacts = list(contacts.filter(pk__in=held.values("contact")))
    students_in_person = [c.student_id for c in person.contacts if c.student_id]
    known = {student.pk for student in person.students}
    person.students += [s for s in students.filter(pk__in=students_in_person) if s.pk not in known]
    own = contacts.filter(student__in=person.students).exclude(
        pk__in=[contact.pk for contact in person.contacts]
    )
    person.contacts += list(own)
    return person


def of(row: Student | Contact) -> Person:
    """The person whose page it is: a student with their own contact, or a guardian."""
    if isinstance(row, Student):
        return Person([row], list(Contact.objects.filter(student=row)))
    return of(row.student) if row.student else Person(contacts=[row])


def export(person: Person) -> dict[str, Any]:
    """Everything kept about a person, ready to be given to them as JSON."""
    found: dict[str, Any] = {
        "students": [_student(student) for student in person.students],
        "contacts": [_contact(contact) for contact in person.contacts],
    }
    exporting.send(sender=Person, contacts=person.contacts, students=person.students, found=found)
    return found


def hand_over(person: Person, *, by: User | None) -> str:
    """All that is kept about a person as JSON text; that it was given out is in the record."""
    text = json.dumps(export(person), default=str, ensure_ascii=False, indent=2)
    rows: list[Student | Contact] = [*person.students, *person.contacts]
    district = next((row.district for row in rows), None)
    audit.record(by, "person.exported", _subject(person), district=district)
    return text


def leaving(person: Person) -> list[Contact]:
    """The contacts who go when this person is erased.

    A student's guardians stay if they care for another student, else they go as well.
    """
    going = [student.pk for student in person.students]
    known = {contact.pk for contact in person.contacts}
    stays = Guardianship.objects.filter(contact=OuterRef("pk")).exclude(student__in=going)
    own = Contact.objects.filter(student__in=going)
    only_theirs = Contact.objects.filter(~Exists(stays), guardianships__student__in=going)
    more = (own | only_theirs.filter(student=None)).distinct().order_by("pk")
    return [*person.contacts, *(contact for contact in more if contact.pk not in known)]


def erase(person: Person, *, by: User | None, action: str = "person.erased") -> dict[str, int]:
    """Deletes a person in one transaction; returns how many students and contacts went."""
    with transaction.atomic():
        going = [student.pk for student in person.students]
        contacts = leaving(person)
        keys = [contact.pk for contact in contacts]
        erasing.send(sender=Person, contacts=contacts, students=person.students)
        status_reviews.forget(going)
        rows: list[Student | Contact] = [*person.students, *contacts]
        district = next((row.district for row in rows), None)
        counts = {"students": len(person.students), "contacts": len(contacts)}
        audit.record(by, action, "a person", district=district, **counts)
        _forget_files(going, keys)
        Contact.objects.filter(pk__in=keys).delete()
        Student.objects.filter(pk__in=going).delete()
    return counts


def _forget_files(students: list[UUID], contacts: list[UUID]) -> None:
    """What imports noted of them: values from before a change, rows that waited for an answer."""
    points = ContactPoint.objects.filter(contact__in=contacts)
    ties = Guardianship.objects.filter(Q(student__in=students) | Q(contact__in=contacts))
    rows = [*students, *contacts, *points.values_list("pk", flat=True)]
    noted = [str(pk) for pk in (*rows, *ties.values_list("pk", flat=True))]
    for start in range(0, len(noted), AT_ONCE):
        ImportChange.objects.filter(row__in=noted[start : start + AT_ONCE]).delete()
    others = StatusReview.candidates.through.objects.filter(statusreview=OuterRef("pk")).exclude(
        student__in=students
    )
    StatusReview.objects.filter(
        Q(chosen__in=students) | (Q(candidates__in=students) & ~Exists(others))
    ).delete()


def _subject(person: Person) -> str:
    """What the record calls them: a key that says nothing once they are gone."""
    if person.students:
        return f"student {person.students[0].pk}"
    return f"contact {person.contacts[0].pk}" if person.contacts else "a person"


def _student(student: Student) -> dict[str, Any]:
    questions = StatusReview.objects.open().filter(candidates=student).select_related("upload")
    return {
        "student_id": student.sis_id,
        "other_ids": [other.sis_id for other in student.other_ids.all()],
        "state_student_id": student.state_student_id,
        "first_name": student.first_name,
        "last_name": student.last_name,
        "birth_date": student.birth_date,
        "school": str(student.school),
        "grade": student.grade,
        "path": student.path,
        "aid_status": student.aid_status,
        "left_on": student.left_on,
        "guardians": [str(contact) for contact in student.guardians.all()],
        "aid_status_history": [
            {"status": entry.status, "source": entry.source, "as_of": entry.as_of}
            for entry in student.aid_status_entries.all()
        ],
        "tags": [tag.name for tag in student.tags.all()],
        # Rows that may mean somebody else as well: how they name the person stays here.
        "open_status_questions": [
            {
                "file": question.upload.file_name,
                "row": question.row,
                "status": question.status,
                "as_of": question.as_of,
            }
            for question in questions
        ],
    }


def _contact(contact: Contact) -> dict[str, Any]:
    points = list(contact.points.all())
    ledger = ConsentEntry.objects.filter(address_index__in=[p.address_index for p in points])
    return {
        "contact_id": contact.sis_id,
        "other_ids": [other.sis_id for other in contact.other_ids.all()],
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "language": contact.language,
        "hours": contact.hours,
        "students": [str(student) for student in contact.students.all()],
        "addresses": [
            {
                "channel": point.channel,
                "address": point.address,
                "consent": point.consent,
                "unusable": point.unusable,
                "removed_on": point.removed_on,
            }
            for point in points
        ],
        "consent_ledger": [
            {
                "channel": entry.channel,
                "action": entry.action,
                "basis": entry.basis,
                "source": entry.source,
                "at": entry.at,
            }
            for entry in ledger
        ],
    }
