"""Too many failures in a row of messages: the campaign pauses, and says what went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Case, Count, F, PositiveIntegerField, When
from django.db.models.functions import Cast

from campaigns.models import Campaign, CampaignHealth, Message, MessageState
from campaigns.sending import stops

SHARE = 0.25  # of the last messages: a list or a sender in order fails far more seldom
AT_LEAST = 20  # failures: a handful says nothing
MEMORY = 400  # messages; beyond it old ones count half, so that the last ones decide


def note(counts: Mapping[int, tuple[int, int]], now: dt.datetime) -> None:
    """Counts what went out and what failed, by campaign, and pauses those that fail too often."""
    for campaign, (sent, failed) in counts.items():
        health = CampaignHealth.objects.filter(campaign=campaign)
        half = When(sent__gt=MEMORY - F("failed"), then=2)
        less = Case(half, default=1, output_field=PositiveIntegerField())
        changes = {
            "sent": Cast(F("sent") / less, PositiveIntegerField()) + sent,
            "failed": Cast(F("failed") / less, PositiveIntegerField()) + failed,
        }
        if not health.update(**changes):
            CampaignHealth.objects.bulk_create(
                [CampaignHealth(campaign_id=campaign)], ignore_conflicts=True
            )
            health.update(**changes)
        if failed:
            _trip(campaign, now)


def _trip(campaign: int, now: dt.datetime) -> None:
    health = CampaignHealth.objects.filter(campaign=campaign)
    found = health.get()
    every = found.sent + found.failed
    if found.failed < AT_LEAST or found.failed < SHARE * every:
        return
    common = (
        Message.objects.filter(campaign=campaign, state=MessageState.FAILED)
        .order_by()
        .values_list("reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "reason")
        .values_list("reason", flat=True)
        .first()
    )
    health.update(sent=0, failed=0)  # whoever resumes it begins anew
    stops.stop(Campaign.objects.get(pk=campaign), stops.failures(found.failed, every, common), now)
