"""From claim to outcome: words are made and kept, parcels handed over, answers stored."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import Case, F, QuerySet, Value, When

from campaigns import claim, control, errors, links, pacing, wording
from campaigns.models import Campaign, Message, MessageState
from campaigns.transports import Fate, Outcome, Parcel, Transport, for_channel
from campaigns.wording import Wording
from contacts import consent
from contacts.models import Channel, ContactPoint, Suppression

logger = logging.getLogger(__name__)

EMAILS_A_BATCH = 1000  # what one SendGrid request may hold
TEXTS_A_BATCH = 400
SECONDS_A_BATCH = 4  # of pacing: a pause takes hold within this time
LEASE_MARGIN = dt.timedelta(seconds=60)  # longer than any one request may last
ASK_AGAIN_AFTER = dt.timedelta(seconds=60)


@dataclass
class Batch:
    """What became of one claim."""

    outcomes: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.outcomes)


def deliver(channel: str, *, now: dt.datetime) -> Batch:
    """Claims and sends one batch of a channel; falsy when nothing may go out at `now`.

    1. The claim decides which messages are ours. 2. Their words are made, and stored before any
    of them leaves, so that a lost answer can be looked up by them. 3. They wait for the sender's
    pace. 4. The transport takes them, and what it answers is stored before the claim is let go.
    """
    transport = for_channel(channel)
    taken = claim.claim(channel, limit=_batch_size(transport), now=now)
    batch = Batch(Counter(skipped=taken.skipped) if taken.skipped else Counter())
    if not taken.messages:
        return batch
    started = time.monotonic()
    worded = _words(taken.messages, now)
    wordless = [message for message in taken.messages if message.pk not in worded]
    if wordless:
        batch.outcomes["skipped"] += (
            _ours(taken.key)
            .filter(pk__in=[message.pk for message in wordless])
            .update(state=MessageState.SKIPPED, reason="no_text", **_LET_GO)
        )
    ready = [message for message in taken.messages if message.pk in worded]
    _keep_words(ready, worded)
    give_up_at = started + (claim.LEASE - LEASE_MARGIN).total_seconds()
    parcels = [_parcel(message, worded[message.pk], give_up_at) for message in ready]
    _wait_for_pace(transport, sum(worded[message.pk].segments for message in ready))
    seconds = time.monotonic()
    outcomes = _hand_over(transport, parcels)
    batch.outcomes += settle(ready, outcomes, key=taken.key, now=now)
    logger.info(
        "%s: %s in %.2f s", transport.name, dict(batch.outcomes), time.monotonic() - seconds
    )
    return batch


_LET_GO: dict[str, None] = {"claim": None, "lease_until": None}


def settle(
    messages: Iterable[Message], outcomes: Iterable[Outcome], *, key: UUID, now: dt.datetime
) -> Counter[str]:
    """Stores what a transport answered, and lets go of every message whose fate is known.

    Only rows still claimed with `key` move: where a webhook was quicker, it stands.
    """
    by_pk = {message.pk: message for message in messages}
    accepted: list[Outcome] = []
    refused: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    later: dict[dt.datetime, list[int]] = defaultdict(list)
    unknown: list[int] = []
    stops: dict[int, object] = {}
    for outcome in outcomes:
        message = by_pk[outcome.message]
        meaning = errors.meaning_of(outcome.code)
        throttled = outcome.code in {"20429", "sendgrid-429"}
        if outcome.fate == Fate.ACCEPTED:
            accepted.append(outcome)
        elif outcome.fate == Fate.UNKNOWN:
            unknown.append(outcome.message)
        elif meaning.kind == errors.Kind.OURS and message.campaign_id:
            stops[message.campaign_id] = meaning.mend
            later[now].append(outcome.message)
        elif (
            (outcome.fate == Fate.NOT_SENT and not outcome.code)
            or throttled
            or (meaning.kind == errors.Kind.TEMPORARY and message.attempts < errors.RETRIES)
        ):
            later[errors.next_try(message.attempts, now, outcome.wait)].append(outcome.message)
        else:
            refused[outcome.code, meaning.kind].append(outcome)

    counts: Counter[str] = Counter()
    counts["sent"] = _store_accepted(accepted, key, now)
    for (code, kind), group in refused.items():
        pks = [outcome.message for outcome in group]
        counts["failed"] += (
            _ours(key)
            .filter(pk__in=pks)
            .update(state=MessageState.FAILED, reason=code[:40], **_LET_GO)
        )
        for pk in pks:
            mark_address(by_pk[pk], code, kind, now)
    for moment, pks in later.items():
        counts["later"] += (
            _ours(key)
            .filter(pk__in=pks)
            .update(state=MessageState.PENDING, not_before=moment, **_LET_GO)
        )
    if unknown:
        counts["unknown"] = (
            _ours(key).filter(pk__in=unknown).update(lease_until=now + ASK_AGAIN_AFTER)
        )
    for campaign in Campaign.objects.filter(pk__in=stops):
        stop(campaign, str(stops[campaign.pk]), now)
    return +counts


def mark_address(message: Message, code: str, kind: str, now: dt.datetime) -> None:
    """What a provider's code says of the address itself, kept with it."""
    if kind == errors.Kind.OPTED_OUT:
        consent.withdraw(
            message.channel,
            message.address_index,
            reason=Suppression.Reason.PROVIDER,
            basis=f"provider {code}"[:40],
            at=now,
        )
    elif kind == errors.Kind.PERMANENT:
        ContactPoint.objects.filter(
            channel=message.channel, address_index=message.address_index, unusable=""
        ).update(unusable=code[:60])


def stop(campaign: Campaign, because: str, now: dt.datetime) -> None:
    """Pauses a campaign that cannot go on before someone mends something of ours."""
    try:
        control.pause(campaign, by=None, now=now, because=because)
    except control.ForbiddenMove:
        return  # another worker, or a person, has stopped it already
    logger.warning("campaign %s paused: %s", campaign.pk, because)


def parcel_to_find(message: Message) -> Parcel | None:
    """The parcel as it was handed over, for asking the provider; None if it cannot be told."""
    if message.contact_point is None or not message.body_sealed:
        return None
    return _parcel(message, Wording(message.subject, message.body, "", message.segments), 0)


def _ours(key: UUID) -> QuerySet[Message]:
    return Message.objects.filter(claim=key, state=MessageState.CLAIMED)


def _batch_size(transport: Transport) -> int:
    if transport.name != "twilio":
        return EMAILS_A_BATCH
    return max(1, min(TEXTS_A_BATCH, int(settings.TWILIO_MPS * SECONDS_A_BATCH)))


def _words(messages: Sequence[Message], now: dt.datetime) -> dict[int, Wording]:
    """Words for campaign messages; an answer to a family brings its own."""
    worded = wording.render_batch([m for m in messages if m.step_id], now=now)
    for message in messages:
        if not message.step_id and message.body_sealed:
            worded[message.pk] = Wording(message.subject, message.body, "", message.segments)
    return worded


def _keep_words(messages: Sequence[Message], worded: dict[int, Wording]) -> None:
    mine = [message for message in messages if message.step_id]
    for message in mine:
        words = worded[message.pk]
        message.subject, message.body = words.subject, words.body
        message.segments = words.segments
    Message.objects.bulk_update(mine, ["subject_sealed", "body_sealed", "segments"], batch_size=200)


def _parcel(message: Message, words: Wording, give_up_at: float) -> Parcel:
    return Parcel(
        message=message.pk,
        channel=message.channel,
        to=message.contact_point.address if message.contact_point else "",
        subject=words.subject,
        body=words.body,
        html=words.html,
        unsubscribe_url=(
            links.unsubscribe_url(message) if message.channel == Channel.EMAIL else ""
        ),
        campaign=message.campaign_id,
        claimed_at=message.claimed_at,
        give_up_at=give_up_at,
    )


def _wait_for_pace(transport: Transport, segments: int) -> None:
    if transport.name != "twilio":
        return
    sender = settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM
    clock = dt.datetime.now(dt.UTC)  # the pace is the real world's, whatever hour is being told
    time.sleep(pacing.reserve(f"sms:{sender}", segments, rate=settings.TWILIO_MPS, now=clock))


def _hand_over(transport: Transport, parcels: Sequence[Parcel]) -> list[Outcome]:
    """One outcome a parcel; what the transport does not speak of is unknown."""
    outcomes: dict[int, Outcome] = {}
    try:
        for outcome in transport.send(parcels):
            outcomes[outcome.message] = outcome
    except Exception:
        # Whatever went wrong, some may have left: the claims are kept and looked into.
        logger.exception("%s broke off", transport.name)
    return [outcomes.get(p.message) or Outcome(p.message, Fate.UNKNOWN) for p in parcels]


def _store_accepted(accepted: Sequence[Outcome], key: UUID, now: dt.datetime) -> int:
    stored = 0
    for start in range(0, len(accepted), 100):
        group = accepted[start : start + 100]
        pks = [outcome.message for outcome in group]
        ids = {outcome.provider_id for outcome in group}
        provider_id: Case | Value = (
            Value(ids.pop())
            if len(ids) == 1
            else Case(
                *(When(pk=o.message, then=Value(o.provider_id)) for o in group),
                default=F("provider_id"),
            )
        )
        stored += (
            _ours(key)
            .filter(pk__in=pks)
            .update(state=MessageState.SENT, provider_id=provider_id, sent_at=now, **_LET_GO)
        )
        # A webhook was quicker for these: it has moved the state, we know the provider's id.
        Message.objects.filter(pk__in=pks, provider_id="").update(provider_id=provider_id)
    return stored
