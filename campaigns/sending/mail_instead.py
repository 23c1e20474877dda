"""An e-mail in a text's place: where a telephone turns out to take none, as many do the first time.

Before a text was tried nobody knows that its number is a landline or wrong. A step that promises an
e-mail where no text can go keeps that promise then, and does not leave the family to the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, CampaignState, Message, MessageState, Step
from campaigns.sending import errors
from contacts.models import Channel, ContactPoint, Suppression

TOLD_WITHIN = dt.timedelta(days=7)  # of a campaign's end; carriers tell within hours


def steps(now: dt.datetime) -> QuerySet[Step]:
    """Steps of which a text failed, because its number takes none, while an e-mail still can go."""
    sends = Campaign.objects.filter(
        Q(state=CampaignState.RUNNING)
        | Q(state=CampaignState.FINISHED, finished_at__gt=now - TOLD_WITHIN)
    )
    failed = failed_texts(now).filter(campaign__in=sends).order_by().values("step")
    return Step.objects.filter(channels=Step.Channels.SMS_FIRST, pk__in=failed).select_related(
        "campaign__district"
    )


def failed_texts(now: dt.datetime) -> QuerySet[Message]:
    """Texts whose numbers take none."""
    return Message.objects.filter(
        state=MessageState.FAILED,
        channel=Channel.SMS,
        reason__in=errors.TAKES_NO_TEXTS,
        expires_at__gt=now,
    )


def people(step: Step, numbers: Iterable[str]) -> set[UUID]:
    """Contacts at these numbers (address indexes), which take no texts, whom the step owes an
    e-mail.

    Not whoever has or may yet get its text at another number, on record or not any more; nor
    whoever said stop at one: an e-mail with the same words is not what they asked for.
    """
    points = ContactPoint.objects.filter(channel=Channel.SMS)
    them = set(points.filter(address_index__in=list(numbers)).values_list("contact", flat=True))
    theirs = list(points.filter(contact__in=them).values_list("contact", "address_index"))
    all_numbers = {number for _contact, number in theirs}
    texts = Message.objects.filter(step=step, channel=Channel.SMS).exclude(
        state=MessageState.FAILED, reason__in=errors.TAKES_NO_TEXTS
    )
    stopped = Suppression.objects.active().filter(
        channel=Channel.SMS, address_index__in=all_numbers
    )
    silent = set(stopped.values_list("address_index", flat=True))
    silent.update(
        texts.filter(address_index__in=all_numbers).values_list("address_index", flat=True)
    )
    heard = texts.filter(contact_point__contact__in=them)  # at a number that was changed since
    return (
        them
        - {contact for contact, number in theirs if number in silent}
        - set(heard.values_list("contact_point__contact", flat=True))
    )
