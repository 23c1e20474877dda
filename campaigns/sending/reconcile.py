"""Messages whose outcome was lost are looked up, never simply sent again."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter, defaultdict
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from campaigns.models import Event, Message, MessageState
from campaigns.sending import delivery, outcomes
from campaigns.transports import Fate, Outcome, Parcel, Transport, for_channel
from contacts.models import Channel

logger = logging.getLogger(__name__)

BATCH = 200
UNCERTAIN_AFTER = dt.timedelta(minutes=30)  # SendGrid's `processed` comes within minutes
# A provider with a log will be asked again once it is back; nobody has to settle what it can.
ASKED_FOR = dt.timedelta(days=1)
SECONDS_OF_ASKING = 8.0  # of a pass; what may go is sent as well
A_FEW = 5  # are asked of first, to see whether the provider is there
AWAY = 5  # times as long as usual until a provider that was not is asked again


def run(now: dt.datetime) -> Counter[str]:
    """Settles claims past their lease; returns how many became what.

    1. A message without stored words was never handed over: it may be sent.
    2. Otherwise the provider is asked: accepted → sent; certainly not there → it may be sent.
    3. Where the provider cannot be asked, its events decide; without one in half an hour the
       message is *uncertain*, for a person to settle. One that can be, and is away, has a day.

    All asking together takes SECONDS_OF_ASKING at most.
    """
    until = time.monotonic() + SECONDS_OF_ASKING
    counts: Counter[str] = Counter()
    for channel in Channel.values:
        lost = list(
            Message.objects.filter(
                state=MessageState.CLAIMED, lease_until__lte=now, channel=channel
            )
            .select_related("contact_point", "campaign", "answers")
            .order_by("lease_until")[:BATCH]
        )
        if lost:
            counts += _settle(channel, lost, now, until)
    return counts


def _asked(transport: Transport, parcels: list[Parcel]) -> tuple[list[Outcome], bool]:
    """What the provider says of them, and whether it is away: then it was asked of a few only."""
    found = _answers(transport, parcels[:A_FEW])
    unanswered = min(A_FEW, len(parcels)) - sum(o.fate != Fate.UNKNOWN for o in found)
    if transport.has_a_log and 2 * unanswered > A_FEW:
        return found, True
    return found + _answers(transport, parcels[A_FEW:]), False


def _answers(transport: Transport, parcels: list[Parcel]) -> list[Outcome]:
    """Nothing where it cannot be asked now. What is to be sent meanwhile does not wait for that."""
    try:
        return list(transport.find(parcels))
    except Exception:
        logger.exception("%s could not be asked", transport.name)
        return []


def _ask_later(channel: str, lost: list[Message], now: dt.datetime) -> None:
    """Of all that is lost on a channel its provider is asked again when it has had some time."""
    due = Q(pk__in=[message.pk for message in lost]) | Q(lease_until__lte=now)
    later = now + AWAY * dt.timedelta(seconds=settings.ASK_AGAIN_SECONDS)
    claimed = Message.objects.filter(state=MessageState.CLAIMED, channel=channel)
    claimed.filter(due).update(lease_until=later)


def _settle(channel: str, lost: list[Message], now: dt.datetime, until: float) -> Counter[str]:
    found: dict[int, Outcome] = {}
    parcels: list[Parcel] = []
    for message in lost:
        parcel = delivery.parcel_to_find(message, give_up_at=until)
        if message.step_id and not message.body_sealed:
            found[message.pk] = Outcome(message.pk, Fate.NOT_SENT)
        elif parcel is None:
            found[message.pk] = Outcome(message.pk, Fate.UNKNOWN)
        else:
            parcels.append(parcel)
    transport = for_channel(channel)
    patience = ASKED_FOR if transport.has_a_log else UNCERTAIN_AFTER
    answers, away = _asked(transport, parcels)
    found.update({o.message: o for o in answers})
    known = dict(
        Message.objects.filter(
            provider_id__in=[o.provider_id for o in found.values() if o.provider_id]
        ).values_list("provider_id", "pk")
    )
    heard_of = set(Event.objects.filter(message__in=lost).values_list("message", flat=True))
    by_claim: dict[UUID, list[Message]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for message in lost:
        outcome = found.get(message.pk) or Outcome(message.pk, Fate.UNKNOWN)
        if known.get(outcome.provider_id, message.pk) != message.pk:
            outcome = Outcome(message.pk, Fate.UNKNOWN)  # that one is another message's
        if outcome.fate == Fate.NOT_SENT and message.pk in heard_of:
            outcome = Outcome(message.pk, Fate.ACCEPTED)  # the provider itself told us of it
        found[message.pk] = outcome
        begun = message.claimed_at or message.created_at
        if outcome.fate == Fate.UNKNOWN and now - begun >= patience:
            counts["uncertain"] += Message.objects.filter(
                pk=message.pk, claim=message.claim, state=MessageState.CLAIMED
            ).update(state=MessageState.UNCERTAIN, claim=None, lease_until=None)
        elif message.claim:
            by_claim[message.claim].append(message)
    for key, messages in by_claim.items():
        counts += outcomes.settle(
            messages, [found[message.pk] for message in messages], key=key, now=now
        )
    if away:
        _ask_later(channel, lost, now)
    return counts
