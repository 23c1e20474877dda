"""Carries nothing anywhere: the outbox row itself is what would have been sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from campaigns.models import Message, MessageState
from campaigns.transports import Fate, Outcome, Parcel

ARRIVES_AFTER = dt.timedelta(seconds=20)


class Sandbox:
    name = "sandbox"
    has_a_log = True
    together = False

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        return [Outcome(p.message, Fate.ACCEPTED, f"sandbox-{p.message}") for p in parcels]

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """An outcome that was not stored never happened: nothing left this machine."""
        return [Outcome(parcel.message, Fate.NOT_SENT) for parcel in parcels]


def arrivals(now: dt.datetime) -> int:
    """The sandbox's phones are always on: what was sent some seconds ago has arrived."""
    return Message.objects.filter(
        state=MessageState.SENT,
        provider_id__startswith="sandbox-",
        sent_at__lte=now - ARRIVES_AFTER,
    ).update(state=MessageState.DELIVERED, delivered_at=now)
