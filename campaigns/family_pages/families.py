"""What this room knows of a family, for the pages and rules of the contacts room below.

Registered when the app starts: the panel of messages on a family's page, and the receivers that
erase, export, and object to the undoing of an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.inbox import inbound
from campaigns.models import Assignment, Message, MessageState, Reply
from contacts.models import Contact, ContactImport, ContactPoint, Student
from contacts.timeline import Moment
from schools.models import User

SHOWN = 12


def messages_to(contacts: Sequence[Contact], students: Sequence[Student]) -> QuerySet[Message]:
    """Messages to these people's addresses, or to the households of these students."""
    homes = {student.household_id for student in students}
    return Message.objects.filter(_own(contacts) | Q(household__in=homes))


def _own(contacts: Sequence[Contact]) -> Q:
    """To these people's addresses, or to one that they gave and that is not theirs yet."""
    keys = [contact.pk for contact in contacts]
    points = ContactPoint.objects.filter(contact__in=keys)
    asked = Reply.objects.filter(contact__in=keys).order_by().values("pk")
    return Q(contact_point__in=points) | Q(answers__in=asked)


def _addresses(contacts: Sequence[Contact]) -> list[str]:
    points = ContactPoint.objects.filter(contact__in=[contact.pk for contact in contacts])
    return list(points.values_list("address_index", flat=True))


def hear(**_signal: Any) -> None:
    """Takes in what families sent, so that a page about one shows it."""
    inbound.catch_up(timezone.now())


def panel(request: HttpRequest, students: Sequence[Student], contacts: Sequence[Contact]) -> str:
    """The newest messages and replies of a family, as a card; "" where there are none."""
    points = ContactPoint.objects.filter(contact__in=[contact.pk for contact in contacts])
    sent = (
        Message.objects.visible_to(request.user)
        .filter(contact_point__in=points)
        .exclude(body_sealed=b"")
        .select_related("campaign")
        .order_by("-created_at")[:SHOWN]
    )
    came = Reply.objects.visible_to(request.user).filter(contact__in=[c.pk for c in contacts])
    turns: list[dict[str, Any]] = [
        {"at": message.sent_at or message.created_at, "message": message, "body": message.body}
        for message in sent
    ]
    turns += [
        {"at": reply.received_at, "reply": reply, "body": reply.body} for reply in came[:SHOWN]
    ]
    if not turns:
        return ""
    turns.sort(key=lambda turn: turn["at"], reverse=True)
    return render_to_string(
        "campaigns/partials/family_panel.html", {"turns": turns[:SHOWN]}, request
    )


def moments(
    user: User, students: Sequence[Student], contacts: Sequence[Contact]
) -> Iterable[Moment]:
    """What was sent to these people and what they wrote, for their history; not the words."""
    points = ContactPoint.objects.filter(contact__in=[contact.pk for contact in contacts])
    sent = Message.objects.visible_to(user).filter(contact_point__in=points, sent_at__isnull=False)
    for message in sent.select_related("campaign"):
        what = _("%(channel)s sent (%(state)s)") % {
            "channel": message.get_channel_display(),
            "state": message.get_state_display(),
        }
        assert message.sent_at is not None
        yield Moment(message.sent_at, what, str(message.campaign or ""))
    came = Reply.objects.visible_to(user).filter(contact__in=[contact.pk for contact in contacts])
    for reply in came:
        what = _("%(channel)s received") % {"channel": reply.get_channel_display()}
        if reply.meaning == Reply.Meaning.MAILBOX:
            what = reply.get_meaning_display()
        yield Moment(reply.received_at, what)


def erase(*, contacts: Sequence[Contact], students: Sequence[Student], **_signal: Any) -> None:
    """Blanks the words of messages to people who are erased, and sends no more of them.

    How many were sent stays known, and to which keyed index: it names nobody. What waits for a
    home in which a sibling stays is still sent: it is written anew when its time comes. What they
    sent last is taken in first, a STOP with it, and what cannot be goes unread.
    """
    addresses = _addresses(contacts)
    inbound.catch_up(timezone.now(), of=addresses)
    inbound.forget(inbound.unheard(addresses))
    theirs = messages_to(contacts, students)
    homes = {student.household_id for student in students}
    others = Student.objects.filter(household=OuterRef("household"), household__in=homes)
    stays = others.exclude(pk__in=[student.pk for student in students])
    points = ContactPoint.objects.filter(contact__in=[contact.pk for contact in contacts])
    theirs.filter(Q(contact_point__in=points) | ~Exists(stays), state=MessageState.PENDING).update(
        state=MessageState.CANCELLED, reason="erased"
    )
    theirs.update(subject_sealed=b"", body_sealed=b"")


def export(*, contacts: Sequence[Contact], found: dict[str, Any], **_signal: Any) -> None:
    """Adds the words sent to a person and received from them, taken in or not."""
    addresses = _addresses(contacts)
    inbound.catch_up(timezone.now(), of=addresses)
    found["messages"] = [
        {"channel": m.channel, "sent_at": m.sent_at, "state": m.state, "subject": m.subject,
         "body": m.body}
        for m in Message.objects.filter(_own(contacts)).order_by("pk")
    ]  # fmt: skip
    found["replies"] = [
        {"channel": r.channel, "received_at": r.received_at, "body": r.body}
        for r in Reply.objects.filter(contact__in=[contact.pk for contact in contacts])
    ]
    found["replies"] += [
        {"channel": row.channel, "received_at": row.received_at, "body": said.words if said else ""}
        for row in inbound.unheard(addresses)
        for said in [inbound.readable(row)]
    ]


def object_to_undoing(
    *,
    upload: ContactImport,
    students: QuerySet[Student],
    contacts: QuerySet[Contact],
    **_signal: Any,
) -> str:
    """Says why an import cannot be undone: campaigns have drawn or written to its families.

    A student may have joined a household that was there before; only what was sent to it since
    then counts.
    """
    homes = students.values("household")
    own_homes = students.filter(household__brought_by=upload).values("household")
    sent = Message.objects.filter(
        Q(household__in=homes, created_at__gte=upload.finished_at)
        | Q(contact_point__contact__in=contacts)
    ).count()
    drawn = Assignment.objects.filter(household__in=own_homes).count()
    answered = Reply.objects.filter(contact__in=contacts).count()
    count = sent + drawn + answered
    if not count:
        return ""
    return ngettext(
        "A campaign has reached the families that it brought, or drawn them into an arm "
        "(%(count)s time).",
        "Campaigns have reached the families that it brought, or drawn them into an arm "
        "(%(count)s times).",
        count,
    ) % {"count": count}


def repoint(*, sender: type[Any], kept: Any, gone: Any, **_signal: Any) -> None:
    """Messages and replies of a record that goes belong to the one that stays."""
    if sender is ContactPoint:
        Message.objects.filter(contact_point=gone).update(contact_point=kept)
        Reply.objects.filter(contact_point=gone).update(contact_point=kept)
    if sender is Contact:
        Reply.objects.filter(contact=gone).update(contact=kept)
