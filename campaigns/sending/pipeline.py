"""Batch after batch: while one is in the air, the next is claimed and worded, and the last settled.

Requests take most of the time and the database the rest, so the two go side by side: what is in
the air is never less than one whole batch, however long the answers take.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from campaigns.inbox import inbound
from campaigns.sending import delivery, silence
from campaigns.sending.delivery import Batch
from campaigns.sending.places import Places
from campaigns.sending.senders import Lane, lanes
from campaigns.transports import Outcome
from contacts.models import Channel

IN_THE_AIR = 2
HEARD_A_ROUND = 20  # messages of families, between two batches; the claim holds back for the rest
SWITCH = 0.0005  # seconds; an answer in the air would else wait ten times as long for our words
LONGEST_NAP = 0.5  # between looks at a closed bucket, so that a stop is heard
LANES_STAND = dt.timedelta(seconds=30)  # a new sender, or a full one, is seen after so long

Clock = Callable[[], dt.datetime]


def drain(clock: Clock, out_of_time: Callable[[], bool]) -> Counter[str]:
    """Sends until nothing may go out any more, or the time is over; returns what became of it."""
    counts: Counter[str] = Counter()
    air: deque[tuple[Batch, Future[list[Outcome]]]] = deque()
    round_ = _Round(clock)

    def land() -> None:
        batch, future = air.popleft()
        counts.update(delivery.finish(batch, future.result(), now=clock()))
        if silence.is_on(batch.lane):
            round_.leave_out(batch.lane)

    with _quick_turns(), ThreadPoolExecutor(IN_THE_AIR, thread_name_prefix="hand-over") as threads:
        while not out_of_time():
            counts["taken_in"] += inbound.take_in(clock(), most=HEARD_A_ROUND)
            batch = round_.next()
            if batch is None:
                if not air and not round_.waits:
                    break
                if air:
                    land()
                else:
                    time.sleep(min(round_.waits, LONGEST_NAP))
                continue
            air.append((batch, threads.submit(delivery.hand_over, batch)))
            if len(air) >= IN_THE_AIR:
                land()
        while air:
            land()
    return +counts


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Meanwhile the threads of this process take turns more often."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class _Round:
    """All ways out in turn."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.places = {channel: Places(channel) for channel in Channel.values}
        self._lanes: deque[Lane] = deque()
        self._left_out: set[tuple[str, str]] = set()
        self.waits = 0.0  # seconds until the first closed bucket opens; 0: none is waited for
        self._find_lanes()

    def next(self) -> Batch | None:
        """The next batch of whatever way out gives one; None if none does right now."""
        if self.clock() - self._found_at > LANES_STAND:
            self._find_lanes()
        waits: list[float] = []
        for _turn in range(len(self._lanes)):
            lane = self._lanes.popleft()
            batch = delivery.prepare(lane, self.places[lane.channel], now=self.clock())
            if batch.wait:
                waits.append(batch.wait)
            if batch or batch.wait:  # one that is empty now is asked again in the next round
                self._lanes.append(lane)
            if batch:
                self.waits = 0.0
                return batch
        self.waits = min(waits, default=0.0)
        return None

    def leave_out(self, lane: Lane) -> None:
        """Nothing more goes this way in this pass."""
        self._left_out.add((lane.channel, lane.address))
        self._lanes = deque(each for each in self._lanes if self._is_open(each))

    def _find_lanes(self) -> None:
        self._found_at = self.clock()
        found = (lane for channel in Channel.values for lane in lanes(channel, self._found_at))
        self._lanes = deque(each for each in found if self._is_open(each))

    def _is_open(self, lane: Lane) -> bool:
        return (lane.channel, lane.address) not in self._left_out
