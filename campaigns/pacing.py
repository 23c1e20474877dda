"""One token bucket a sender, shared by all workers on all machines."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from campaigns.models import SenderBudget

BURST_SECONDS = 1.0


def reserve(sender: str, units: float, *, rate: float, now: dt.datetime) -> float:
    """Takes `units` (segments) from the sender's bucket; returns the seconds to wait before
    they may go out.

    The bucket fills by `rate` a second up to one second's worth. It may go into debt: whoever
    takes from it then waits until its own share has come in, so shares never add up to more
    than the rate. The row lock (PostgreSQL) or write lock (SQLite) makes it one step for all.
    """
    if rate <= 0 or units <= 0:
        return 0.0
    full = rate * BURST_SECONDS
    SenderBudget.objects.get_or_create(sender=sender, defaults={"tokens": full, "updated_at": now})
    with transaction.atomic():
        budget = SenderBudget.objects.select_for_update().get(sender=sender)
        passed = max(0.0, (now - budget.updated_at).total_seconds())
        budget.tokens = min(full, budget.tokens + passed * rate) - units
        budget.updated_at = max(now, budget.updated_at)
        budget.save()
    return max(0.0, -budget.tokens / rate)
