"""Who sends what: the claim, in which every rule of sending is checked once more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.models import (
    Arm,
    Assignment,
    Inbound,
    Message,
    MessageState,
    Reply,
    Step,
)
from campaigns.sending.places import Places
from campaigns.sending.senders import Lane
from campaigns.sending.waiting import due, to_send
from campaigns.targeting import audience
from contacts import consent
from contacts.models import ContactPoint, Suppression

Rule = Callable[[QuerySet[ContactPoint]], QuerySet[ContactPoint]]

NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True)
class Claim:
    """Messages that one worker, and no other, may hand over until the lease ends."""

    key: uuid.UUID
    messages: list[Message] = field(default_factory=list)
    skipped: int = 0


def lease() -> dt.timedelta:
    """How long a claim stands before it is looked into."""
    return dt.timedelta(seconds=settings.LEASE_SECONDS)


def seconds_to_hand_over() -> float:
    """After so long nothing of a claim is handed over any more: a fifth of the lease is left for
    the requests that have begun."""
    return settings.LEASE_SECONDS * 0.8


def claim(
    channel: str,
    *,
    limit: int,
    now: dt.datetime,
    lane: Lane | None = None,
    places: Places | None = None,
) -> Claim:
    """Claims up to `limit` messages that may lawfully go out by `channel` at `now`.

    1. The quiet hours decide which places (state, zones, district) are open.
    2. Candidates are read, answers to families first, then campaign by campaign of those that send:
       due, not expired, in an open place, on the lane's own share, and nothing from their address
       waits to be taken in. PostgreSQL locks them and steps over those that another worker holds;
       SQLite's write lock is ours.
    3. Those that may not be written to any more are left out, each with its reason.
    4. One guarded update claims the rest: its conditions ask again for state, campaign, what came
       from the address and consent, and its row count says what was won.
    """
    key = uuid.uuid4()
    lane = lane or Lane(channel)
    places = places or Places(channel)
    with transaction.atomic():
        candidates = _candidates(channel, limit, now, lane, places)
        if not candidates:
            return Claim(key)
        reasons = _reasons_not_to(candidates, channel, now)
        skipped = _leave_out(reasons)
        kept = [message.pk for message in candidates if message.pk not in reasons]
        won = (
            to_send()
            .filter(~_unheard(), _may_go(), pk__in=kept)
            .update(
                state=MessageState.CLAIMED,
                claim=key,
                claimed_at=now,
                lease_until=now + lease(),
                attempts=F("attempts") + 1,
                sender=lane.address,
            )
        )
    if not won:
        return Claim(key, [], skipped)
    messages = (
        Message.objects.filter(claim=key, pk__in=kept)
        .select_related("contact_point", "answers")
        .prefetch_related("campaign", "school__district", "school__state")  # each once
    )
    return Claim(key, list(messages), skipped)


def _candidates(
    channel: str, limit: int, now: dt.datetime, lane: Lane, places: Places
) -> list[Message]:
    """A family that wrote does not wait behind a campaign, nor a campaign behind one that may send
    nothing now, or has very much to send: each is asked for its own, and they take turns."""
    here = (
        due(channel, now)
        .filter(~_unheard(), lane.messages)
        .order_by("campaign_id", "not_before", "pk")  # as the index has it
        .select_for_update(skip_locked=True)
    )
    found = list(here.filter(campaign=None)[:limit])
    for campaign, in_open_places in places.open_at(now, lane):
        if len(found) == limit:
            break
        some = here.filter(in_open_places, campaign=campaign)[: limit - len(found)]
        if some:
            places.took_its_turn(campaign)
        found += some
    return found


def _unheard() -> Q:
    """Something that came from the message's address is not taken in yet; it may be a STOP. What
    was set aside, perhaps for long, holds back what goes by itself, and no person's own words."""
    came = Inbound.objects.filter(address_index=OuterRef("address_index"))
    by_itself = Q(campaign__isnull=False) | Q(answers__isnull=False)
    return Q(Exists(came.filter(set_aside_at=None))) | (by_itself & Q(Exists(came)))


def _may_go() -> Q:
    """Messages to addresses that consent still allows; an invitation, where one may be asked; what
    a keyword is answered with; a link to a new mailbox that did not ask for silence; and what
    tells the mailbox before it."""
    own = ContactPoint.objects.filter(pk=OuterRef("contact_point"))
    asked = Reply.objects.filter(pk=OuterRef("answers"))
    silent = Suppression.objects.active().filter(
        channel=OuterRef("channel"), address_index=OuterRef("address_index")
    )
    return (
        Q(Exists(consent.allowed(own)), invites=False)
        | Q(Exists(consent.may_be_invited(own)), invites=True)
        | Q(Exists(consent.may_hear_of_its_end(own)), farewell=True)
        | Q(Exists(asked.filter(meaning__in=Reply.KEYWORDS)))
        | (Q(Exists(asked.filter(meaning=Reply.Meaning.MAILBOX))) & ~Q(Exists(silent)))
    )


def _reasons_not_to(candidates: list[Message], channel: str, now: dt.datetime) -> dict[int, str]:
    """Why some of these must not be written to: by message, the first reason found."""
    reasons: dict[int, str] = {}
    indexes = [message.address_index for message in candidates]
    by_rule = defaultdict(list)
    for message in candidates:
        if message.contact_point_id:
            by_rule[_rule_of(message)].append(message.contact_point_id)
    allowed = set()
    for rule, points in by_rule.items():
        known = rule(ContactPoint.objects.filter(pk__in=points))
        allowed |= {(pk, rule) for pk in known.values_list("pk", flat=True)}
    suppressed = set(
        Suppression.objects.active()
        .filter(channel=channel, address_index__in=indexes)
        .values_list("address_index", flat=True)
    )
    answers = [message.answers_id for message in candidates if message.answers_id]
    asked = dict(Reply.objects.filter(pk__in=answers).values_list("pk", "meaning"))
    by_step: dict[int, list[Message]] = defaultdict(list)
    for message in candidates:
        meaning = asked.get(message.answers_id) if message.answers_id else None
        if meaning in Reply.KEYWORDS:
            continue
        if message.address_index in suppressed:
            reasons[message.pk] = "suppressed"
        elif meaning == Reply.Meaning.MAILBOX:
            continue
        elif (message.contact_point_id, _rule_of(message)) not in allowed:
            reasons[message.pk] = "no_consent"
        elif message.step_id:
            by_step[message.step_id].append(message)
    for step in Step.objects.filter(pk__in=by_step).select_related("campaign__district"):
        reasons.update(_reasons_of(step, by_step[step.pk], channel, now))
    return reasons


def _rule_of(message: Message) -> Rule:
    """Which addresses may get such a message."""
    if message.farewell:
        return consent.may_hear_of_its_end
    return consent.may_be_invited if message.invites else consent.allowed


def _reasons_of(
    step: Step, messages: list[Message], channel: str, now: dt.datetime
) -> dict[int, str]:
    """The campaign's own reasons: an arm that hears nothing, a family it is no longer for."""
    still = set(
        audience.Audience.of_step(step)
        .at(channel, [message.address_index for message in messages])
        .values_list("address_index", flat=True)
    )
    held_out = set()
    if step.campaign.holds_back(now):
        held_out = set(
            Assignment.objects.filter(
                campaign=step.campaign_id,
                arm=Arm.HELD_OUT,
                household__in=[message.household_id for message in messages],
            ).values_list("household", flat=True)
        )
    reasons = {}
    for message in messages:
        if message.household_id in held_out:
            reasons[message.pk] = "held_out"
        elif message.address_index not in still:
            reasons[message.pk] = "not_in_audience"
    return reasons


def _leave_out(reasons: dict[int, str]) -> int:
    left_out = 0
    for reason in set(reasons.values()):
        pks = [pk for pk, why in reasons.items() if why == reason]
        left_out += Message.objects.filter(pk__in=pks, state=MessageState.PENDING).update(
            state=MessageState.SKIPPED, reason=reason
        )
    return left_out
