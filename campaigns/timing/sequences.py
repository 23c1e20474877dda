"""When each step of a campaign is due: on a date, from the launch, from a deadline, on an event.

A date and the days from the launch are settled at launch. The days from a deadline follow the
deadline for as long as the step has not gone out, so a corrected date moves the message with it.
A step on an event is never due as a whole: it listens (expansion.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignState, Step, StepText
from schools.models import Deadline

DEADLINE_HOUR = dt.time(10)
DAY = dt.timedelta(days=1)


def schedule(campaign: Campaign, *, now: dt.datetime) -> None:
    """Works out when the steps of a campaign that is launched at `now` are due."""
    for step in campaign.steps.select_related("campaign__district"):
        due = due_of(step, launched_at=now)
        if due != step.due_at:
            step.due_at = due
            step.save(update_fields=["due_at"])


def follow_deadlines() -> int:
    """Moves steps that have not gone out with their deadlines; returns how many moved."""
    moved = 0
    waiting = Step.objects.filter(
        when=Step.When.DEADLINE,
        expanded_at=None,
        campaign__state__in=[CampaignState.RUNNING, CampaignState.PAUSED],
    ).select_related("campaign__district")
    for step in waiting:
        due = due_of(step, launched_at=step.campaign.launched_at or step.campaign.created_at)
        if due != step.due_at:
            moved += Step.objects.filter(pk=step.pk, expanded_at=None).update(due_at=due)
    return moved


def due_of(step: Step, *, launched_at: dt.datetime) -> dt.datetime | None:
    """When a step is due if its campaign is launched then.

    None: at once, or for a step from a deadline: not before such a deadline is on record.
    """
    zone = ZoneInfo(step.campaign.district.zone)
    if step.when == Step.When.DEADLINE:
        deadline = deadline_of(step, launched_on=launched_at.astimezone(zone).date())
        if deadline is None:
            return None
        day, hour = deadline.on + step.offset_days * DAY, step.at_hour or DEADLINE_HOUR
    elif step.when == Step.When.LAUNCH and (step.offset_days or step.at_hour):
        local = launched_at.astimezone(zone)
        day, hour = local.date() + step.offset_days * DAY, step.at_hour or local.time()
    else:
        return step.due_at
    due = dt.datetime.combine(day, hour, tzinfo=zone).astimezone(dt.UTC)
    return max(due, launched_at) if step.when == Step.When.LAUNCH else due


def deadline_of(step: Step, *, launched_on: dt.date) -> Deadline | None:
    """The deadline that a step counts from: the one it names, else the first it can still meet."""
    dates = deadlines_of(step.campaign)
    if step.deadline_name:
        return dates.filter(name=step.deadline_name).first()
    return dates.filter(on__gte=launched_on - step.offset_days * DAY).first()


def deadlines_of(campaign: Campaign) -> QuerySet[Deadline]:
    """The dates of the campaign's cycle that its district's families go by, in order."""
    return Deadline.objects.of_district(campaign.district).filter(cycle=campaign.cycle_id)


def listening(now: dt.datetime) -> QuerySet[Step]:
    """Steps of running campaigns that answer a change of status now."""
    return Step.objects.filter(
        when=Step.When.EVENT, expanded_at=None, campaign__state=CampaignState.RUNNING
    ).select_related("campaign__district")


def listens_until(step: Step) -> dt.datetime:
    """When a step on an event has listened for long enough."""
    begun = step.campaign.launched_at or step.campaign.created_at
    return begun + step.listen_days * DAY


def come_again(step: Step) -> Step | None:
    """The next coming of a repeated step that has just gone out, with the same words; or None.

    It is a step of its own: its audience is asked anew, and its words may still be changed.
    """
    if not step.repeat_days or not step.repeats_left:
        return None
    zone = ZoneInfo(step.campaign.district.zone)
    begun = (step.due_at or step.campaign.launched_at or step.campaign.created_at).astimezone(zone)
    last = step.campaign.steps.order_by("position").last()
    texts = list(step.texts.all())
    again = Step.objects.create(
        campaign=step.campaign,
        position=(last.position if last else step.position) + 1,
        channels=step.channels,
        when=Step.When.DATE,
        due_at=begun + step.repeat_days * DAY,  # the same hour by the local clock
        expires_after=step.expires_after,
        repeat_days=step.repeat_days,
        repeats_left=step.repeats_left - 1,
    )
    copy_texts(texts, again)
    return again


def copy_texts(texts: Iterable[StepText], step: Step) -> None:
    """Gives a step the same words, with their approval."""
    copies = []
    for text in texts:
        text.pk, text.step = None, step
        copies.append(text)
    StepText.objects.bulk_create(copies)


def dates_ahead(step: Step, *, now: dt.datetime) -> list[dt.datetime]:
    """Every day and hour on which a step that has not gone out will come, repeats included."""
    begun = step.campaign.launched_at or now
    first = due_of(step, launched_at=begun)
    if step.when == Step.When.EVENT or (first is None and step.when == Step.When.DEADLINE):
        return []
    zone = ZoneInfo(step.campaign.district.zone)
    first = (first or begun).astimezone(zone)
    repeats = step.repeats_left if step.repeat_days else 0
    return [first + n * (step.repeat_days or 0) * DAY for n in range(repeats + 1)]
