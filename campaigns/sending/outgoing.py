"""A message of no campaign on its way out: an answer to a family, which may go at any hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from campaigns.models import Message, Reply
from campaigns.words import segments
from contacts.crypto import blind_index
from contacts.models import Channel, ContactPoint, Student

LIFETIME = dt.timedelta(days=2)


def put(
    point: ContactPoint, body: str, *, student: Student, now: dt.datetime, farewell: bool = False
) -> Message:
    """Puts words for one address into the outbox; the school's name is an e-mail's subject. A
    `farewell` goes though the address was removed."""
    message = Message(
        contact_point=point,
        school=student.school,
        household=student.household,
        channel=point.channel,
        address_index=point.address_index,
        language=point.contact.language,
        farewell=farewell,
        not_before=now,
        expires_at=now + LIFETIME,
    )
    return _put(message, body)


def answer(
    reply: Reply,
    body: str | Callable[[Message], str],
    *,
    student: Student | None,
    until: dt.datetime,
) -> Message:
    """Puts the automatic answer to a reply into the outbox, back to where it came from, be that on
    record or not. `body` may need to know its message, for a link of its own."""
    point, to = reply.contact_point, reply.to_message
    message = Message(
        answers=reply,
        contact_point=point,
        school_id=student.school_id if student else to.school_id if to else None,
        household_id=student.household_id if student else None,
        channel=reply.channel,
        address_index=point.address_index if point else blind_index(reply.channel, reply.sender),
        language=reply.contact.language if reply.contact else "en",
        not_before=reply.received_at,
        expires_at=until,
    )
    return _put(message, body)


def _put(message: Message, body: str | Callable[[Message], str]) -> Message:
    """It has no time zones: a reply to a family's own words may go at any hour."""
    message.save(force_insert=True)
    message.body = words = body if isinstance(body, str) else body(message)
    if message.channel == Channel.SMS:
        message.segments = segments.count(words).segments
    elif message.school:
        message.subject = message.school.name
    message.save(update_fields=["subject_sealed", "body_sealed", "segments"])
    return message
