"""Consent that staff were told of: on paper, in person, by phone; for one address or for many.

It never opens an address again that asked for silence: only the family can do that, by its own
text or page (47 CFR 64.1200(a)(10)).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.editing import BASES
from contacts.models import (
    Channel,
    Consent,
    ConsentEntry,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)
from schools import audit
from schools.models import District, User

AT_ONCE = 500
WHOSE = {
    "guardians": _("The parents and guardians"),
    "students": _("The students themselves"),
    "both": _("Both"),
}


@dataclass(frozen=True)
class Outcome:
    """How many addresses have the consent now, and how many asked for silence and keep it."""

    given: int
    silent: int


def phones_of(students: QuerySet[Student], whose: str) -> QuerySet[ContactPoint]:
    """The numbers in use of these students' adults who may be contacted, of themselves, or both."""
    keys = students.order_by().values("pk")
    ties = Guardianship.objects.filter(
        contact=OuterRef("contact"), student__in=keys, may_contact=True, left_on=None
    )
    adults, own = Q(Exists(ties)), Q(contact__student__in=keys)
    wanted = {"guardians": adults, "students": own, "both": adults | own}[whose]
    return ContactPoint.objects.filter(wanted, channel=Channel.SMS, removed_on=None)


def silent(points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint]:
    """The points among these that asked for silence."""
    asked = Suppression.objects.active().filter(
        channel=OuterRef("channel"), address_index=OuterRef("address_index")
    )
    return points.filter(Q(consent=Consent.WITHDRAWN) | Exists(asked))


def record(
    points: QuerySet[ContactPoint], *, basis: str, at: dt.datetime, source: str, by: User
) -> Outcome:
    """Enters a yes with its basis (a key of editing.BASES) for each address, in one transaction.

    Saying it again adds nothing. A number from an enrolment form is not made more than it was by
    another form that says no more.
    """
    _label, explicit = BASES[basis]
    with transaction.atomic():
        unwilling = _addresses(silent(points))
        willing = _addresses(points) - unwilling
        for start in range(0, len(every := sorted(willing)), AT_ONCE):
            _give(every[start : start + AT_ONCE], basis, explicit, at, source, by)
        audit.record(
            by,
            "consent.recorded",
            f"{len(willing)} addresses",
            district=_district(points),
            basis=basis,
            addresses=len(willing),
            silent=len(unwilling),
        )
    return Outcome(len(willing), len(unwilling))


def _addresses(points: QuerySet[ContactPoint]) -> set[tuple[str, str]]:
    return set(points.order_by().values_list("channel", "address_index"))


def _give(
    keys: Sequence[tuple[str, str]],
    basis: str,
    explicit: bool,
    at: dt.datetime,
    source: str,
    by: User,
) -> None:
    indexes = {index for _channel, index in keys}
    held = ContactPoint.objects.filter(
        address_index__in=indexes, channel__in={channel for channel, _index in keys}
    )
    if explicit:
        held.update(consent=Consent.EXPLICIT)
    else:
        held.filter(consent=Consent.NONE).update(consent=Consent.IMPLIED)
    said = set(
        ConsentEntry.objects.filter(
            address_index__in=indexes, action=ConsentEntry.Action.GIVEN, basis=basis, at=at
        ).values_list("channel", "address_index")
    )
    first: dict[tuple[str, str], ContactPoint] = {}
    for point in held.select_related("contact").order_by("created_at", "pk"):
        first.setdefault((point.channel, point.address_index), point)
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            channel=key[0],
            address_index=key[1],
            contact_point=first[key],
            district_id=first[key].contact.district_id,
            action=ConsentEntry.Action.GIVEN,
            basis=basis,
            source=source[:200],
            at=at,
            recorded_by=by,
        )
        for key in keys
        if key not in said
    )


def _district(points: QuerySet[ContactPoint]) -> District | None:
    first = points.select_related("contact__district").first()
    return first.contact.district if first else None
