"""The figures of docs/capacity.md: lawful hours kept, and buckets that give what they say."""

from __future__ import annotations

import datetime as dt

import pytest

from benchmarks import capacity
from campaigns.sending.pacing import DatabaseBuckets
from campaigns.timing import quiet_hours

FAST = capacity.SetUp("fast", 1, 75)
SLOW = capacity.SetUp("slow", 1, 3)


def test_what_fits_into_the_evening_is_done_in_the_evening():
    done, seconds = capacity.pour(capacity.LAUNCHES[0], 75 * 3600, FAST)
    assert seconds == pytest.approx(3600)
    assert done == capacity.LAUNCHES[0] + dt.timedelta(hours=1)


def test_what_does_not_goes_on_in_the_next_lawful_hours():
    done, seconds = capacity.pour(capacity.LAUNCHES[0], 3 * 4 * 3600, SLOW)
    assert seconds == pytest.approx(4 * 3600)
    local = done.astimezone(capacity.ZONE)
    assert (local.day, local.hour) == (capacity.LAUNCHES[0].day + 1, 9)  # 3 h, then from 8:00
    before = done - dt.timedelta(seconds=1)
    assert quiet_hours.is_open(before, state="WA", zone=capacity.ZONE.key)


def test_a_carriers_daily_cap_is_what_takes_days():
    capped = capacity.SetUp("capped", 1, 75, t_mobile_a_day=1_000)
    done, _seconds = capacity.pour(capacity.LAUNCHES[0], 10_000, capped)
    assert (done.astimezone(capacity.ZONE).date() - capacity.LAUNCHES[0].date()).days == 3


@pytest.mark.django_db
def test_the_bucket_that_all_workers_share_gives_its_rate_and_no_more():
    """The same bucket as in sending, with a clock that is only told."""
    bucket, at, out, batch = DatabaseBuckets(), 1_000_000.0, 0, 37
    while out < 75 * 60:
        wait = bucket.take("sender", batch, 75.0, at)
        at += wait
        out += 0 if wait else batch
    seconds = at - 1_000_000.0
    assert out / (seconds + 1) <= 75.0 * 1.01  # a full bucket to begin with
    assert out / seconds >= 75.0 * 0.97
