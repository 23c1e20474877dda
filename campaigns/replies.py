"""What families write back: understood, obeyed, kept, and answered."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import keywords
from campaigns.models import Message, MessageState, Reply
from contacts import consent, languages, statuses
from contacts.crypto import blind_index
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    Channel,
    Contact,
    ContactPoint,
    Student,
    Suppression,
)

# What a family can take back by itself. START by text also undoes what the provider reported.
OWN_WISH = (
    Suppression.Reason.STOP,
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.STAFF,
)
UNFINISHED = (AidStatus.NOT_STARTED, AidStatus.IN_PROGRESS)


def receive(
    point: ContactPoint | None,
    body: str,
    *,
    now: dt.datetime,
    provider_id: str | None = None,
    to_message: Message | None = None,
    channel: str = Channel.SMS,
    address: str = "",
    meaning: Reply.Meaning | None = None,
) -> Reply:
    """Keeps a family's message and does what it asks, in one transaction.

    A message that the provider repeats is found by `provider_id` and changes nothing. STOP is
    obeyed even from an address that is on no record (`address`, `point` empty). `meaning` is
    given where a button was pressed: the words are then obeyed only where they ask us to stop.
    """
    channel = point.channel if point else channel
    index = point.address_index if point else blind_index(channel, address)
    if provider_id and (known := Reply.objects.filter(provider_id=provider_id).first()):
        return known
    understood = _understood(channel, index, body, meaning, to_message)
    reply = Reply(
        contact=point.contact if point else None,
        contact_point=point,
        to_message=to_message,
        channel=channel,
        provider_id=provider_id,
        meaning=understood.meaning,
        received_at=now,
    )
    reply.body = body
    if _needs_nobody(reply, understood):
        reply.handled_at = now
    try:
        with transaction.atomic():
            reply.save(force_insert=True)
            _obey(reply, index, now)
    except IntegrityError:
        # The same delivery arrived twice at once: the other one has obeyed it.
        if provider_id and (known := Reply.objects.filter(provider_id=provider_id).first()):
            return known
        raise
    return reply


def _understood(
    channel: str,
    index: str,
    body: str,
    meaning: Reply.Meaning | None,
    to_message: Message | None,
) -> keywords.Understood:
    heard = keywords.understand(body)
    if meaning:
        stops = heard.meaning == Reply.Meaning.STOP
        asked = meaning == Reply.Meaning.QUESTION
        return heard if stops else keywords.Understood(meaning, alone=not asked)
    if to_message and to_message.invites and keywords.agrees(body):
        return keywords.Understood(Reply.Meaning.START, alone=True)
    if keywords.is_yes(body):
        silent = Suppression.objects.active().filter(channel=channel, address_index=index)
        if not silent.exists():  # the answer to somebody's question, and theirs to read
            return keywords.Understood(Reply.Meaning.QUESTION, alone=False)
    return heard


def _needs_nobody(reply: Reply, understood: keywords.Understood) -> bool:
    """What was obeyed needs no person, but for free wording and for "done" where more is asked."""
    if not understood.alone:
        return False
    if reply.meaning == Reply.Meaning.DONE and reply.contact:
        open_ones = students_of(reply.contact).filter(aid_status=AidStatus.ACTION_NEEDED)
        return not open_ones.exists()
    return True


def find_point(channel: str, address: str) -> tuple[ContactPoint | None, Message | None]:
    """Whose address this is, and the message that was answered.

    Where several share an address, it is the one whom we wrote to last.
    """
    index = blind_index(channel, address)
    last = (
        Message.objects.filter(address_index=index, channel=channel, sent_at__isnull=False)
        .select_related("contact_point__contact")
        .order_by("-sent_at")
        .first()
    )
    if last and last.contact_point:
        return last.contact_point, last
    points = ContactPoint.objects.filter(channel=channel, address_index=index)
    return points.select_related("contact").order_by("removed_on", "created_at").first(), last


def students_of(contact: Contact) -> QuerySet[Student]:
    """The students for whose sake we write to a contact."""
    return (
        Student.objects.present()
        .filter(
            Q(
                guardianships__contact=contact,
                guardianships__may_contact=True,
                guardianships__left_on=None,
            )
            | Q(own_contact=contact)
        )
        .distinct()
    )


def say_done(contact: Contact, now: dt.datetime) -> int:
    """The family says that it has filed: submitted, which is not yet complete. Returns how many."""
    said = 0
    for student in students_of(contact):
        if student.aid_status in UNFINISHED:
            statuses.record(
                student,
                AidStatus.SUBMITTED,
                source=AidStatusEntry.Source.FAMILY,
                as_of=now,
            )
            said += 1
    return said


def stop(channel: str, index: str, *, basis: str, now: dt.datetime) -> None:
    """Silences an address and lets go of what waits for it."""
    reason = Suppression.Reason.STOP if channel == Channel.SMS else Suppression.Reason.UNSUBSCRIBED
    consent.withdraw(channel, index, reason=reason, basis=basis, at=now)
    Message.objects.filter(channel=channel, address_index=index, state=MessageState.PENDING).update(
        state=MessageState.SKIPPED, reason="suppressed"
    )


def start(channel: str, index: str, *, basis: str, now: dt.datetime) -> None:
    """Opens an address again that its own holder had silenced; a bounced one stays closed."""
    silent = Suppression.objects.active().filter(channel=channel, address_index=index)
    if not silent.exclude(reason__in=OWN_WISH).exists():
        consent.give(channel, index, basis=basis, at=now)


def _obey(reply: Reply, index: str, now: dt.datetime) -> None:
    if reply.meaning == Reply.Meaning.STOP:
        stop(reply.channel, index, basis="reply", now=now)
    elif reply.meaning == Reply.Meaning.START:
        basis = "opt-in text" if _is_invited(reply) else "reply"
        consent.give(reply.channel, index, basis=basis, at=now)
    elif reply.meaning == Reply.Meaning.DONE and reply.contact:
        say_done(reply.contact, now)


def _is_invited(reply: Reply) -> bool:
    """True for the answer to our question whether we may text this number."""
    return bool(reply.to_message and reply.to_message.invites)


def answer(reply: Reply) -> str:
    """The one automatic answer to a keyword, in the family's language; empty for a question.

    A STOP gets one confirmation, without any marketing (47 CFR 64.1200(a)(12)); HELP says who we
    are, how to reach a person and how to stop.
    """
    language = reply.contact.language if reply.contact else "en"
    with translation.override(interface_language(language)):
        school = _school(reply)
        if reply.meaning == Reply.Meaning.STOP:
            return _(
                "%(school)s: you will get no more texts from us. Reply START to begin again."
            ) % {"school": school}
        if reply.meaning == Reply.Meaning.START and _is_invited(reply):
            return _(
                "%(school)s: thank you! You will get our texts about financial aid. "
                "Reply STOP to stop."
            ) % {"school": school}
        if reply.meaning == Reply.Meaning.START:
            return _("%(school)s: you will get our texts again. Reply STOP to stop.") % {
                "school": school
            }
        if reply.meaning == Reply.Meaning.HELP:
            return _(
                "%(school)s writes to you about the FAFSA and the WASFA. To reach a person, write "
                "here or call %(phone)s. Reply STOP to stop."
            ) % {"school": school, "phone": _phone(reply) or _("your school")}
        if reply.meaning == Reply.Meaning.DONE:
            return _(
                "%(school)s: thank you! We have noted that you filed. We are glad to help."
            ) % {"school": school}
    return ""


def interface_language(language: str) -> str:
    """The interface's own language that a reader of `language` is best served in."""
    available = {code for code, _name in settings.LANGUAGES}
    return next((code for code in languages.fallbacks(language) if code in available), "en")


def _student(reply: Reply) -> Student | None:
    if reply.contact is None:
        return None
    return students_of(reply.contact).select_related("school__district").first()


def _school(reply: Reply) -> str:
    student = _student(reply)
    return student.school.name if student else "Aidbeacon"


def _phone(reply: Reply) -> str:
    student = _student(reply)
    return student.school.district.help_phone if student and student.school.district else ""
