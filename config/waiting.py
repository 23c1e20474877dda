"""What waits for a person today, out of every room: the first thing on their home page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.inbox import conversations, inbound
from campaigns.models import (
    Campaign,
    CampaignState,
    Message,
    MessageState,
    ReviewedText,
    StepText,
)
from completion import placing
from contacts import review
from schools.models import User


@dataclass(frozen=True)
class Waiting:
    """One kind of work, how much of it there is, and where it is done."""

    label: str | Promise
    url: str
    icon: str
    count: int
    why: str | Promise = ""


def for_person(user: User, now: dt.datetime) -> list[Waiting]:
    """Only what waits, the most pressing first."""
    return [each for each in _all(user, now) if each.count]


def _all(user: User, now: dt.datetime) -> Iterator[Waiting]:
    if user.sees_families:
        yield from _of_campaigns(user)
        inbound.catch_up(now)
        unread = conversations.unread(user, now)
        yield Waiting(_("Families’ questions"), reverse("inbox"), "inbox", unread)
        for queue in review.queues(user):
            yield Waiting(queue.label, queue.url, queue.icon, queue.count, queue.why)
    if user.translates:
        page = reverse("translations")
        texts = StepText.objects.to_translate(user).filter(review=StepText.Review.DRAFT)
        yield Waiting(_("Translations to approve"), page, "language", texts.count())
        asked = ReviewedText.objects.asked_of(user).count()
        yield Waiting(_("Words that a reader wants changed"), page, "reply", asked)
    if user.is_superuser or user.scope.states:
        names = placing.waiting_for(user).count()
        yield Waiting(_("School names to match"), reverse("completion-matching"), "building", names)


def _of_campaigns(user: User) -> Iterator[Waiting]:
    stopped = Campaign.objects.visible_to(user).filter(state=CampaignState.PAUSED)
    stopped = stopped.exclude(stopped_because="")
    yield Waiting(
        _("Campaigns that stopped by themselves"), _page_of(stopped), "pause", stopped.count()
    )
    uncertain = Message.objects.visible_to(user).filter(state=MessageState.UNCERTAIN)
    yield Waiting(
        _("Messages that may not have gone out"),
        reverse("uncertain"),
        "question",
        uncertain.count(),
    )


def _page_of(campaigns: QuerySet[Campaign, Any]) -> str:
    """The one campaign's own page, or all of them."""
    found = list(campaigns[:2])
    return found[0].get_absolute_url() if len(found) == 1 else reverse("campaigns")
