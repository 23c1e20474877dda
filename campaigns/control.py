"""Launch, pause, resume and cancel: what a person does to a campaign."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import readiness, signals
from campaigns.models import Campaign, CampaignState, Message, MessageState, Step, StepText
from campaigns.models.campaign import MOVES, ForbiddenMove
from campaigns.targeting import arms
from campaigns.targeting.audience import CHANNELS_OF
from campaigns.timing import sequences
from contacts.models import Channel
from schools.models import User

__all__ = ["CannotLaunch", "ForbiddenMove", "cancel", "launch", "pause", "resume", "send_now"]


class CannotLaunch(Exception):
    """The draft is not ready; `mends` says what to do first, one sentence each."""

    def __init__(self, mends: list[str]) -> None:
        super().__init__(" ".join(mends))
        self.mends = mends


def launch(campaign: Campaign, *, by: User | None, now: dt.datetime) -> None:
    """Starts a draft and draws its arms, in one transaction.

    Raises CannotLaunch (nothing has changed then) or ForbiddenMove (it was launched already).
    """
    if not campaign.may_move_to(CampaignState.RUNNING):
        raise ForbiddenMove(campaign.state)
    mends = _mends(campaign)
    if mends:
        raise CannotLaunch(mends)
    with transaction.atomic():
        if not campaign.seed:
            campaign.seed = secrets.randbits(62)
        _move(
            campaign,
            {CampaignState.DRAFT},
            CampaignState.RUNNING,
            launched_at=now,
            launched_by=by,
            seed=campaign.seed,
        )
        sequences.schedule(campaign, now=now)
        _release(campaign)
        arms.draw(campaign, by=by)
        signals.launched.send(sender=Campaign, campaign=campaign, now=now)


def _release(campaign: Campaign) -> None:
    """A delayed hold-out ends with a message to the families held out until then."""
    first = campaign.steps.order_by("position").first()
    if not campaign.hold_out_percent or campaign.released_at is None or first is None:
        return
    if campaign.steps.filter(for_held_out=True).exists():
        return
    texts = list(first.texts.all())
    last = campaign.steps.order_by("position").last() or first
    step = Step.objects.create(
        campaign=campaign,
        position=last.position + 1,
        channels=first.channels,
        when=Step.When.DATE,
        due_at=campaign.released_at,
        expires_after=first.expires_after,
        for_held_out=True,
    )
    sequences.copy_texts(texts, step)


def pause(campaign: Campaign, *, by: User | None, now: dt.datetime, because: str = "") -> None:
    """Stops all further claims; at most the batch in the air still goes out. Idempotent in effect:
    raises ForbiddenMove if the campaign is not running.
    """
    _move(campaign, {CampaignState.RUNNING}, CampaignState.PAUSED, stopped_because=because[:200])


def resume(campaign: Campaign, *, by: User | None, now: dt.datetime) -> None:
    """Goes on with a paused campaign. Raises ForbiddenMove if it is not paused."""
    _move(campaign, {CampaignState.PAUSED}, CampaignState.RUNNING, stopped_because="")


def cancel(campaign: Campaign, *, by: User | None, now: dt.datetime) -> None:
    """Ends a campaign for good: what waits is never sent. Raises ForbiddenMove if it is over."""
    may_be_cancelled = {state for state in MOVES if CampaignState.CANCELLED in MOVES[state]}
    with transaction.atomic():
        _move(campaign, may_be_cancelled, CampaignState.CANCELLED, finished_at=now)
        Message.objects.filter(campaign=campaign, state=MessageState.PENDING).update(
            state=MessageState.CANCELLED
        )


def send_now(step: Step, *, by: User | None, now: dt.datetime) -> None:
    """Makes a step due now that has not gone out; lawful hours still hold for each family.

    Raises ForbiddenMove if its campaign is not running or it has gone out already.
    """
    running = Campaign.objects.filter(state=CampaignState.RUNNING)
    moved = Step.objects.filter(pk=step.pk, expanded_at=None, campaign__in=running).update(
        when=Step.When.DATE, due_at=now
    )
    if not moved:
        raise ForbiddenMove(step.campaign.state)
    step.when, step.due_at = Step.When.DATE, now


def _move(campaign: Campaign, states: set[Any], to: str, **changes: Any) -> None:
    """One guarded statement: of two people who press at once, one moves the campaign."""
    allowed = {state for state in states if to in MOVES[state]}
    moved = Campaign.objects.filter(pk=campaign.pk, state__in=allowed).update(state=to, **changes)
    if not moved:
        raise ForbiddenMove(campaign.state)
    campaign.state = to
    for name, value in changes.items():
        setattr(campaign, name, value)


def _mends(campaign: Campaign) -> list[str]:
    """What stands between this draft and its launch."""
    mends = []
    if not campaign.schools.exists():
        mends.append(_("Choose at least one school."))
    steps = list(campaign.steps.prefetch_related("texts"))
    if not steps:
        mends.append(_("Add a message to send."))
    for step in steps:
        approved = {
            text.channel
            for text in step.texts.all()
            if text.language == "en" and text.review == StepText.Review.APPROVED
        }
        mends += [
            _("Message %(number)s has no approved English words for: %(channel)s.")
            % {"number": step.position, "channel": Channel(channel).label}
            for channel in CHANNELS_OF[step.channels]
            if channel not in approved
        ]
    if campaign.invites and not campaign.district.sms_needs_opt_in:
        mends.append(str(readiness.NO_NEED_TO_ASK))
    return mends
