"""A sender's pace: one bucket for everybody, in the database or in Redis."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
import redis
from django.db import OperationalError, connection

from campaigns.sending import pacing


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis of our own for these tests."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server here")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "--port", str(port), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        for _attempt in range(100):
            try:
                redis.Redis.from_url(url).ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(params=["database", "redis"])
def kept_in(request, db, settings) -> str:
    settings.BROKER_URL = ""
    if request.param == "redis":
        settings.BROKER_URL = request.getfixturevalue("redis_url")
        redis.Redis.from_url(settings.BROKER_URL).flushall()
    return request.param


def test_a_second_of_segments_goes_at_once_and_the_next_waits_for_its_share(kept_in):
    assert pacing.take("one", 10, rate=10) == 0
    assert 0.5 < pacing.take("one", 10, rate=10) <= 1
    pacing.charge("one", 20)  # the texts were longer than thought
    assert 2 < pacing.take("one", 10, rate=10) <= 3
    pacing.charge("one", -25)
    assert pacing.take("one", 1, rate=10) == 0


def test_senders_have_their_own_pace(kept_in):
    assert pacing.take("one", 10, rate=10) == 0
    pacing.charge("one", 990)
    assert pacing.take("one", 1, rate=10) > 50
    assert pacing.take("two", 1, rate=10) == 0


def test_what_the_provider_asks_for_is_obeyed_by_everyone(kept_in):
    assert pacing.take("one", 1, rate=1000) == 0
    pacing.throttled("one", wait=30, heavy=False)
    assert 20 < pacing.take("one", 1, rate=1000) <= 36.1


def test_refusals_in_a_row_double_the_pause_up_to_a_minute(kept_in):
    pacing.take("one", 1, rate=1000)
    waits = []
    for _ in range(9):
        pacing.throttled("one", wait=0, heavy=True)
        waits.append(pacing.take("one", 1, rate=1000))
    assert waits[0] < 2
    assert waits[-1] > 40
    assert max(waits) <= 72


def test_an_earlier_closing_is_not_shortened(kept_in):
    pacing.take("one", 1, rate=1000)
    pacing.throttled("one", wait=50, heavy=False)
    pacing.throttled("one", wait=1, heavy=False)
    assert pacing.take("one", 1, rate=1000) > 30


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["database", "redis"])
def test_many_workers_together_keep_to_one_senders_rate(where, settings, request):
    settings.BROKER_URL = request.getfixturevalue("redis_url") if where == "redis" else ""
    if where == "redis":
        redis.Redis.from_url(settings.BROKER_URL).flushall()
    rate, taken, until = 100.0, [], time.monotonic() + 1.5
    began = time.monotonic()

    def work() -> None:
        try:
            while time.monotonic() < until:
                try:
                    wait = pacing.take("one", 5, rate=rate)
                except OperationalError:  # SQLite in memory locks whole tables: not taken
                    continue
                if wait:
                    time.sleep(min(wait, 0.05))
                else:
                    taken.append(5)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) <= rate * (time.monotonic() - began) + rate
    assert taken  # a second's worth was there from the start
