"""Who sends a message: the worker whose guarded update changed its row, and nobody else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from campaigns import quiet_hours
from campaigns.audience import Audience
from campaigns.models import Arm, Assignment, Campaign, CampaignState, Message, MessageState
from contacts import consent
from contacts.models import ContactPoint, Suppression
from schools.models import District

LEASE = dt.timedelta(minutes=3)
LOOKED_AT = ("campaign_id", "contact_point_id", "address_index", "household_id")


def due(channel: str, now: dt.datetime) -> QuerySet[Message]:
    """Pending messages of a channel whose time has come and whose campaign is not stopped."""
    return Message.objects.filter(
        Q(campaign=None) | Q(campaign__state=CampaignState.RUNNING),
        channel=channel,
        state=MessageState.PENDING,
        not_before__lte=now,
        expires_at__gt=now,
    )


def in_lawful_hours(messages: QuerySet[Message], now: dt.datetime) -> QuerySet[Message]:
    """Those whose family may be written to at this hour; few distinct places are looked at."""
    places = (
        messages.order_by()
        .values_list("time_zones", "school__state", "school__district")
        .distinct()
    )
    found = list(places)
    districts = District.objects.in_bulk({district for _, _, district in found if district})
    lawful = Q(pk=None)
    for zones, state, district in found:
        if quiet_hours.is_open(
            now, state=state or "", zone=zones, district=districts.get(district)
        ):
            place = Q(school=None) if state is None else Q(school__state=state)
            place &= Q(school__district=district) if district else Q(school__district=None)
            lawful |= place & Q(time_zones=zones)
    return messages.filter(lawful)


def claim_batch(channel: str, *, now: dt.datetime, limit: int) -> list[Message]:
    """Claims up to `limit` messages that may lawfully go out now; returns them, claimed.

    1. Find due messages in whose place the hour is lawful, and lock their rows (PostgreSQL
       passes over rows that another worker holds; SQLite lets one worker in at a time).
    2. Ask again, now, whether each family may still be written to: consent, suppression, arm,
       and whether the campaign's audience still holds it.
    3. One guarded update moves those from pending to claimed, under a lease.
    4. Those that may not be written to any more are left out, with the reason.
    """
    with transaction.atomic():
        candidates = in_lawful_hours(due(channel, now), now).order_by("not_before", "pk")
        if connection.features.has_select_for_update_skip_locked:
            candidates = candidates.select_for_update(skip_locked=True, of=("self",))
        rows = [vars(message) for message in candidates.only(*LOOKED_AT)[:limit]]
        if not rows:
            return []
        left_out = _left_out(channel, rows)
        going = [row["id"] for row in rows if row["id"] not in left_out]
        name = uuid.uuid4()
        Message.objects.filter(pk__in=going, state=MessageState.PENDING).update(
            state=MessageState.CLAIMED, claim=name, claimed_at=now, lease_until=now + LEASE
        )
        for reason in set(left_out.values()):
            skipped = [pk for pk, why in left_out.items() if why == reason]
            Message.objects.filter(pk__in=skipped, state=MessageState.PENDING).update(
                state=MessageState.SKIPPED, reason=reason
            )
    return list(
        Message.objects.filter(pk__in=going, claim=name).select_related(
            "contact_point", "campaign", "step", "school__district__state", "school__state"
        )
    )


def _left_out(channel: str, rows: list[dict[str, object]]) -> dict[object, str]:
    """Messages of a batch that may no longer go out, each with its reason."""
    by_campaign: dict[object, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        by_campaign[row["campaign_id"]].append(row)
    reasons: dict[object, str] = {}
    for campaign_pk, batch in by_campaign.items():
        indexes = {row["address_index"] for row in batch}
        stopped = set(
            Suppression.objects.active()
            .filter(channel=channel, address_index__in=indexes)
            .values_list("address_index", flat=True)
        )
        points = ContactPoint.objects.filter(channel=channel, address_index__in=indexes)
        allowed = set(consent.allowed(points).values_list("address_index", flat=True))
        if campaign_pk is None:
            wanted, held_out = allowed, set()
        else:
            campaign = Campaign.objects.get(pk=campaign_pk)
            known = Audience.of(campaign).known_points(channel)
            wanted = set(
                known.filter(address_index__in=indexes).values_list("address_index", flat=True)
            )
            held_out = set(
                Assignment.objects.filter(
                    campaign=campaign,
                    arm=Arm.HELD_OUT,
                    household__in={row["household_id"] for row in batch},
                ).values_list("household_id", flat=True)
            )
        for row in batch:
            if row["contact_point_id"] is None:
                reasons[row["id"]] = "no_address"
            elif row["address_index"] in stopped:
                reasons[row["id"]] = "suppressed"
            elif row["address_index"] not in allowed:
                reasons[row["id"]] = "no_consent"
            elif row["household_id"] in held_out:
                reasons[row["id"]] = "held_out"
            elif row["address_index"] not in wanted:
                reasons[row["id"]] = "moved_on"
    return reasons
