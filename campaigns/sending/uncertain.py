"""Messages of which nobody can tell whether they were sent: a person settles each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from campaigns.models import Campaign, CampaignState, Message, MessageState
from campaigns.models.campaign import ForbiddenMove
from campaigns.models.outbox import MOVES
from campaigns.transports import for_channel
from contacts.models import Channel

TIME_TO_SEND = dt.timedelta(days=1)


def was_sent(message: Message, *, now: dt.datetime) -> None:
    """The person knows, or would rather not risk a second one: it counts as sent.

    Raises ForbiddenMove if it was settled meanwhile, by someone else or by the provider.
    """
    _move(message, MessageState.SENT, sent_at=message.claimed_at or now)


def send_again(message: Message, *, now: dt.datetime) -> None:
    """The person knows that it never left. It goes out at the next lawful minute; one whose time
    is over, or whose campaign is, is cancelled instead.

    Raises ForbiddenMove if it was settled meanwhile.
    """
    over = message.expires_at + TIME_TO_SEND <= now or (
        message.campaign is not None and message.campaign.state == CampaignState.CANCELLED
    )
    if over:
        _move(message, MessageState.CANCELLED)
        return
    _move(
        message,
        MessageState.PENDING,
        not_before=now,
        expires_at=max(message.expires_at, now + TIME_TO_SEND),
        provider_id="",
    )


@dataclass(frozen=True)
class HandOver:
    """Uncertain messages of one claim: a request of many was taken whole or not at all."""

    campaign: Campaign
    channel: str
    claimed_at: dt.datetime
    count: int


def channels_together() -> list[str]:
    """Channels on which many go in one request. Of what goes one by one, some may have been taken
    and others not: to say one thing of all would send to families that have heard already."""
    return [channel for channel in Channel.values if for_channel(channel).together]


def together(found: QuerySet[Message]) -> list[HandOver]:
    """Of these messages, those that were handed over together, the oldest first."""
    groups = (
        found.filter(
            channel__in=channels_together(), campaign__isnull=False, claimed_at__isnull=False
        )
        .order_by()
        .values_list("campaign", "channel", "claimed_at")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .order_by("claimed_at", "campaign", "channel")
    )
    campaigns = Campaign.objects.in_bulk({campaign for campaign, *_ in groups})
    return [HandOver(campaigns[pk], channel, at, n) for pk, channel, at, n in groups]


def settle_all(found: Iterable[Message], *, sent: bool, now: dt.datetime) -> int:
    """Settles many alike; returns how many. What somebody else has settled stays as it is."""
    count = 0
    for message in found:
        with suppress(ForbiddenMove):
            (was_sent if sent else send_again)(message, now=now)
            count += 1
    return count


def _move(message: Message, to: str, **changes: object) -> None:
    """One guarded statement: of two people who settle it at once, one does."""
    assert to in MOVES[MessageState.UNCERTAIN]
    moved = Message.objects.filter(pk=message.pk, state=MessageState.UNCERTAIN).update(
        state=to, claim=None, lease_until=None, **changes
    )
    if not moved:
        raise ForbiddenMove(message.state)
    message.refresh_from_db()
