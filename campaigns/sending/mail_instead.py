"""An e-mail in a text's place: where a telephone turns out to take none, as many do the first time.

Before a text was tried nobody knows that its number is a landline or wrong. A step that promises an
e-mail where no text can go keeps that promise then, and does not leave the family to the next one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignState, Message, MessageState, Step
from campaigns.sending import errors
from contacts.models import Channel, ContactPoint, Suppression

AT_ONCE = 500  # texts of a step that a tick looks at
TOLD_WITHIN = dt.timedelta(days=7)  # of a campaign's end; carriers tell within hours


def due(now: dt.datetime) -> dict[Step, dict[int, str]]:
    """By step the texts (their numbers' address indexes by key) that failed because the number
    takes none, and for which nobody has looked yet whether an e-mail can go.

    Texts that none will follow are done with here: each is looked at once, so that a tick does
    not read for weeks what it can do nothing about. Those of a paused campaign wait.
    """
    texts: dict[int, dict[int, str]] = defaultdict(dict)
    over: list[int] = []
    rows = not_followed().values_list("pk", "step", "address_index", "expires_at")
    for pk, step_pk, number, expires_at in rows:
        if step_pk and expires_at > now:
            texts[step_pk][pk] = number
        else:
            over.append(pk)
    found = Step.objects.filter(channels=Step.Channels.SMS_FIRST)
    steps = found.select_related("campaign__district").in_bulk(texts)
    for step_pk in texts.keys() - steps.keys():
        over += texts[step_pk]
    followed(over, now)
    return {step: texts[pk] for pk, step in steps.items() if _sends(step.campaign, now)}


def not_followed() -> QuerySet[Message]:
    """Texts that failed because their numbers take none, and that nobody has looked at yet."""
    return Message.objects.filter(
        state=MessageState.FAILED,
        channel=Channel.SMS,
        followed_at__isnull=True,
        reason__in=errors.TAKES_NO_TEXTS,
    )


def followed(texts: Iterable[int], now: dt.datetime) -> None:
    """Keeps that these texts were looked at."""
    every = list(texts)
    for start in range(0, len(every), AT_ONCE):
        Message.objects.filter(pk__in=every[start : start + AT_ONCE]).update(followed_at=now)


def _sends(campaign: Campaign, now: dt.datetime) -> bool:
    if campaign.state == CampaignState.FINISHED:
        return campaign.finished_at is not None and campaign.finished_at > now - TOLD_WITHIN
    return campaign.state == CampaignState.RUNNING


def people(step: Step, numbers: Iterable[str]) -> set[UUID]:
    """Contacts at these numbers (address indexes), which take no texts, whom the step owes an
    e-mail.

    Not whoever has or may yet get its text at another number, on record or not any more; nor
    whoever said stop at one: an e-mail with the same words is not what they asked for.
    """
    points = ContactPoint.objects.filter(channel=Channel.SMS)
    them = set(points.filter(address_index__in=set(numbers)).values_list("contact", flat=True))
    theirs = list(points.filter(contact__in=them).values_list("pk", "contact", "address_index"))
    all_numbers = {number for _pk, _contact, number in theirs}
    stopped = Suppression.objects.active().filter(
        channel=Channel.SMS, address_index__in=all_numbers
    )
    texts = Message.objects.exclude(
        state=MessageState.FAILED, reason__in=errors.TAKES_NO_TEXTS
    ).filter(channel=Channel.SMS)
    there = texts.filter(step=step, address_index__in=all_numbers)
    # By the person's records as well: their numbers may have been others then. The step is looked
    # for here, where one person's texts are few and a step's are not.
    own = texts.filter(contact_point__in=[pk for pk, _contact, _number in theirs])
    silent = {*stopped.values_list("address_index", flat=True)}
    silent.update(there.values_list("address_index", flat=True))
    heard = {point for point, of in own.values_list("contact_point", "step") if of == step.pk}
    return them - {contact for pk, contact, number in theirs if number in silent or pk in heard}
