"""What waits in the outbox: what is due, what is too late, and when the first may go."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignState, Message, MessageState
from campaigns.timing import quiet_hours
from schools.models import District

# A finished campaign may still owe a try: a telephone that was off, or what a person settled.
SENDS = (CampaignState.RUNNING, CampaignState.FINISHED)
# As long as an uncertain message of a cancelled campaign may be settled, and so wait again.
JUST_CANCELLED = dt.timedelta(days=7)


def to_send() -> QuerySet[Message]:
    """Messages that wait, of campaigns that send and of none (answers).

    One plain table with conditions on others, so that PostgreSQL can lock its rows.
    """
    sends = Campaign.objects.filter(pk=OuterRef("campaign"), state__in=SENDS)
    return Message.objects.filter(Q(campaign=None) | Exists(sends), state=MessageState.PENDING)


def due(channel: str, now: dt.datetime) -> QuerySet[Message]:
    """Those of one channel whose time has come and is not over."""
    return to_send().filter(channel=channel, not_before__lte=now, expires_at__gt=now)


def expire(now: dt.datetime) -> int:
    """Messages whose time is over are never sent; returns how many.

    Nor what was being made, or put back, in the moment in which its campaign was cancelled: each
    that ended of late is asked for its own, for all of them at once would read every message.
    """
    cancelled = Campaign.objects.filter(
        state=CampaignState.CANCELLED, finished_at__gt=now - JUST_CANCELLED
    )
    for campaign in cancelled.values_list("pk", flat=True):
        Message.objects.filter(campaign=campaign, state=MessageState.PENDING).update(
            state=MessageState.CANCELLED
        )
    return Message.objects.filter(state=MessageState.PENDING, expires_at__lte=now).update(
        state=MessageState.EXPIRED
    )


def ahead(now: dt.datetime) -> tuple[int, dt.datetime | None]:
    """How many messages still wait, and when the first of them may go out."""
    pending = Message.objects.filter(
        Q(campaign=None) | Q(campaign__state__in=SENDS), state=MessageState.PENDING
    )
    places = (
        pending.order_by()
        .values_list("time_zones", "school__state", "school__district", "not_before")
        .distinct()
    )
    found = list(places)
    districts = District.objects.in_bulk({district for *_, district, _ in found if district})
    moments = [
        quiet_hours.next_open(
            max(now, not_before),
            state=state or "",
            zone=zones,
            district=districts.get(district),
        )
        for zones, state, district, not_before in found
    ]
    return pending.count(), min(filter(None, moments), default=None)
