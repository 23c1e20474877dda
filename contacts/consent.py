"""Who may be written to: the one place that gives and takes away consent.

An address belongs to the person who holds it, not to a record: a STOP silences the address on
the whole install, whoever shares it, and only a later yes from that person opens it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import (
    Channel,
    Consent,
    ConsentEntry,
    ContactImport,
    ContactPoint,
    Suppression,
)
from schools.models import User

# How we know of a yes. The first two rest on a number that was given for school communication;
# the others are the person's own opt-in.
BASES = {
    "enrolment form": _("Enrolment form"),
    "district's records": _("The district's records"),
    "opt-in text": _("Answered yes to our text"),
    "opt-in form": _("Opt-in form"),
    "verbal": _("Said so in person or by phone"),
    "written": _("Wrote so"),
    "reply": _("Texted START"),
    "family page": _("On the family's page"),
    "confirmed link": _("Followed a link sent to the address"),
}
NOT_SAID = ("enrolment form", "district's records")

_SAID_NO = {
    "reply": _("Texted STOP"),
    "one-click": _("Unsubscribed with one click"),
    "asked the school": _("Asked the school"),
}


def how(entry: ConsentEntry) -> str:
    """How we know of a yes or a no, in the reader's language; a provider's code as it is."""
    if entry.action == ConsentEntry.Action.WITHDRAWN and entry.basis in _SAID_NO:
        return str(_SAID_NO[entry.basis])
    return str(BASES.get(entry.basis, entry.basis))


def withdraw(
    channel: str,
    address_index: str,
    *,
    reason: Suppression.Reason | str,
    basis: str,
    at: dt.datetime,
    by: User | None = None,
    source: str = "",
) -> None:
    """Silences an address everywhere on this install, in one transaction.

    Repeating it changes nothing; a second way of saying no is added to the ledger only.
    A withdrawal is honoured however old its date is: when in doubt, silence.
    """
    with transaction.atomic():
        Suppression.objects.bulk_create(
            [
                Suppression(
                    channel=channel, address_index=address_index, reason=reason, created_at=at
                )
            ],
            ignore_conflicts=True,  # an active one is already there
        )
        points = ContactPoint.objects.filter(channel=channel, address_index=address_index)
        points.exclude(consent=Consent.WITHDRAWN).update(consent=Consent.WITHDRAWN)
        newest = _newest_entry(channel, address_index)
        said_before = (
            newest is not None
            and newest.action == ConsentEntry.Action.WITHDRAWN
            and newest.basis == basis
        )
        if not said_before:
            _enter(
                channel, address_index, ConsentEntry.Action.WITHDRAWN, basis, at, by, source, points
            )


def withdraw_many(
    keys: Iterable[tuple[str, str]],
    *,
    reason: Suppression.Reason | str,
    basis: str,
    at: dt.datetime,
    by: User | None = None,
    source: str = "",
    brought_by: ContactImport | None = None,
) -> list[tuple[UUID, str]]:
    """Silences many addresses (channel and index) in a few statements, as `withdraw` does one.

    Returns the points that this changed, each with the consent that it had. The caller holds
    the transaction, and leaves out addresses that are silent already.
    """
    changed: list[tuple[UUID, str]] = []
    for start in range(0, len(every := sorted(keys)), 500):
        some = every[start : start + 500]
        Suppression.objects.bulk_create(
            [
                Suppression(
                    channel=channel,
                    address_index=index,
                    reason=reason,
                    created_at=at,
                    brought_by=brought_by,
                )
                for channel, index in some
            ],
            ignore_conflicts=True,
        )
        at_them = Q()
        for channel in Channel.values:
            indexes = [index for kind, index in some if kind == channel]
            at_them |= Q(channel=channel, address_index__in=indexes)
        points = list(
            ContactPoint.objects.filter(at_them)
            .order_by("created_at", "pk")
            .values_list("pk", "channel", "address_index", "consent", "contact__district")
        )
        changed += [(pk, was) for pk, _c, _i, was, _d in points if was != Consent.WITHDRAWN]
        ContactPoint.objects.filter(at_them).exclude(consent=Consent.WITHDRAWN).update(
            consent=Consent.WITHDRAWN
        )
        first: dict[tuple[str, str], tuple[UUID, int]] = {}
        for pk, channel, index, _was, district in points:
            first.setdefault((channel, index), (pk, district))
        ConsentEntry.objects.bulk_create(
            [
                ConsentEntry(
                    channel=key[0],
                    address_index=key[1],
                    contact_point_id=first[key][0] if key in first else None,
                    district_id=first[key][1] if key in first else None,
                    action=ConsentEntry.Action.WITHDRAWN,
                    basis=basis,
                    source=source,
                    at=at,
                    recorded_by=by,
                    brought_by=brought_by,
                )
                for key in some
            ]
        )
    return changed


def give(
    channel: str,
    address_index: str,
    *,
    basis: str,
    at: dt.datetime,
    by: User | None = None,
    explicit: bool = True,
    source: str = "",
) -> None:
    """Records a yes, whose basis is one of BASES, and releases the address's suppression, in one
    transaction. Raises ValueError for any other basis: a yes that nobody can account for is none.

    A yes that is older than the newest no changes nothing: events arrive out of order.
    Only the family can take back a STOP (47 CFR 64.1200(a)(10)); callers see to that.
    """
    if basis not in BASES:
        raise ValueError(f"not a basis of consent: {basis}")
    with transaction.atomic():
        active = Suppression.objects.active().filter(channel=channel, address_index=address_index)
        active.select_for_update().first()
        newest_no = (
            ConsentEntry.objects.filter(
                channel=channel, address_index=address_index, action=ConsentEntry.Action.WITHDRAWN
            )
            .order_by("-at", "-pk")
            .first()
        )
        if newest_no is not None and newest_no.at > at:
            return
        active.update(released_at=at)
        points = ContactPoint.objects.filter(channel=channel, address_index=address_index)
        if explicit:
            points.update(consent=Consent.EXPLICIT)
        else:  # what was said before in so many words is not made less
            points.exclude(consent=Consent.EXPLICIT).update(consent=Consent.IMPLIED)
        newest = _newest_entry(channel, address_index)
        said_before = (
            newest is not None
            and newest.action == ConsentEntry.Action.GIVEN
            and (newest.basis, newest.at) == (basis, at)
        )
        if not said_before:
            _enter(channel, address_index, ConsentEntry.Action.GIVEN, basis, at, by, source, points)


def said_yes_since(channel: str, address_index: str, moment: dt.datetime) -> bool:
    """True if the holder of an address has said yes after that moment; that a school enters the
    number again is no word of theirs."""
    given = ConsentEntry.objects.filter(
        channel=channel,
        address_index=address_index,
        action=ConsentEntry.Action.GIVEN,
        at__gt=moment,
    )
    return given.exclude(basis__in=NOT_SAID).exists()


def allowed(points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint]:
    """The points that may be written to now.

    Consent fits the district's rule (where texts need an opt-in, a number from the enrolment
    form is not enough), nobody asked for silence, the address works and is still in the
    district's records, and a landline gets no text.
    """
    return may_hear_of_its_end(points).filter(removed_on=None)


def may_hear_of_its_end(points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint]:
    """The points that may be told that another address took their place: as `allowed`, but for
    being removed by that."""
    implied_is_enough = Q(consent=Consent.IMPLIED) & (
        Q(channel=Channel.EMAIL) | Q(contact__district__sms_needs_opt_in=False)
    )
    return _reachable(points.filter(Q(consent=Consent.EXPLICIT) | implied_is_enough))


def may_be_invited(points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint]:
    """The numbers that may be asked, once, whether we may text them.

    Their district wants an opt-in and they were given for school communication only; in all
    else they are as good as those that `allowed` lets through. Who was asked before, the outbox
    knows.
    """
    waiting = points.filter(
        channel=Channel.SMS, consent=Consent.IMPLIED, contact__district__sms_needs_opt_in=True
    )
    return _reachable(waiting).filter(removed_on=None)


def _reachable(points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint]:
    silenced = Suppression.objects.active().filter(
        channel=OuterRef("channel"), address_index=OuterRef("address_index")
    )
    return (
        points.filter(unusable="")
        .exclude(channel=Channel.SMS, line=ContactPoint.Line.LANDLINE)
        .exclude(Exists(silenced))
    )


def _newest_entry(channel: str, address_index: str) -> ConsentEntry | None:
    entries = ConsentEntry.objects.filter(channel=channel, address_index=address_index)
    return entries.order_by("-at", "-pk").first()


def _enter(
    channel: str,
    address_index: str,
    action: str,
    basis: str,
    at: dt.datetime,
    by: User | None,
    source: str,
    points: QuerySet[ContactPoint],
) -> None:
    """Adds one line to the ledger, tied to a point and district where there is one."""
    point = points.select_related("contact").order_by("created_at").first()
    ConsentEntry.objects.create(
        channel=channel,
        address_index=address_index,
        contact_point=point,
        district_id=point.contact.district_id if point else None,
        action=action,
        basis=basis,
        source=source,
        at=at,
        recorded_by=by,
    )
