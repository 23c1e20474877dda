"""A new e-mail address from a family's own page: used only once a link sent to it was followed.

What the family asks is kept as a reply of its own, whose sender is the new address; the message
that answers it carries the link. Whether an address is known elsewhere, or silent, the page never
says.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns.family_pages import links
from campaigns.inbox.people import students_of
from campaigns.models import Message, Reply
from campaigns.sending import outgoing
from campaigns.words.family_words import family_text, for_message
from contacts import consent, editing, emails
from contacts.crypto import blind_index
from contacts.models import Channel, Contact, ContactPoint, Suppression
from schools.models import School

MOST_A_DAY = 3  # requests of one family; and no address gets two links in a day, whoever asks
DAY = dt.timedelta(days=1)

ASKED = family_text(
    "%(school)s: someone asked us to write to this mailbox about financial aid for college. If it "
    "was you, open this link within three days and press the button:"
)
IF_NOT = family_text("If it was not you, do nothing: we will not write again.")
MOVED = family_text(
    "%(school)s: from now on we write about financial aid for college to another e-mail address. "
    "If you did not ask for this, tell the school."
)
SAID = (ASKED, IF_NOT, MOVED)


def ask(written: str, message: Message, *, now: dt.datetime) -> str:
    """Sends a link to a new address; returns what the page says: "mail", "bad-mail" or
    "late-mail"."""
    try:
        address = emails.read(written.strip())
    except emails.BadEmail:
        return "bad-mail"
    assert message.contact_point is not None
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=message.contact_point.contact_id)
        if _asked_today(contact, now) >= MOST_A_DAY:
            return "late-mail"
        reply = Reply(
            contact=contact,
            to_message=message,
            channel=Channel.EMAIL,
            meaning=Reply.Meaning.MAILBOX,
            received_at=now,
            handled_at=now,
        )
        reply.body = reply.sender = address
        reply.save(force_insert=True)
        if _may_be_asked(contact, address, now):
            _send_link(reply, now)
    return "mail"


def confirm(message: Message, *, now: dt.datetime) -> bool:
    """The holder of the mailbox says yes: from now on it is the contact's, in place of those that
    it had; these, and the contact's phones, hear of it. Again it changes nothing. False where it
    may not be written to after all, or where the address from whose page it was asked for is not
    the contact's any more."""
    reply = message.answers
    if reply is None or reply.contact is None:
        return False  # the family was erased, or the request forgotten
    if reply.contact_point_id:
        return True
    if not reply.sender or _is_silent(message.address_index):
        return False
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=reply.contact.pk)
        if not _asked_by_its_own(reply):
            return False
        known = list(consent.allowed(reply.contact.points.all()))
        reply.contact_point = editing.take_mailbox(reply.contact, reply.sender, at=now)
        reply.sender = ""
        reply.save(update_fields=["contact_point", "sender_sealed"])
        _tell([point for point in known if point != reply.contact_point], reply.contact, now)
    return True


def forget(now: dt.datetime) -> int:
    """Addresses that nobody confirmed in time are kept no longer; returns how many."""
    late = Reply.objects.filter(
        meaning=Reply.Meaning.MAILBOX,
        contact_point=None,
        received_at__lt=now - links.lifetime_of(links.MAILBOX),
    )
    return late.exclude(sender_sealed=b"").update(sender_sealed=b"", body_sealed=b"")


def _asked_by_its_own(reply: Reply) -> bool:
    try:
        return bool(reply.to_message and links.holder(reply.to_message))
    except links.BadLink:
        return False


def _asked_today(contact: Contact, now: dt.datetime) -> int:
    family = Q(contact=contact) | Q(contact__students__in=students_of(contact))
    asked = Reply.objects.filter(family, meaning=Reply.Meaning.MAILBOX, received_at__gt=now - DAY)
    return asked.distinct().count()


def _may_be_asked(contact: Contact, address: str, now: dt.datetime) -> bool:
    """Not where it is the contact's already, asked for silence, or got a link today."""
    index = blind_index(Channel.EMAIL, address)
    own = contact.points.filter(channel=Channel.EMAIL, address_index=index, removed_on=None)
    lately = Message.objects.filter(
        channel=Channel.EMAIL,
        address_index=index,
        answers__meaning=Reply.Meaning.MAILBOX,
        created_at__gt=now - DAY,
    )
    return not (own.exists() or _is_silent(index) or lately.exists())


def _is_silent(index: str) -> bool:
    silent = Suppression.objects.active().filter(channel=Channel.EMAIL, address_index=index)
    return silent.exists()


def _send_link(reply: Reply, now: dt.datetime) -> None:
    assert reply.contact is not None
    student = students_of(reply.contact).select_related("school__district").first()
    if student:
        school: School | None = student.school
    else:
        school = reply.to_message.school if reply.to_message else None
    words = for_message(reply.contact.language)

    def body(message: Message) -> str:
        asked = words.say(ASKED, school=school.name if school else "")
        return _letter([asked, links.mailbox_url(message), words.say(IF_NOT)], school)

    until = now + links.lifetime_of(links.MAILBOX)
    outgoing.answer(reply, body, student=student, until=until)


def _tell(known: list[ContactPoint], contact: Contact, now: dt.datetime) -> None:
    """Whoever asked may have been somebody else: each mailbox that was replaced, and each phone,
    is told once that there is another address, and not which."""
    student = students_of(contact).select_related("school__district", "household").first()
    if student is None:
        return  # we write to it for nobody's sake any more
    moved = for_message(contact.language).say(MOVED, school=student.school.name)
    for point in known:
        by_mail = point.channel == Channel.EMAIL
        body = _letter([moved], student.school) if by_mail else moved
        outgoing.put(point, body, student=student, now=now, farewell=by_mail)


def _letter(parts: list[str], school: School | None) -> str:
    """The parts of an e-mail, and under them who writes and from where."""
    district = school.district if school else None
    address = (district and district.postal_address) or settings.POSTAL_ADDRESS
    under = "\n".join(["-- ", school.name if school else "", address])
    return "\n\n".join([*parts, under]).strip()
