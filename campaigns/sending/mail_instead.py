"""An e-mail in a text's place: where a telephone turns out to take none, as many do the first time.

Before a text was tried nobody knows that its number is a landline or wrong. A step that promises an
e-mail where no text can go keeps that promise then, and does not leave the family to the next one.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignState, Message, MessageState, Step
from campaigns.sending import errors
from contacts.models import Channel, ContactPoint

TOLD_WITHIN = dt.timedelta(days=7)  # of a campaign's end; carriers tell within hours
DONE_FOR = [code for code, meaning in errors.TABLE.items() if meaning.kind == errors.Kind.PERMANENT]


def steps(now: dt.datetime) -> QuerySet[Step]:
    """Steps of which a text failed, because its number takes none, while an e-mail still can go."""
    sends = Campaign.objects.filter(
        Q(state=CampaignState.RUNNING)
        | Q(state=CampaignState.FINISHED, finished_at__gt=now - TOLD_WITHIN)
    )
    failed = _failed(now).filter(campaign__in=sends).order_by().values("step")
    return Step.objects.filter(channels=Step.Channels.SMS_FIRST, pk__in=failed).select_related(
        "campaign__district"
    )


def mailboxes(step: Step, now: dt.datetime) -> QuerySet[ContactPoint]:
    """Mailboxes of those people that the step has no message for yet."""
    has_one = Message.objects.filter(
        step=step, channel=Channel.EMAIL, address_index=OuterRef("address_index")
    )
    people = _failed(now).filter(step=step).order_by().values("contact_point__contact")
    return ContactPoint.objects.filter(
        channel=Channel.EMAIL, removed_on=None, contact__in=people
    ).exclude(Exists(has_one))


def _failed(now: dt.datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        state=MessageState.FAILED,
        channel=Channel.SMS,
        reason__in=DONE_FOR,
        expires_at__gt=now,
    )
