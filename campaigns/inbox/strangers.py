"""What people on no record wrote: kept for a while, since no district's rule ever reaches it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns.inbox import inbound, replies
from campaigns.models import Inbound, Reply
from contacts.crypto import CannotOpen, blind_index
from contacts.imports import forgetting
from contacts.models import ContactPoint

KEPT = forgetting.KEPT  # as long as what imports keep of people for a while only


def forget(now: dt.datetime) -> int:
    """Deletes what strangers wrote so long ago, settled or not; returns how many messages.

    A wish to hear no more is obeyed first, also one that nobody has confirmed to be one: the
    number may be entered as a family's some day. A yes that came later stands.
    """
    before = now - KEPT
    known = ContactPoint.objects.filter(address_index=OuterRef("address_index"))
    aside = Inbound.objects.filter(received_at__lt=before).exclude(set_aside_at=None)
    taken_in = Reply.objects.filter(contact=None, received_at__lt=before)
    with transaction.atomic():
        count = inbound.forget(aside.exclude(Exists(known)))
        for reply in taken_in.filter(perhaps_stop=True, handled_at=None).select_for_update():
            _obey(reply)
        return count + taken_in.delete()[1].get(Reply._meta.label, 0)


def _obey(reply: Reply) -> None:
    try:
        sender = reply.sender
    except CannotOpen:
        return  # nobody can tell whose it is
    if sender:
        index = blind_index(reply.channel, sender)
        replies.stop_late(reply.channel, index, basis="own words", said_at=reply.received_at)
