"""What a campaign costs: before it is launched, so far, and when it has to stop.

A text is billed by its parts, an e-mail by the piece, at the district's own prices. What was handed
to the provider counts, whatever became of it there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from campaigns.models import Campaign, Message, MessageState, Step, StepText
from campaigns.sending import stops
from campaigns.sending.outcomes import LET_GO, ours
from campaigns.targeting.audience import CHANNELS_OF
from campaigns.targeting.reach import Reach
from campaigns.words import previews
from contacts import languages
from contacts.models import Channel
from schools.models import District, User

CENT = Decimal("0.01")
NOT_HANDED_OVER = (
    MessageState.PENDING,
    MessageState.SKIPPED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
)


@dataclass(frozen=True)
class StepCost:
    """What one sending of a step would use, as far as one can tell today."""

    step: Step
    times: int
    texts: int
    parts: int
    emails: int
    dollars: Decimal


@dataclass(frozen=True)
class Estimate:
    """A campaign's cost if nobody left its audience: no more than this."""

    steps: tuple[StepCost, ...]

    @property
    def dollars(self) -> Decimal:
        return sum((step.dollars for step in self.steps), Decimal(0)).quantize(CENT)

    @property
    def parts(self) -> int:
        return sum(step.parts for step in self.steps)


def estimate(campaign: Campaign, reach: Reach, *, user: User, today: dt.date) -> Estimate:
    """Messages of the reach, in the words that each language would read, at today's prices."""
    steps = []
    for step in campaign.steps.prefetch_related("texts"):
        times = 1 + (step.repeats_left if step.repeat_days else 0)
        if step.when == Step.When.EVENT:
            times = 0  # nobody knows how many it will befall
        parts_of = _parts(campaign, step, reach, user, today)
        texts = reach.messages.get(Channel.SMS, {}) if _uses(step, Channel.SMS) else {}
        emails = reach.messages.get(Channel.EMAIL, {}) if _uses(step, Channel.EMAIL) else {}
        parts = sum(parts_of.get(language, 1) * count for language, count in texts.items())
        each = cost(campaign.district, parts=parts, emails=sum(emails.values()))
        steps.append(
            StepCost(
                step,
                times,
                sum(texts.values()) * times,
                parts * times,
                sum(emails.values()) * times,
                each * times,
            )
        )
    return Estimate(tuple(steps))


def _uses(step: Step, channel: str) -> bool:
    return channel in CHANNELS_OF[step.channels]


def _parts(
    campaign: Campaign, step: Step, reach: Reach, user: User, today: dt.date
) -> dict[str, int]:
    """Parts of the step's text in each language of the reach: of the longest wording, and of the
    language that would be read instead where there are no approved words."""
    counted: dict[str, int] = {}
    texts: dict[str, list[StepText]] = {}
    for text in step.texts.all():
        if text.channel == Channel.SMS and text.review == StepText.Review.APPROVED:
            texts.setdefault(text.language, []).append(text)
    measured: dict[str, int] = {}
    for language in reach.messages.get(Channel.SMS, {}):
        code = next((c for c in [language, *languages.fallbacks(language)] if c in texts), None)
        if code is None:
            continue
        if code not in measured:
            family = previews.sample_family(campaign, code, user=user, today=today)
            shown = [
                previews.preview(Channel.SMS, code, "", text.body, family) for text in texts[code]
            ]
            measured[code] = max(each.cost.segments for each in shown if each.cost)
        counted[language] = measured[code]
    return counted


def cost(district: District, *, parts: int, emails: int) -> Decimal:
    """So many parts of texts and so many e-mails, in dollars."""
    return parts * district.sms_price + emails * district.email_price


def spent(campaign: Campaign, *, apart_from: Sequence[int] = ()) -> Decimal:
    """What was handed over so far, in dollars; messages being sent count as well."""
    handed_over = Message.objects.filter(campaign=campaign).exclude(state__in=NOT_HANDED_OVER)
    return _cost_of(campaign.district, handed_over.exclude(pk__in=apart_from))


def _cost_of(district: District, messages: QuerySet[Message]) -> Decimal:
    used = messages.aggregate(
        parts=Sum("segments", filter=Q(channel=Channel.SMS)),
        emails=Count("pk", filter=Q(channel=Channel.EMAIL) & ~Q(body_sealed=b"")),
    )
    return cost(district, parts=used["parts"] or 0, emails=used["emails"])


def affordable(
    key: UUID, messages: Sequence[Message], parts: Mapping[int, int], now: dt.datetime
) -> list[Message]:
    """The messages of a claim that their campaigns' caps still pay for; the others wait again.

    The campaign's row is locked while its spending is added up, so two workers never spend the
    same dollar. One that cannot pay for all of its messages pauses, and says why.
    """
    capped = {m.campaign.pk for m in messages if m.campaign and m.campaign.spending_cap is not None}
    if not capped:
        return list(messages)
    over: list[int] = []
    with transaction.atomic():
        rows = Campaign.objects.select_for_update(of=("self",)).select_related("district")
        for campaign in rows.filter(pk__in=capped).order_by("pk"):
            theirs = [m for m in messages if m.campaign_id == campaign.pk]
            left = (campaign.spending_cap or Decimal(0)) - spent(
                campaign, apart_from=[m.pk for m in theirs]
            )
            for message in theirs:
                is_text = message.channel == Channel.SMS
                left -= cost(
                    campaign.district,
                    parts=parts[message.pk] if is_text else 0,
                    emails=0 if is_text else 1,
                )
                if left < 0:
                    over.append(message.pk)
            if left < 0:
                stops.stop(campaign, f"spending:{campaign.spending_cap}", now)
        ours(key).filter(pk__in=over).update(
            state=MessageState.PENDING, segments=0, attempts=F("attempts") - 1, **LET_GO
        )
    return [message for message in messages if message.pk not in set(over)]
