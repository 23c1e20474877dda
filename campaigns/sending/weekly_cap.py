"""No family hears from its district more often in a week than the district allows.

What counts is a sending, over all campaigns: a text and an e-mail of one step to one family count
once. Answers to a family's own question never count.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, QuerySet

from campaigns.models import Message, MessageState, Step
from schools.models import District

WEEK = dt.timedelta(days=7)
# Longer than any message waits: sendings before that are over.
MEMORY = dt.timedelta(days=60)
STILL_COMING = (MessageState.PENDING, MessageState.CLAIMED, MessageState.UNCERTAIN)
WENT_OUT = (MessageState.SENT, MessageState.DELIVERED)


def reached(
    district: District, *, now: dt.datetime, step: Step | None = None
) -> QuerySet[Message, object] | None:
    """Households that one sending more (`step`, itself not counted) would be too much for.

    None where the district has not sent often enough lately for that to be possible.
    """
    other = Step.objects.filter(campaign__district=district)
    counted = Message.objects.filter(campaign__district=district)
    if step is not None:
        other, counted = other.exclude(pk=step.pk), counted.exclude(step=step)
    lately = Q(expanded_at__gt=now - MEMORY) | Q(
        when=Step.When.EVENT, campaign__launched_at__gt=now - MEMORY - dt.timedelta(days=365)
    )
    if other.filter(lately).count() < district.weekly_cap:
        return None
    return (
        counted.filter(
            Q(state__in=STILL_COMING) | Q(state__in=WENT_OUT, sent_at__gt=now - WEEK),
            household__isnull=False,
        )
        .order_by()
        .values("household")
        .annotate(sendings=Count("step", distinct=True))
        .filter(sendings__gte=district.weekly_cap)
        .values("household")
    )
