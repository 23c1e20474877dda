"""From claim to outcome: words are made and kept, parcels handed over, answers stored."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from campaigns import spending
from campaigns.family_pages import links
from campaigns.models import Message, MessageState
from campaigns.sending import claim, daily_caps, outcomes, pacing, silence
from campaigns.sending.outcomes import LET_GO, THROTTLED, ours
from campaigns.sending.places import Places
from campaigns.sending.senders import Lane, lanes
from campaigns.sending.set_updates import set_each
from campaigns.transports import Fate, Outcome, Parcel, Transport, for_channel
from campaigns.words import wording
from campaigns.words.wording import Wording
from contacts.models import Channel

logger = logging.getLogger(__name__)

EMAILS_A_BATCH = 1000  # what one SendGrid request may hold
TEXTS_A_BATCH = 400
NEVER = float("inf")
HEAVY = 0.2  # of a batch refused with 429: the sender's rate is truly exceeded


@dataclass
class Batch:
    """One claim on its way: what is handed over, and what became of the rest."""

    lane: Lane
    transport: Transport
    key: UUID
    messages: list[Message] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    wait: float = 0  # seconds until the sender's bucket may be asked again; nothing was claimed

    def __bool__(self) -> bool:
        """True if it moved, or will move, any message."""
        return bool(self.parcels or self.outcomes)


def deliver(channel: str, *, now: dt.datetime) -> Counter[str]:
    """Claims and sends one batch of each way out of a channel; empty when nothing may go out."""
    counts: Counter[str] = Counter()
    places = Places(channel)
    for lane in lanes(channel, now):
        batch = prepare(lane, places, now=now)
        counts += finish(batch, hand_over(batch), now=now)
    return counts


def prepare(lane: Lane, places: Places, *, now: dt.datetime) -> Batch:
    """Everything up to the hand-over.

    1. The sender's bucket gives way, or says how long to wait. 2. The claim decides which messages
    are ours. 3. Their words are made, and stored before any of them leaves, so that a lost answer
    can be looked up by them. 4. What passes the sender's cap of today is put back.
    """
    transport = for_channel(lane.channel)
    size = silence.A_FEW if silence.is_on(lane) else _batch_size(lane, transport)
    wait = pacing.take(lane.address, size, rate=lane.rate)
    if wait:
        return Batch(lane, transport, claim.NOBODY, wait=wait)
    started = time.monotonic()
    taken = claim.claim(lane.channel, limit=size, now=now, lane=lane, places=places)
    batch = Batch(lane, transport, taken.key)
    if taken.skipped:
        batch.outcomes["skipped"] = taken.skipped
    ready: list[Message] = []
    worded: dict[int, Wording] = {}
    if taken.messages:
        worded = _words(taken.messages, now)
        _leave_out_wordless(batch, [m.pk for m in taken.messages if m.pk not in worded])
        ready = [message for message in taken.messages if message.pk in worded]
        _keep_words(ready, worded)
        ready = spending.affordable(
            taken.key, ready, {m.pk: worded[m.pk].segments for m in ready}, now
        )
        ready = _within_cap(batch, ready, worded, now)
    if lane.rate > 0:
        pacing.charge(lane.address, sum(worded[m.pk].segments for m in ready) - size)
    give_up_at = started + claim.seconds_to_hand_over()
    batch.messages = ready
    for message in ready:
        closing = places.closing(message, now)
        closes_at = started + (closing - now).total_seconds() if closing else NEVER
        words = worded[message.pk]
        batch.parcels.append(_parcel(message, words, lane.address, give_up_at, closes_at))
    return batch


def hand_over(batch: Batch) -> list[Outcome]:
    """One outcome a parcel; what the transport does not speak of is unknown. Asks no database, so
    it may run in a thread of its own."""
    if not batch.parcels:
        return []
    found: dict[int, Outcome] = {}
    began = time.monotonic()
    try:
        for outcome in batch.transport.send(batch.parcels):
            found[outcome.message] = outcome
    except Exception:
        # Whatever went wrong, some may have left: the claims are kept and looked into.
        logger.exception("%s broke off", batch.transport.name)
    seconds = time.monotonic() - began
    logger.info("%s: %s in %.2f s", batch.transport.name, len(batch.parcels), seconds)
    return [found.get(p.message) or Outcome(p.message, Fate.UNKNOWN) for p in batch.parcels]


def finish(batch: Batch, found: Sequence[Outcome], *, now: dt.datetime) -> Counter[str]:
    """Stores the answers before the claim is let go; returns what became of the batch."""
    if found:
        unanswered = sum(outcome.fate == Fate.UNKNOWN for outcome in found)
        silence.note(batch.lane, unanswered=unanswered, of=len(found))
        batch.outcomes += outcomes.settle(batch.messages, found, key=batch.key, now=now)
        refused = [outcome for outcome in found if outcome.code in THROTTLED]
        if refused and batch.lane.rate > 0:
            wait = max(outcome.wait for outcome in refused)
            pacing.throttled(batch.lane.address, wait=wait, heavy=len(refused) > HEAVY * len(found))
        if batch.lane.daily_cap is not None:
            segments = {message.pk: message.segments for message in batch.messages}
            stayed = (Fate.NOT_SENT, Fate.REFUSED)
            daily_caps.give_back(
                batch.lane.capped_as,
                sum(segments[o.message] for o in found if o.fate in stayed),
                now,
            )
    return batch.outcomes


def parcel_to_find(message: Message, give_up_at: float = NEVER) -> Parcel | None:
    """The parcel as it was handed over, for asking the provider; None if it cannot be told."""
    if not message.body_sealed or not _address_of(message):
        return None
    words = Wording(message.subject, message.body, "", message.segments)
    return _parcel(message, words, message.sender, give_up_at)


def _batch_size(lane: Lane, transport: Transport) -> int:
    """Half a second's worth of segments: a pause takes hold within seconds, and no second's worth
    is lost because the bucket was full."""
    if lane.channel != Channel.SMS or transport.name == "sandbox":
        return EMAILS_A_BATCH
    return max(1, min(TEXTS_A_BATCH, int((lane.rate or 2 * TEXTS_A_BATCH) / 2)))


def _words(messages: Sequence[Message], now: dt.datetime) -> dict[int, Wording]:
    """Words for campaign messages; an answer to a family brings its own."""
    worded = wording.render_batch([m for m in messages if m.step_id], now=now)
    for message in messages:
        if not message.step_id and message.body_sealed:
            worded[message.pk] = Wording(message.subject, message.body, "", message.segments)
    return worded


def _leave_out_wordless(batch: Batch, pks: Sequence[int]) -> None:
    if pks:
        wordless = ours(batch.key).filter(pk__in=pks)
        batch.outcomes["skipped"] += wordless.update(
            state=MessageState.SKIPPED, reason="no_text", **LET_GO
        )


def _keep_words(messages: Sequence[Message], worded: dict[int, Wording]) -> None:
    kept = {}
    for message in messages:
        if message.step_id:
            words = worded[message.pk]
            message.subject, message.body = words.subject, words.body
            message.segments, message.worded_in = words.segments, words.language
            kept[message.pk] = [
                message.subject_sealed,
                message.body_sealed,
                words.segments,
                words.language,
            ]
    set_each(Message, ["subject_sealed", "body_sealed", "segments", "worded_in"], kept)


def _within_cap(
    batch: Batch, messages: list[Message], worded: dict[int, Wording], now: dt.datetime
) -> list[Message]:
    """As many as the day still allows, and every answer; the others are put back as they were."""
    lane = batch.lane
    if lane.daily_cap is None:
        return messages
    answers = [message for message in messages if not message.campaign_id]
    daily_caps.count(lane.capped_as, sum(worded[m.pk].segments for m in answers), now)
    messages = [message for message in messages if message.campaign_id]
    fitting = list(messages)
    while fitting:
        segments = sum(worded[message.pk].segments for message in fitting)
        if daily_caps.book(lane.capped_as, segments, lane.daily_cap, now):
            break
        fitting = fitting[: len(fitting) // 2]
    over = [message.pk for message in messages[len(fitting) :]]
    if over:
        ours(batch.key).filter(pk__in=over).update(state=MessageState.PENDING, **LET_GO)
    return answers + fitting


def _address_of(message: Message) -> str:
    """Where it goes: to an address on record, or back to the one on none that it answers."""
    if message.contact_point:
        return message.contact_point.address
    return message.answers.sender if message.answers else ""


def _parcel(
    message: Message,
    words: Wording,
    sender: str,
    give_up_at: float = NEVER,
    closes_at: float = NEVER,
) -> Parcel:
    return Parcel(
        message=message.pk,
        channel=message.channel,
        to=_address_of(message),
        subject=words.subject,
        body=words.body,
        html=words.html,
        unsubscribe_url=(
            links.unsubscribe_url(message) if message.channel == Channel.EMAIL else ""
        ),
        sender=sender,
        campaign=message.campaign_id,
        claimed_at=message.claimed_at,
        give_up_at=give_up_at,
        closes_at=closes_at,
    )
