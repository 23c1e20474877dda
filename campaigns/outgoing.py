"""A message of no campaign on its way out: an answer to a family, which may go at any hour."""

from __future__ import annotations

import datetime as dt

from campaigns import segments
from campaigns.models import Message
from contacts.models import Channel, ContactPoint, Student

LIFETIME = dt.timedelta(days=2)


def put(point: ContactPoint, body: str, *, student: Student, now: dt.datetime) -> Message:
    """Puts words for one address into the outbox; the school's name is an e-mail's subject.

    It has no time zones: a reply to a family's own question may go at any hour.
    """
    message = Message.objects.create(
        contact_point=point,
        school=student.school,
        household=student.household,
        channel=point.channel,
        address_index=point.address_index,
        language=point.contact.language,
        time_zones="",
        not_before=now,
        expires_at=now + LIFETIME,
    )
    message.subject = student.school.name if point.channel == Channel.EMAIL else ""
    message.body = body
    message.segments = segments.count(body).segments if point.channel == Channel.SMS else 0
    message.save(update_fields=["subject_sealed", "body_sealed", "segments"])
    return message
