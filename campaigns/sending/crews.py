"""The workers of all machines: who lives, what waits, and how fast it truly goes out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from campaigns.models import Message, MessageState, SenderBudget, WorkerHeartbeat
from campaigns.sending import daily_caps, senders, waiting
from contacts.models import Channel

WINDOW = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Worker:
    name: str
    started_at: dt.datetime
    beat_at: dt.datetime
    restarts: int
    alive: bool


@dataclass(frozen=True)
class Backlog:
    """One channel: what waits and may go now, what waits for its hour, what is on its way."""

    channel: str
    label: str
    due: int
    later: int
    in_the_air: int
    per_second: float  # over the last five minutes


@dataclass(frozen=True)
class Pace:
    """One sender: how fast it may, and what today has taken of its cap."""

    address: str
    rate: float
    used: int
    cap: int | None
    closed_for: float  # seconds: the provider asked us to wait


def workers(now: dt.datetime) -> list[Worker]:
    """Every supervised cluster that has begun and not ended in good order, newest beat first.

    One that has been silent for twice as long as its supervisor allows has no supervisor either.
    """
    silent = dt.timedelta(seconds=settings.SILENT_SECONDS + settings.TICK_SECONDS)
    return [
        Worker(
            beat.worker, beat.started_at, beat.beat_at, beat.restarts, now - beat.beat_at < silent
        )
        for beat in WorkerHeartbeat.objects.order_by("-beat_at")
    ]


def forget_silent(now: dt.datetime) -> int:
    """Takes workers that were killed with their supervisor off the list after a day."""
    silent = WorkerHeartbeat.objects.filter(beat_at__lt=now - dt.timedelta(days=1))
    return silent.delete()[0]


def backlog(now: dt.datetime) -> list[Backlog]:
    """What waits, by channel."""
    counted = {
        channel: (due, later)
        for channel, due, later in Message.objects.filter(state=MessageState.PENDING)
        .filter(Q(campaign=None) | Q(campaign__state__in=waiting.SENDS))
        .order_by()
        .values_list("channel")
        .annotate(
            due=Count("pk", filter=Q(not_before__lte=now)),
            later=Count("pk", filter=Q(not_before__gt=now)),
        )
    }
    moving = Message.objects.order_by().values_list("channel").annotate(n=Count("pk"))
    in_the_air = dict(moving.filter(state=MessageState.CLAIMED))
    lately = dict(moving.filter(sent_at__gt=now - WINDOW, sent_at__lte=now))
    return [
        Backlog(
            channel=channel.value,
            label=str(channel.label),
            due=counted.get(channel.value, (0, 0))[0],
            later=counted.get(channel.value, (0, 0))[1],
            in_the_air=in_the_air.get(channel.value, 0),
            per_second=lately.get(channel.value, 0) / WINDOW.total_seconds(),
        )
        for channel in Channel
    ]


def paces(now: dt.datetime) -> list[Pace]:
    """Every sender of texts that is open today, as its limits stand now."""
    lanes = [lane for lane in senders.lanes(Channel.SMS, now) if lane.address]
    used = daily_caps.used([lane.capped_as for lane in lanes], now)
    budgets = SenderBudget.objects.in_bulk([lane.address for lane in lanes])
    return [
        Pace(
            address=lane.address,
            rate=lane.rate,
            used=used.get(lane.capped_as, 0),
            cap=lane.daily_cap,
            closed_for=max(
                0.0, getattr(budgets.get(lane.address), "opens_at", 0) - now.timestamp()
            ),
        )
        for lane in lanes
    ]


def next_lawful(now: dt.datetime) -> dt.datetime | None:
    """When the first of what waits may go out."""
    return waiting.ahead(now)[1]
