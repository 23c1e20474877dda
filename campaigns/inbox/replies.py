"""What families write back: understood, obeyed, kept, and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from campaigns.inbox import auto_answers, channels_named, keywords
from campaigns.inbox.people import students_of
from campaigns.models import Conversation, Message, MessageState, Reply
from contacts import consent, statuses
from contacts.crypto import blind_index
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    Channel,
    Contact,
    ContactPoint,
    Suppression,
)
from schools.models import User

# What a family can take back by itself. START by text also undoes what the provider reported.
OWN_WISH = (
    Suppression.Reason.STOP,
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.STAFF,
)
OF_A_POINT = ("contact_id", "channel", "address_index")  # what a reply needs to know of it
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
    proven: bool = True,
    answers: bool = False,
) -> Reply:
    """Keeps a family's message and does what it asks, in one transaction.

    A message that the provider repeats is found by `provider_id` and changes nothing. STOP is
    obeyed even from an address that is on no record (`address`, `point` empty), and even where
    nobody can say that it is the sender's (`proven` false); nothing else then is. `meaning` is
    given where a button was pressed: the words are then obeyed only where they ask us to stop.
    With `answers` the automatic answer that fits it, if any, goes into the outbox.
    """
    channel = point.channel if point else channel
    index = point.address_index if point else blind_index(channel, address)
    understood = _understood(channel, index, body, meaning, to_message, proven=proven)
    reply = Reply(
        contact_id=point.contact_id if point else None,
        contact_point=point,
        to_message=to_message,
        channel=channel,
        provider_id=provider_id,
        meaning=understood.meaning,
        perhaps_stop=understood.perhaps_stop,
        received_at=now,
    )
    reply.body = body
    reply.sender = "" if point else address
    stops_too = _named_too(reply) if proven else frozenset()
    reply.perhaps_stop |= bool(left_open(reply, stops_too))
    if _needs_nobody(reply, understood):
        reply.handled_at = now
    try:
        with transaction.atomic():
            news = _obey(reply, understood, index, now)
            for point in points_of(reply, stops_too):
                stop(point.channel, point.address_index, basis="reply", now=now)
            reply.save(force_insert=True)
            if answers:
                auto_answers.to(reply, news=news)
            if reply.handled_at is None:  # put off is what was said before, not this
                Conversation.objects.filter(contact=reply.contact_id).update(snoozed_until=None)
    except IntegrityError:
        # The provider tells us of it again: it was obeyed then, and what was done here is undone.
        if known := _known(provider_id):
            return known
        raise
    return reply


def _known(provider_id: str | None) -> Reply | None:
    """The reply that the provider tells us of again."""
    return Reply.objects.filter(provider_id=provider_id).first() if provider_id else None


def keep_unread(
    channel: str,
    address: str,
    body: str,
    *,
    provider_id: str,
    received_at: dt.datetime,
    handled: tuple[User, dt.datetime] | None,
) -> None:
    """Keeps what nobody but a person understands, `handled` where that person has seen to it."""
    point, message = find_point(channel, address)
    reply = Reply(
        contact_id=point.contact_id if point else None,
        contact_point=point,
        to_message=message,
        channel=channel,
        provider_id=provider_id,
        meaning=Reply.Meaning.STOP if handled else Reply.Meaning.QUESTION,
        received_at=received_at,
    )
    if handled:
        reply.handled_by, reply.handled_at = handled
    reply.body = body
    reply.sender = "" if point else address
    reply.save(force_insert=True)


def _understood(
    channel: str,
    index: str,
    body: str,
    meaning: Reply.Meaning | None,
    to_message: Message | None,
    *,
    proven: bool,
) -> keywords.Understood:
    heard = keywords.understand(body)
    a_question = keywords.Understood(
        Reply.Meaning.QUESTION, alone=False, perhaps_stop=heard.perhaps_stop
    )
    if heard.meaning == Reply.Meaning.STOP:
        return heard
    if meaning == Reply.Meaning.START and keywords.is_yes(body):
        meaning = None  # to a provider each "yes" is a START, and most answer a question
    if meaning:
        asked = meaning == Reply.Meaning.QUESTION
        return a_question if asked else keywords.Understood(meaning, alone=True)
    if not proven:
        return a_question
    if heard.meaning == Reply.Meaning.HELP and channel == Channel.EMAIL:
        return a_question  # a mailbox has no automatic help: a person reads it
    if to_message and to_message.invites and keywords.agrees(body):
        return keywords.Understood(Reply.Meaning.START, alone=True)
    if keywords.is_yes(body):
        silent = Suppression.objects.active().filter(channel=channel, address_index=index)
        if not silent.exists():  # the answer to somebody's question, and theirs to read
            return a_question
    return heard


def _needs_nobody(reply: Reply, understood: keywords.Understood) -> bool:
    """What was obeyed needs no person, but for free wording, for "done" where more is asked, and
    for whatever an address on no record says beyond STOP, START and HELP."""
    if not understood.alone or reply.perhaps_stop:
        return False
    if reply.contact is None:
        if reply.meaning == Reply.Meaning.STOP:  # a mailbox may be a known family's other one
            return reply.channel == Channel.SMS
        return reply.meaning not in (Reply.Meaning.DONE, Reply.Meaning.LANGUAGE)
    if reply.meaning == Reply.Meaning.DONE:
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
        .select_related("contact_point")
        .only("school_id", "invites", *(f"contact_point__{name}" for name in OF_A_POINT))
        .order_by("-sent_at")
        .first()
    )
    if last and last.contact_point:
        return last.contact_point, last
    points = ContactPoint.objects.filter(channel=channel, address_index=index)
    return points.select_related("contact").order_by("removed_on", "created_at").first(), last


def _named_too(reply: Reply) -> frozenset[str]:
    """The other channels that a wish to hear no more names in its own words."""
    if reply.meaning != Reply.Meaning.STOP or reply.contact_id is None:
        return frozenset()
    return channels_named.named(reply.body) - {reply.channel}


def left_open(reply: Reply, stopped: Collection[str] = ()) -> frozenset[str]:
    """The other channels that a family's STOP speaks of and that it did not stop: it may want them
    silent, or to be written to there. A person decides."""
    if reply.meaning != Reply.Meaning.STOP or reply.contact_id is None:
        return frozenset()
    spoken_of = channels_named.named(reply.body) | channels_named.mentioned(reply.body)
    return spoken_of - {reply.channel, *stopped}


def points_of(reply: Reply, channels: Collection[str]) -> QuerySet[ContactPoint]:
    """The addresses of these channels of the family that wrote."""
    return ContactPoint.objects.filter(contact=reply.contact_id, channel__in=channels)


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
    let_go(channel, index)


def stop_late(channel: str, index: str, *, basis: str, said_at: dt.datetime) -> None:
    """Obeys an older wish to hear no more, unless the holder of the address has said yes since."""
    if not consent.said_yes_since(channel, index, said_at):
        stop(channel, index, basis=basis, now=said_at)


def let_go(channel: str, index: str) -> None:
    """Nothing that waits for a silent address will go out, but that we have heard its STOP."""
    waiting = Message.objects.filter(
        channel=channel, address_index=index, state=MessageState.PENDING
    ).exclude(answers__meaning=Reply.Meaning.STOP)
    waiting.update(state=MessageState.SKIPPED, reason="suppressed")


def start(channel: str, index: str, *, basis: str, now: dt.datetime) -> None:
    """Opens an address again that its own holder had silenced; a bounced one stays closed."""
    if may_start(channel, index):
        consent.give(channel, index, basis=basis, at=now)


def may_start(channel: str, index: str) -> bool:
    """True unless the address is silent for a reason that its holder cannot take back here."""
    silent = Suppression.objects.active().filter(channel=channel, address_index=index)
    return not silent.exclude(reason__in=OWN_WISH).exists()


def choose(contact: Contact, wanted: Mapping[str, str]) -> None:
    """Sets what the family chose itself; no import overwrites it afterwards."""
    for name, value in wanted.items():
        setattr(contact, name, value)
    contact.by_hand = sorted({*contact.by_hand, *wanted})
    contact.save(update_fields=[*wanted, "by_hand"])


def _obey(reply: Reply, understood: keywords.Understood, index: str, now: dt.datetime) -> bool:
    """Does what a reply asks; False where that changed nothing."""
    silent = Suppression.objects.active().filter(channel=reply.channel, address_index=index)
    match reply.meaning:
        case Reply.Meaning.STOP:
            was_silent = silent.exists()
            stop(reply.channel, index, basis="reply", now=now)
            return not was_silent
        case Reply.Meaning.START:
            invited = reply.to_message and reply.to_message.invites
            basis = "opt-in text" if invited else "reply"
            consent.give(reply.channel, index, basis=basis, at=now)
            return not silent.exists()  # a later no stands
        case Reply.Meaning.DONE if reply.contact:
            say_done(reply.contact, now)
        case Reply.Meaning.LANGUAGE if reply.contact:
            choose(reply.contact, {"language": understood.language})
    return True
