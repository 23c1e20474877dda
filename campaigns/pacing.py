"""One token bucket per sender, shared by all workers on all machines through the database."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from campaigns.models import SenderBudget

BURST_SECONDS = 1.0


def take(sender: str, wanted: int, *, rate: float, now: dt.datetime) -> int:
    """How many of `wanted` segments may go out now, taken from the bucket.

    `rate` is in segments a second; 0 means that nobody limits this sender.
    """
    if rate <= 0 or wanted <= 0:
        return max(0, wanted)
    with transaction.atomic():
        SenderBudget.objects.bulk_create(
            [SenderBudget(sender=sender, tokens=rate * BURST_SECONDS, updated_at=now)],
            ignore_conflicts=True,
        )
        budget = SenderBudget.objects.select_for_update().get(pk=sender)
        elapsed = max(0.0, (now - budget.updated_at).total_seconds())
        budget.tokens = min(max(rate * BURST_SECONDS, 1.0), budget.tokens + elapsed * rate)
        granted = max(0, min(wanted, int(budget.tokens)))
        budget.tokens -= granted
        budget.updated_at = now
        budget.save(update_fields=["tokens", "updated_at"])
    return granted


def settle(sender: str, extra: int, *, rate: float) -> None:
    """Charges segments beyond those taken: a long text costs more than was guessed."""
    if rate <= 0 or extra == 0:
        return
    with transaction.atomic():
        budget = SenderBudget.objects.select_for_update().get(pk=sender)
        budget.tokens -= extra
        budget.save(update_fields=["tokens"])
