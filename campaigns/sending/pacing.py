"""One token bucket a sender, shared by all workers on all machines.

A bucket holds at most a second's worth of segments, and whoever finds enough in it may take a
batch. Only what a batch turns out to need beyond that (texts of several segments) puts it into
debt, and then everyone waits until that has come in. A provider's "too many requests" closes the
bucket for everyone.

Redis keeps the buckets where BROKER_URL names one, else the database does.
"""

from __future__ import annotations

import random
import time
from functools import lru_cache
from typing import Any, Protocol

import redis
from django.conf import settings
from django.db.models import Case, F, Value, When
from django.db.models.functions import Greatest, Least

from campaigns.models import SenderBudget

BURST_SECONDS = 1.0
PAUSE = 0.5  # seconds after a lone 429, doubled with each batch that is refused in earnest
LONGEST_PAUSE = 60.0
FORGET_AFTER = 120.0  # seconds without a 429 after which it begins at PAUSE again


class Buckets(Protocol):
    def take(self, sender: str, units: float, rate: float, at: float) -> float:
        """Takes `units` if the bucket is open and holds them (or is full): 0.0. Otherwise takes
        nothing, and returns the seconds after which to ask again."""

    def charge(self, sender: str, units: float) -> None:
        """Takes (or, negative, gives back) units without asking."""

    def strike(self, sender: str, at: float, *, heavy: bool) -> int:
        """Counts a refusal; how many in a row there have been."""

    def close(self, sender: str, until: float) -> None:
        """Nothing is taken before `until`; an earlier closing is never shortened."""


def take(sender: str, units: float, *, rate: float) -> float:
    """Seconds to wait before `units` segments may go out from a sender; 0.0: they were taken."""
    return buckets().take(sender, units, rate, time.time()) if rate > 0 else 0.0


def charge(sender: str, units: float) -> None:
    """Counts segments that were not foreseen, or were not needed, when they were taken."""
    if units:
        buckets().charge(sender, units)


def throttled(sender: str, *, wait: float, heavy: bool) -> None:
    """The provider answered 429: every worker holds this sender back for a while.

    As long as the provider asked (`wait`), at least PAUSE; longer with each `heavy` refusal in a
    row. Jittered, so that several senders do not come back in step.
    """
    now = time.time()
    strikes = buckets().strike(sender, now, heavy=heavy)
    seconds = max(wait, min(PAUSE * 2**strikes, LONGEST_PAUSE)) * random.uniform(0.8, 1.2)
    buckets().close(sender, now + seconds)


def buckets() -> Buckets:
    """Where the buckets are kept."""
    if settings.BROKER_URL.startswith("redis"):
        return RedisBuckets(settings.BROKER_URL)
    return DatabaseBuckets()


class DatabaseBuckets:
    """One guarded UPDATE decides, so no two workers ever take the same tokens.

    Times are the workers' own clocks. `at` never goes back: a clock that is ahead fills the bucket
    once for what it is ahead, and those behind it then wait.
    """

    def take(self, sender: str, units: float, rate: float, at: float) -> float:
        full = rate * BURST_SECONDS
        enough = min(units, full)
        filled = Least(
            Value(full), F("tokens") + Greatest(Value(0.0), Value(at) - F("at")) * Value(rate)
        )
        mine = SenderBudget.objects.filter(sender=sender)
        taking = mine.filter(opens_at__lte=at).annotate(filled=filled).filter(filled__gte=enough)
        changes: dict[str, Any] = {
            "tokens": filled - Value(float(units)),
            "at": Greatest(F("at"), Value(at)),
        }
        if taking.update(**changes):
            return 0.0
        found = mine.first()
        if found is None:
            SenderBudget.objects.bulk_create(
                [SenderBudget(sender=sender, tokens=full, at=at)], ignore_conflicts=True
            )
            return 0.0 if taking.update(**changes) else 0.01
        tokens = found.tokens + max(0.0, at - found.at) * rate
        return max(found.opens_at - at, (enough - tokens) / rate, 0.001)

    def charge(self, sender: str, units: float) -> None:
        SenderBudget.objects.filter(sender=sender).update(tokens=F("tokens") - units)

    def strike(self, sender: str, at: float, *, heavy: bool) -> int:
        mine = SenderBudget.objects.filter(sender=sender)
        lately = When(opens_at__gt=at - FORGET_AFTER, then=F("strikes") + 1)
        mine.update(strikes=Case(lately, default=Value(1)) if heavy else Value(0))
        return mine.values_list("strikes", flat=True).first() or 0

    def close(self, sender: str, until: float) -> None:
        SenderBudget.objects.filter(sender=sender).update(
            opens_at=Greatest(F("opens_at"), Value(until))
        )


class RedisBuckets:
    """The same in one Lua script, which Redis runs as one step, by Redis's own clock."""

    def __init__(self, url: str) -> None:
        self.redis, self.script = _redis(url)

    def take(self, sender: str, units: float, rate: float, at: float) -> float:
        answer = self.script(keys=[_key(sender)], args=[units, rate, rate * BURST_SECONDS])
        return float(answer)

    def charge(self, sender: str, units: float) -> None:
        self.redis.hincrbyfloat(_key(sender), "tokens", -units)

    def strike(self, sender: str, at: float, *, heavy: bool) -> int:
        key = f"{_key(sender)}:strikes"
        if not heavy:
            self.redis.delete(key)
            return 0
        with self.redis.pipeline() as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, int(FORGET_AFTER))
            return int(pipeline.execute()[0])

    def close(self, sender: str, until: float) -> None:
        key = f"{_key(sender)}:closed"
        milliseconds = max(1, round((until - time.time()) * 1000))
        if milliseconds > max(0, int(self.redis.pttl(key))):
            self.redis.set(key, 1, px=milliseconds)


TAKE = """
local closed = redis.call('PTTL', KEYS[1] .. ':closed')
if closed > 0 then return tostring(closed / 1000) end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local units, rate, full = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens') or full)
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or now)
tokens = math.min(full, tokens + math.max(0, now - at) * rate)
local missing = math.min(units, full) - tokens
if missing > 0 then return tostring(math.max(missing / rate, 0.001)) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - units), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 86400)
return '0'
"""


@lru_cache(maxsize=4)
def _redis(url: str) -> tuple[Any, Any]:
    connection = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)
    return connection, connection.register_script(TAKE)


def _key(sender: str) -> str:
    # Braces keep a sender's keys on one node of a cluster.
    return f"aidbeacon:sender:{{{sender}}}"
