"""A person's answer to a family: through the outbox like everything else, at any hour."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.inbox.people import students_of
from campaigns.models import Message, Reply
from campaigns.sending import outgoing
from contacts import consent
from contacts.models import Contact, ContactPoint
from schools.models import User

MOST = 600  # characters


class CannotAnswer(Exception):
    """The family cannot be written to; the message says why and is shown to the person."""


def point_to_answer(contact: Contact) -> ContactPoint | None:
    """Where an answer goes: where the family wrote from, if it may still be written to."""
    allowed = consent.allowed(contact.points.all())
    last = contact.replies.exclude(contact_point=None).order_by("-received_at").first()
    if last and last.contact_point_id:
        point = allowed.filter(pk=last.contact_point_id).first()
        if point:
            return point
    return allowed.order_by("channel", "created_at").last()


def send(contact: Contact, body: str, *, by: User, now: dt.datetime) -> Message:
    """Puts an answer into the outbox and marks the family's messages as handled.

    Raises CannotAnswer.
    """
    body = body.strip()
    if not body or len(body) > MOST:
        raise CannotAnswer(_("Write between 1 and %(most)s characters.") % {"most": MOST})
    point = point_to_answer(contact)
    if point is None:
        raise CannotAnswer(_("This family has asked not to be written to. Call instead."))
    student = students_of(contact).select_related("school").first()
    if student is None:
        raise CannotAnswer(_("This family’s students have left."))
    with transaction.atomic():
        message = outgoing.put(point, body, student=student, now=now)
        handle(contact, by=by, now=now)
    return message


def handle(contact: Contact, *, by: User, now: dt.datetime) -> int:
    """Marks all that the family wrote as handled; returns how many were not."""
    return Reply.objects.filter(contact=contact, handled_at=None).update(
        handled_at=now, handled_by=by
    )


def settle(reply: Reply, *, by: User, now: dt.datetime) -> None:
    """Marks one message as handled."""
    Reply.objects.filter(pk=reply.pk, handled_at=None).update(handled_at=now, handled_by=by)
