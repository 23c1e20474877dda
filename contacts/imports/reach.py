"""Why nobody of a student's family can be written to, counted for a preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts import directory
from contacts.models import (
    Channel,
    Consent,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)

AT_ONCE = 1_000

REASONS = {
    "no_address": _("No phone and no e-mail"),
    "may_not_contact": _("Custody papers: not to be contacted"),
    "opted_out": _("Asked not to be written to"),
    "needs_opt_in": _("The district asks for an opt-in first"),
    "landline": _("Only a landline"),
    "unusable": _("The address does not work"),
}
# Told to the counselor in this order: the reason nearest to a message going out comes first.
_NEAREST = ("needs_opt_in", "opted_out", "landline", "unusable", "may_not_contact", "no_address")


def unreachable(students: QuerySet[Student]) -> QuerySet[Student]:
    """Those of the students of whose family nobody may be written to now."""
    return students.exclude(directory.reach())


def why_unreachable(students: QuerySet[Student]) -> Counter[str]:
    """How many of the students cannot be reached, by the main reason (a key of REASONS)."""
    reasons: Counter[str] = Counter()
    chunk: list[UUID] = []
    for pk in unreachable(students).values_list("pk", flat=True).iterator(AT_ONCE):
        chunk.append(pk)
        if len(chunk) == AT_ONCE:
            reasons += _reasons(chunk)
            chunk = []
    return reasons + _reasons(chunk)


def _reasons(students: list[UUID]) -> Counter[str]:
    found: dict[UUID, set[str]] = {pk: {"no_address"} for pk in students}
    ties = Guardianship.objects.filter(student__in=students, left_on=None, contact__left_on=None)
    theirs: dict[UUID, list[tuple[UUID, bool]]] = {}
    for contact, student, may_contact in ties.values_list("contact", "student", "may_contact"):
        theirs.setdefault(contact, []).append((student, may_contact))
    guardians = ContactPoint.objects.filter(contact__in=list(theirs), removed_on=None)
    own = ContactPoint.objects.filter(contact__student__in=students, removed_on=None)
    silenced = Exists(
        Suppression.objects.active().filter(
            channel=OuterRef("channel"), address_index=OuterRef("address_index")
        )
    )
    columns = ("contact", "contact__student", "channel", "consent", "line", "unusable", "silent")
    for points in (guardians, own):
        for contact, student, channel, consented, line, unusable, silent in points.annotate(
            silent=silenced
        ).values_list(*columns):
            reason = _why_not(channel, consented, line, unusable, bool(silent))
            for each, may_contact in [(student, True)] if student else theirs[contact]:
                found[each].add(reason if may_contact else "may_not_contact")
    return Counter(_nearest(reasons) for reasons in found.values())


def _nearest(reasons: Iterable[str]) -> str:
    return next(reason for reason in _NEAREST if reason in set(reasons))


def _why_not(channel: str, consented: str, line: str, unusable: str, silent: bool) -> str:
    if silent or consented == Consent.WITHDRAWN:
        return "opted_out"
    if unusable:
        return "unusable"
    if channel == Channel.SMS and line == ContactPoint.Line.LANDLINE:
        return "landline"
    return "needs_opt_in"
