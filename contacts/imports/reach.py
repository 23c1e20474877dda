"""Why nobody of a student's family can be written to: the preview's view of consent.allowed()."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contacts.imports.book import Key, Person
from contacts.imports.plan import NewPoint
from contacts.models import Channel, Consent, ContactPoint
from schools.models import District

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


def why_unreachable(
    people: Iterable[tuple[Person, bool]],
    new_points: Mapping[UUID, list[NewPoint]],
    silenced: Set[Key],
    district: District,
) -> str:
    """The main reason (a key of REASONS), or "" if somebody can be written to."""
    reasons = {"no_address"}
    for person, may_contact in people:
        points = [
            (key, point.consent, point.line, point.unusable)
            for key, point in person.points.items()
            if point.removed_on is None
        ]
        points += [
            ((new.address.channel, new.index), new.consent, new.address.line, "")
            for new in new_points.get(person.contact.pk, ())
        ]
        for key, consent, line, unusable in points:
            reason = "" if may_contact else "may_not_contact"
            reason = reason or _why_not(key, consent, line, unusable, silenced, district)
            if not reason:
                return ""
            reasons.add(reason)
    return next(reason for reason in _NEAREST if reason in reasons)


def _why_not(
    key: Key, consent: str, line: str, unusable: str, silenced: Set[Key], district: District
) -> str:
    if key in silenced or consent == Consent.WITHDRAWN:
        return "opted_out"
    if unusable:
        return "unusable"
    if key[0] == Channel.SMS and line == ContactPoint.Line.LANDLINE:
        return "landline"
    implied_is_enough = key[0] == Channel.EMAIL or not district.sms_needs_opt_in
    if consent == Consent.EXPLICIT or (consent == Consent.IMPLIED and implied_is_enough):
        return ""
    return "needs_opt_in"
