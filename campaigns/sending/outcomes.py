"""What a transport or provider told us of messages, stored; and what follows from it."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import Campaign, Message, MessageState
from campaigns.sending import breaker, errors, stops
from campaigns.sending.set_updates import set_each
from campaigns.transports import Fate, Outcome
from contacts import consent
from contacts.models import ContactPoint, Suppression

LET_GO: dict[str, None] = {"claim": None, "lease_until": None}
THROTTLED = frozenset({"20429", "sendgrid-429"})


def settle(
    messages: Iterable[Message], outcomes: Iterable[Outcome], *, key: UUID, now: dt.datetime
) -> Counter[str]:
    """Stores what a transport answered, and lets go of every message whose fate is known.

    Only rows still claimed with `key` move: where a webhook was quicker, it stands.
    """
    by_pk = {message.pk: message for message in messages}
    accepted: list[Outcome] = []
    refused: dict[tuple[str, str], list[int]] = defaultdict(list)
    later: dict[dt.datetime, list[int]] = defaultdict(list)
    unknown: list[int] = []
    codes: dict[int, str] = {}
    for outcome in outcomes:
        message = by_pk[outcome.message]
        meaning = errors.meaning_of(outcome.code)
        if outcome.fate == Fate.ACCEPTED:
            accepted.append(outcome)
        elif outcome.fate == Fate.UNKNOWN:
            unknown.append(outcome.message)
        elif meaning.kind == errors.Kind.OURS and message.campaign_id:
            codes[message.campaign_id] = outcome.code
            later[now].append(outcome.message)
        elif outcome.code in THROTTLED:  # the whole sender waits (pacing.py); this is no failure
            later[_soon(now, outcome.wait)].append(outcome.message)
        elif (outcome.fate == Fate.NOT_SENT and not outcome.code) or (
            meaning.kind == errors.Kind.TEMPORARY and message.attempts < errors.RETRIES
        ):
            later[errors.next_try(message.attempts, now, outcome.wait)].append(outcome.message)
        else:
            refused[outcome.code, meaning.kind].append(outcome.message)

    counts: Counter[str] = Counter()
    counts["sent"] = _store_accepted(accepted, key, now)
    for (code, kind), pks in refused.items():
        # The address first: whoever sees that a text failed (mail_instead.py) knows why at once.
        mark_addresses([by_pk[pk] for pk in pks], code, kind, now)
        counts["failed"] += (
            ours(key)
            .filter(pk__in=pks)
            .update(state=MessageState.FAILED, reason=code[:40], **LET_GO)
        )
    for moment, pks in later.items():
        counts["later"] += (
            ours(key)
            .filter(pk__in=pks)
            .update(state=MessageState.PENDING, not_before=moment, **LET_GO)
        )
    if unknown:
        ask_again = dt.timedelta(seconds=settings.ASK_AGAIN_SECONDS)
        counts["unknown"] = ours(key).filter(pk__in=unknown).update(lease_until=now + ask_again)
    failed = [pk for pks in refused.values() for pk in pks]
    breaker.note(_by_campaign(by_pk, [o.message for o in accepted], failed), now)
    for campaign in Campaign.objects.filter(pk__in=codes):
        stops.stop(campaign, stops.by_code(codes[campaign.pk]), now)
    return +counts


def ours(key: UUID) -> QuerySet[Message]:
    """What is still claimed with a key."""
    return Message.objects.filter(claim=key, state=MessageState.CLAIMED)


def mark_addresses(messages: Sequence[Message], code: str, kind: str, now: dt.datetime) -> None:
    """What a provider's code says of the addresses themselves, kept with them."""
    if kind == errors.Kind.OPTED_OUT:
        for message in messages:
            consent.withdraw(
                message.channel,
                message.address_index,
                reason=Suppression.Reason.PROVIDER,
                basis=f"provider {code}"[:40],
                at=now,
            )
    elif kind == errors.Kind.PERMANENT:
        indexes: dict[str, list[str]] = defaultdict(list)
        for message in messages:
            indexes[message.channel].append(message.address_index)
        for channel, group in indexes.items():
            points = ContactPoint.objects.filter(channel=channel, address_index__in=group)
            points.filter(unusable="").update(unusable=code[:60])
            if code in errors.LANDLINES:
                points.filter(line=ContactPoint.Line.UNKNOWN).update(
                    line=ContactPoint.Line.LANDLINE
                )


def try_again(message: Message, code: str, at: dt.datetime) -> bool:
    """A text that the provider took and could not deliver for now goes back to the outbox, a few
    times, well apart; True if it does. Once it may have arrived all the same, never."""
    if (
        errors.meaning_of(code).kind != errors.Kind.TEMPORARY
        or code in errors.PERHAPS_DELIVERED
        or not 0 < message.attempts < errors.UNDELIVERED_TRIES
        or message.campaign_id is None
    ):
        return False
    later = at + errors.UNDELIVERED_AFTER[message.attempts - 1]
    again = Message.objects.filter(
        pk=message.pk, state=MessageState.FAILED, reason=code, expires_at__gt=later
    )
    return bool(again.update(state=MessageState.PENDING, reason="", not_before=later))


def _soon(now: dt.datetime, wait: float) -> dt.datetime:
    """After what the provider asked for, and not all at the same moment."""
    return now + dt.timedelta(seconds=max(1.0, wait) * random.uniform(1, 2))


def _by_campaign(
    by_pk: Mapping[int, Message], sent: Sequence[int], failed: Sequence[int]
) -> dict[int, tuple[int, int]]:
    went = Counter(by_pk[pk].campaign_id for pk in sent)
    stayed = Counter(by_pk[pk].campaign_id for pk in failed)
    return {
        campaign: (went[campaign], stayed[campaign])
        for campaign in went | stayed
        if campaign is not None
    }


def _store_accepted(accepted: Sequence[Outcome], key: UUID, now: dt.datetime) -> int:
    """Two statements: the provider's ids, and the state of what is still ours.

    Where a webhook was quicker it has moved the state, and only the id is news.
    """
    if not accepted:
        return 0
    with transaction.atomic():
        set_each(Message, ["provider_id"], {o.message: [o.provider_id] for o in accepted})
        return (
            ours(key)
            .filter(pk__in=[outcome.message for outcome in accepted])
            .update(state=MessageState.SENT, sent_at=now, **LET_GO)
        )
