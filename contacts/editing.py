"""What staff correct by hand: kept apart from what files say, so that no import undoes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import consent, emails, names, phones
from contacts.models import (
    Channel,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)
from schools import audit
from schools.models import Cycle, User

# What a yes can rest on, and whether it is an explicit one (47 CFR 64.1200; docs/counselors.md).
BASES = {
    "enrolment form": (gettext_lazy("Enrolment form"), False),
    "opt-in form": (gettext_lazy("Opt-in form"), True),
    "verbal": (gettext_lazy("Told us in person or by phone"), True),
    "written": (gettext_lazy("Wrote to us"), True),
}


class CannotEdit(ValueError):
    """What was asked for cannot be done; the message says the mend."""


def edit_student(student: Student, values: Mapping[str, Any], *, by: User | None) -> list[str]:
    """Sets fields of a student; those that changed are by hand from now on, and returned."""
    with transaction.atomic():
        changed = _edit(student, values)
        if "grade" in changed:
            name = Cycle.name_on(timezone.localdate(), grade=student.grade)
            student.cycle = Cycle.objects.get_or_create(name=name)[0]
            student.save(update_fields=["cycle"])
        if {"first_name", "last_name"} & {*changed}:
            names.reindex(students=[student.pk])
        if changed:
            _record(by, "student.edited", f"student {student.pk}", student, changed)
    return changed


def edit_contact(contact: Contact, values: Mapping[str, Any], *, by: User | None) -> list[str]:
    """Sets fields of a contact; those that changed are by hand from now on, and returned."""
    with transaction.atomic():
        changed = _edit(contact, values)
        if {"first_name", "last_name"} & {*changed}:
            names.reindex(contacts=[contact.pk])
        if changed:
            _record(by, "contact.edited", f"contact {contact.pk}", contact, changed)
    return changed


def give_back(row: Student | Contact, field: str, *, by: User | None) -> None:
    """Lets imports set a field again; it keeps its value until one does."""
    if field in row.by_hand:
        row.by_hand = [name for name in row.by_hand if name != field]
        row.save(update_fields=["by_hand"])
        kind = "student" if isinstance(row, Student) else "contact"
        _record(by, f"{kind}.given_back", f"{kind} {row.pk}", row, [field])


def add_address(
    contact: Contact,
    channel: str,
    text: str,
    *,
    basis: str,
    at: dt.datetime,
    source: str = "",
    by: User | None = None,
) -> ContactPoint:
    """Adds a phone or an e-mail with what the consent to use it rests on (a key of BASES).

    An address that asked for silence starts silent. Raises BadPhone, BadEmail or CannotEdit.
    """
    phone = phones.read(text) if channel == Channel.SMS else None
    address = phone.e164 if phone else emails.read(text)
    _label, explicit = BASES[basis]
    with transaction.atomic():
        held = ContactPoint.objects.at(channel, address)
        known = held.filter(contact=contact).first()
        if known is not None and known.removed_on is None:
            raise CannotEdit(_("This contact has that address already."))
        point = known or ContactPoint(contact=contact, channel=channel)
        point.by_hand, point.removed_on = True, None
        if phone:
            point.area_zone = phone.area_zone
        point.set_address(address)
        silent = Suppression.objects.active().filter(
            channel=channel, address_index=point.address_index
        )
        point.consent = Consent.EXPLICIT if explicit else Consent.IMPLIED
        if silent.exists() or held.filter(consent=Consent.WITHDRAWN).exists():
            point.consent = Consent.WITHDRAWN
        point.save()
        if point.consent != Consent.WITHDRAWN:
            ConsentEntry.objects.create(
                channel=channel,
                address_index=point.address_index,
                contact_point=point,
                district=contact.district,
                action=ConsentEntry.Action.GIVEN,
                basis=basis,
                source=source[:200],
                at=at,
                recorded_by=by,
            )
        _record(by, "contact.address_added", f"contact {contact.pk}", contact, [channel])
    return point


def take_mailbox(contact: Contact, address: str, *, at: dt.datetime) -> ContactPoint:
    """The mailbox that a family has proved to be its own, in place of those that it had."""
    with transaction.atomic():
        point = ContactPoint.objects.at(Channel.EMAIL, address).filter(contact=contact).first()
        point = point or ContactPoint(contact=contact, channel=Channel.EMAIL)
        point.by_hand, point.removed_on, point.unusable = True, None, ""
        point.set_address(address)
        point.save()
        consent.give(Channel.EMAIL, point.address_index, basis="confirmed link", at=at)
        _record(None, "contact.address_added", f"contact {contact.pk}", contact, [Channel.EMAIL])
        for old in contact.points.filter(channel=Channel.EMAIL, removed_on=None):
            if old.pk != point.pk:
                take_away(old, today=timezone.localdate(at), by=None)
    point.refresh_from_db()
    return point


def take_away(point: ContactPoint, *, today: dt.date, by: User | None) -> None:
    """A wrong address is not written to any more, and no import brings it back."""
    point.removed_on, point.by_hand = today, True
    point.save(update_fields=["removed_on", "by_hand"])
    contact = point.contact
    _record(by, "contact.address_removed", f"contact {contact.pk}", contact, [point.channel])


def set_line(point: ContactPoint, line: str, *, by: User | None) -> None:
    """Says whether a phone is mobile; a landline gets no texts."""
    point.line, point.by_hand = line, True
    point.save(update_fields=["line", "by_hand"])
    _record(by, "contact.line", f"contact {point.contact_id}", point.contact, [line])


def set_permission(tie: Guardianship, *, may_contact: bool, by: User | None) -> None:
    """Says whether an adult may be written to about a student, whatever files say."""
    tie.may_contact, tie.by_hand = may_contact, True
    tie.save(update_fields=["may_contact", "by_hand"])
    audit.record(
        by,
        "guardian.permission",
        f"student {tie.student_id}",
        district=tie.student.district,
        contact=str(tie.contact_id),
        may_contact=may_contact,
    )


def _edit(row: Any, values: Mapping[str, Any]) -> list[str]:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.by_hand = sorted({*row.by_hand, *changed})
        row.save(update_fields=[*changed, "by_hand"])
    return changed


def _record(
    by: User | None, action: str, subject: str, row: Student | Contact, what: list[str]
) -> None:
    audit.record(by, action, subject, district=row.district, what=", ".join(what))
