"""Writes a plan: a few bulk statements, within the transaction that made it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from contacts import consent, statuses
from contacts.imports.plan import (
    CONTACT_FIELDS,
    POINT_FIELDS,
    STUDENT_FIELDS,
    TIE_FIELDS,
    NewPoint,
    Plan,
)
from contacts.models import (
    AidStatusEntry,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    Household,
    Student,
    Suppression,
)
from schools.models import District, User

CHUNK = 2_000
ENROLMENT_FORM = "enrolment form"
DISTRICT_RECORDS = "district's records"

T = TypeVar("T")


def write(
    plan: Plan, *, district: District, now: dt.datetime, by: User | None, source: str
) -> None:
    """Writes everything of the plan. The caller holds the transaction."""
    Household.objects.bulk_create(plan.new_households, batch_size=CHUNK)
    Student.objects.bulk_create(plan.new_students, batch_size=CHUNK)
    Contact.objects.bulk_create(plan.new_contacts, batch_size=CHUNK)
    Guardianship.objects.bulk_create(plan.new_ties, batch_size=CHUNK)
    _update(Student, plan.changed_students.values(), STUDENT_FIELDS)
    _update(Contact, plan.changed_contacts.values(), CONTACT_FIELDS)
    _update(Guardianship, plan.changed_ties.values(), TIE_FIELDS)
    _update(ContactPoint, plan.changed_points.values(), POINT_FIELDS)
    for chunk in chunks(plan.new_points, CHUNK):
        _add_points(chunk, district=district, now=now, by=by, source=source)
    for channel, index in sorted(plan.opt_outs):
        consent.withdraw(
            channel,
            index,
            reason=Suppression.Reason.IMPORTED,
            basis=DISTRICT_RECORDS,
            at=now,
            by=by,
            source=source,
        )
    statuses.record_many(plan.findings, source=AidStatusEntry.Source.FILE, by=by)


def _update(model: Any, rows: Iterable[Any], fields: list[str]) -> None:
    for chunk in chunks(rows, 500):
        model.objects.bulk_update(chunk, fields)


def _add_points(
    news: list[NewPoint], *, district: District, now: dt.datetime, by: User | None, source: str
) -> None:
    """Seals addresses and enters into the ledger on what they rest."""
    points, entries = [], []
    for new in news:
        point = ContactPoint(
            contact=new.contact,
            channel=new.address.channel,
            address_index=new.index,
            line=new.address.line,
            area_zone=new.address.area_zone,
            consent=new.consent,
        )
        point.address = new.address.text
        points.append(point)
        if new.consent != Consent.WITHDRAWN:
            entries.append(
                ConsentEntry(
                    channel=point.channel,
                    address_index=point.address_index,
                    contact_point=point,
                    district=district,
                    action=ConsentEntry.Action.GIVEN,
                    basis=ENROLMENT_FORM,
                    source=source,
                    at=now,
                    recorded_by=by,
                )
            )
    ContactPoint.objects.bulk_create(points, batch_size=CHUNK)
    ConsentEntry.objects.bulk_create(entries, batch_size=CHUNK)


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk
