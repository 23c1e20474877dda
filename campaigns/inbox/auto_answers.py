"""What a family hears back by itself: the answer to a keyword, and that nobody is there just now.

In the family's language as far as a person has read the words (family_words.for_message).
"""

from __future__ import annotations

import datetime as dt

from campaigns.inbox import office
from campaigns.inbox.people import students_of
from campaigns.models import Conversation, Reply
from campaigns.sending import outgoing
from campaigns.words.family_words import family_text, for_message
from contacts import consent
from contacts.models import Channel, ContactPoint, Student

CONFIRMS = dt.timedelta(minutes=5)
NOBODY_KNOWN = "Aidbeacon"  # who speaks to a number on no record

STOPPED = family_text("%(school)s: you will get no more texts from us. Reply START to begin again.")
INVITED = family_text(
    "%(school)s: thank you! You will get our texts about financial aid. Reply STOP to stop."
)
STARTED = family_text("%(school)s: you will get our texts again. Reply STOP to stop.")
HELP = family_text(
    "%(school)s writes to you about financial aid for college. To reach a person, write here or "
    "call %(phone)s. Reply STOP to stop."
)
YOUR_SCHOOL = family_text("your school")
DONE = family_text("%(school)s: thank you! We have noted that you filed.")
LANGUAGE = family_text("%(school)s: from now on we write to you in this language.")
AWAY = family_text(
    "%(school)s: thank you for writing. Nobody is at the school now. A person will answer you on "
    "a school day."
)
SAID = (STOPPED, INVITED, STARTED, HELP, YOUR_SCHOOL, DONE, LANGUAGE, AWAY)


def to(reply: Reply, *, news: bool) -> None:
    """Puts the answer into the outbox, if there is one.

    A STOP gets one confirmation, within five minutes or not at all, and without any marketing
    (47 CFR 64.1200(a)(12)); HELP says who we are, how to reach a person and how to stop. A mailbox
    gets no answer to a keyword, only what is said out of hours.
    """
    if reply.meaning == Reply.Meaning.QUESTION:
        _away(reply)
    elif reply.channel == Channel.SMS and news and (text := _answer(reply)):
        student = _student(reply)
        lifetime = CONFIRMS if reply.meaning == Reply.Meaning.STOP else outgoing.LIFETIME
        outgoing.answer(
            reply, _say(text, reply, student), student=student, until=reply.received_at + lifetime
        )


def _answer(reply: Reply) -> str:
    match reply.meaning:
        case Reply.Meaning.STOP:
            return STOPPED
        case Reply.Meaning.START:
            invited = reply.to_message and reply.to_message.invites
            return INVITED if invited else STARTED
        case Reply.Meaning.HELP:
            return HELP
        case Reply.Meaning.DONE if reply.contact:
            return DONE
        case Reply.Meaning.LANGUAGE if reply.contact:
            return LANGUAGE
    return ""


def _away(reply: Reply) -> None:
    """Once a night and conversation: that nobody is there. Never to one who may want silence."""
    point, now = reply.contact_point, reply.received_at
    if point is None or reply.perhaps_stop:
        return
    student = _student(reply)
    district = student.school.district if student else None
    closed = office.closed_since(now, district) if district else None
    if student is None or district is None or closed is None or _was_told(point, closed):
        return
    if not consent.allowed(ContactPoint.objects.filter(pk=point.pk)).exists():
        return
    Conversation.objects.bulk_create(
        [Conversation(contact_id=point.contact_id, away_told_at=now)],
        update_conflicts=True,
        unique_fields=["contact"],
        update_fields=["away_told_at"],
    )
    outgoing.answer(
        reply,
        _say(AWAY, reply, student),
        student=student,
        until=office.next_opening(now, district),  # then somebody is there
    )


def _was_told(point: ContactPoint, since: dt.datetime) -> bool:
    told = Conversation.objects.filter(contact=point.contact_id, away_told_at__gte=since)
    return told.exists()


def _say(text: str, reply: Reply, student: Student | None) -> str:
    words = for_message(reply.contact.language if reply.contact else "en")
    school = student.school if student else reply.to_message and reply.to_message.school
    phone = school.district.help_phone if school and school.district else ""
    return words.say(
        text,
        school=school.name if school else NOBODY_KNOWN,
        phone=phone or words.say(YOUR_SCHOOL),
    )


def _student(reply: Reply) -> Student | None:
    if reply.contact is None:
        return None
    return students_of(reply.contact).select_related("school__district__state").first()
