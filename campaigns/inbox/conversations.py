"""Who looks after a family's messages: what waits, whose it is, and until when it is put off."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from campaigns.inbox import answers, office, replies
from campaigns.inbox.people import students_of
from campaigns.models import Conversation, Reply
from contacts import consent
from contacts.crypto import blind_index
from contacts.models import Contact, Suppression
from schools.models import District, User

SHOWS = ("waiting", "mine", "snoozed", "all")
SNOOZES = ("tomorrow", "week")


def of(user: User, show: str, now: dt.datetime) -> QuerySet[Contact]:
    """Families who wrote, with `waiting` (how many of their messages do) and `last`.

    Those who wrote most without an answer come first, then the newest.
    """
    people = (
        Contact.objects.visible_to(user)
        .filter(replies__isnull=False)
        .select_related("conversation__assigned_to")
        .annotate(
            last=Max("replies__received_at"),
            waiting=Count("replies", filter=Q(replies__handled_at=None)),
        )
    )
    put_off = Q(conversation__snoozed_until__gt=now)
    match show:
        case "waiting":
            people = people.filter(waiting__gt=0).exclude(put_off)
        case "mine":
            people = people.filter(conversation__assigned_to=user)
        case "snoozed":
            people = people.filter(put_off)
    return people.order_by("-waiting", "-last")


def counts(user: User, now: dt.datetime) -> dict[str, int]:
    """How many families each list of SHOWS holds; nobody counts the last, of all."""
    return {show: of(user, show, now).count() for show in SHOWS if show != "all"}


def unread(user: User, now: dt.datetime) -> int:
    """Families' messages that wait for this person: questions, and what was obeyed but not sure."""
    theirs = Reply.objects.visible_to(user).exclude(contact=None).waiting(now).count()
    strangers = Reply.objects.from_strangers(user).filter(handled_at=None)
    return theirs + (strangers.count() if user.administers else 0)


def colleagues(contact: Contact) -> QuerySet[User]:
    """Who may see this family and so can be given its conversation."""
    schools = students_of(contact).values("school")
    districts = District.objects.filter(schools__in=schools).values("pk")
    here = Q(memberships__school__in=schools) | Q(memberships__district__in=districts)
    return User.objects.filter(here, is_active=True).distinct().order_by("first_name", "email")


def assign(contact: Contact, to: User | None) -> None:
    """Gives a conversation to a person, or to nobody in particular."""
    Conversation.objects.update_or_create(contact=contact, defaults={"assigned_to": to})


def snooze(contact: Contact, until: str, *, now: dt.datetime) -> dt.datetime | None:
    """Puts a conversation off to a school day's beginning ("tomorrow", "week"), or ends that."""
    moment = None
    if until in SNOOZES:
        days = {"tomorrow": 0, "week": 6}[until]
        moment = office.next_opening(now + dt.timedelta(days=days), contact.district)
    Conversation.objects.update_or_create(contact=contact, defaults={"snoozed_until": moment})
    return moment


def is_opt_out(reply: Reply, *, by: User, now: dt.datetime) -> None:
    """A person reads a message as a wish to hear no more: its address is silent from now on.

    Where the message has stopped its own address already, and speaks of others, it is those.
    No confirmation goes out: that is for the first five minutes only (47 CFR 64.1200(a)(12)).
    """
    point = reply.contact_point
    if point is None and not reply.sender:
        return
    index = point.address_index if point else blind_index(reply.channel, reply.sender)
    others = replies.points_of(reply, replies.left_open(reply))
    silent = set(others.values_list("channel", "address_index"))
    if reply.meaning != Reply.Meaning.STOP:
        silent = {(reply.channel, index)}
    with transaction.atomic():
        for channel, each in silent:
            consent.withdraw(
                channel,
                each,
                reason=Suppression.Reason.STAFF,
                basis="own words",
                at=reply.received_at,
                by=by,
            )
            replies.let_go(channel, each)
        answers.settle(reply, by=by, now=now)


def is_none(reply: Reply) -> None:
    """A person reads a message as no wish to hear no more; it still waits for an answer."""
    Reply.objects.filter(pk=reply.pk, perhaps_stop=True).update(perhaps_stop=False)
