"""Messages of which nobody can tell whether they were sent: a person settles each."""

from __future__ import annotations

import datetime as dt

from campaigns.models import CampaignState, Message, MessageState
from campaigns.models.campaign import ForbiddenMove
from campaigns.models.outbox import MOVES

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


def _move(message: Message, to: str, **changes: object) -> None:
    """One guarded statement: of two people who settle it at once, one does."""
    assert to in MOVES[MessageState.UNCERTAIN]
    moved = Message.objects.filter(pk=message.pk, state=MessageState.UNCERTAIN).update(
        state=to, claim=None, lease_until=None, **changes
    )
    if not moved:
        raise ForbiddenMove(message.state)
    message.refresh_from_db()
