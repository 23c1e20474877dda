"""One pass of the scheduler: take in what families sent, expand what is due, look up what was
lost, send what may go."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef

from campaigns.inbox import inbound
from campaigns.models import Campaign, CampaignState, Message, MessageState, Step
from campaigns.sending import expansion, pipeline, reconcile, waiting
from campaigns.sending.supervision import asked_to_stop
from campaigns.transports import sandbox

SECONDS_A_PASS = 40  # the next minute's tick goes on from there
SECONDS_OF_HEARING = 15  # of these; however much came in, what may go is sent as well
SECONDS_OF_SENDING = 10  # at least, however long all that comes before it took


@dataclass
class TickReport:
    """What one tick did, and what still waits (`next_at`: when the first of it may go out)."""

    taken_in: int = 0
    expanded: int = 0
    expired: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    later: int = 0
    unknown: int = 0
    uncertain: int = 0
    finished: int = 0
    waiting: int = 0
    next_at: dt.datetime | None = None

    def add(self, counts: Counter[str]) -> None:
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)

    def as_json(self) -> dict[str, object]:
        found = dataclasses.asdict(self)
        found["next_at"] = self.next_at.isoformat() if self.next_at else None
        return found


def run(now: dt.datetime, *, until_idle: bool = False) -> TickReport:
    """One pass at `now`; with `until_idle` for as long as anything can be sent.

    The clock goes on from `now` while it works, so a long run still keeps the quiet hours.
    """
    started = time.monotonic()

    def clock() -> dt.datetime:
        return now + dt.timedelta(seconds=time.monotonic() - started)

    until = started + SECONDS_A_PASS

    def out_of_time() -> bool:
        return asked_to_stop() or (not until_idle and time.monotonic() > until)

    report = TickReport()
    while True:
        moment = clock()
        taken = _hear(moment, out_of_time)
        report.taken_in += taken
        report.expanded += expansion.expand_due(moment)
        report.expired += waiting.expire(moment)
        report.add(reconcile.run(moment))
        until = max(until, time.monotonic() + SECONDS_OF_SENDING)
        counts = pipeline.drain(clock, out_of_time)
        report.add(counts)
        report.finished += finish(clock())
        if not (until_idle and (counts or taken)) or out_of_time():
            break
    if settings.TRANSPORT == "sandbox":
        sandbox.arrivals(clock())
    report.waiting, report.next_at = waiting.ahead(clock())
    return report


def _hear(now: dt.datetime, out_of_time: Callable[[], bool]) -> int:
    """Takes in what waits, for its share of a pass at most; returns how many."""
    until = time.monotonic() + SECONDS_OF_HEARING
    return inbound.take_in(now, enough=lambda: out_of_time() or time.monotonic() > until)


def finish(now: dt.datetime) -> int:
    """Campaigns of which nothing is left to do are finished; returns how many."""
    coming = Step.objects.filter(campaign=OuterRef("pk"), expanded_at=None)
    going = Message.objects.filter(
        campaign=OuterRef("pk"), state__in=[MessageState.PENDING, MessageState.CLAIMED]
    )
    return (
        Campaign.objects.filter(state=CampaignState.RUNNING)
        .exclude(Exists(coming))
        .exclude(Exists(going))
        .update(state=CampaignState.FINISHED, finished_at=now)
    )
