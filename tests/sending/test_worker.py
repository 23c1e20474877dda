"""What a supervised worker promises: its own heartbeat, its own queue, a quick and clean end."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage

from campaigns import tasks
from campaigns.models import WorkerHeartbeat
from campaigns.sending import brokers, supervision, tick


@pytest.fixture
def as_worker(monkeypatch):
    """What runs from here on runs in this worker's cluster."""

    def name(worker: str) -> None:
        monkeypatch.setenv(supervision.WORKER, worker)

    return name


def test_only_its_own_cluster_can_answer_a_knock(db, as_worker):
    for worker in ("one", "two"):
        tasks.begin(worker, restarted=False)
        tasks.knock(worker)
    as_worker("two")
    broker = brokers.DatabaseBroker(list_key="shared")
    [(ack, package)] = broker.dequeue()
    assert ack is None
    assert SignedPackage.loads(package)["func"] == "campaigns.tasks.send_due"
    assert broker.dequeue() is None  # the other's knock is not for us
    assert OrmQ.objects.get().key == "one"


def test_a_beat_is_for_the_cluster_that_it_runs_in(db, as_worker):
    for worker in ("one", "two"):
        tasks.begin(worker, restarted=False)
    before = WorkerHeartbeat.objects.get(worker="one").beat_at
    as_worker("two")
    tasks.beat()
    assert WorkerHeartbeat.objects.get(worker="one").beat_at == before
    assert WorkerHeartbeat.objects.get(worker="two").beat_at > before


def test_knocks_do_not_pile_up_before_a_cluster_that_hangs(db):
    for _ in range(5):
        tasks.knock("one")
    assert OrmQ.objects.count() == 1


def test_the_queue_of_a_worker_that_is_gone_is_emptied(db):
    tasks.knock("gone")
    tasks.begin("one", restarted=False)
    assert not OrmQ.objects.filter(key="gone").exists()
    tasks.knock("one")
    tasks.end("one")
    assert not OrmQ.objects.exists()
    assert not WorkerHeartbeat.objects.exists()


def test_all_clusters_share_one_schedule_of_the_tick(db):
    for worker in ("one", "two"):
        tasks.begin(worker, restarted=False)
    assert Schedule.objects.filter(func="campaigns.tasks.send_due").count() == 1


def test_a_tick_ends_after_its_batch_when_asked_to_stop(world, providers, monkeypatch, tmp_path):
    monkeypatch.setenv(supervision.FOLDER, str(tmp_path))
    (tmp_path / supervision.STOP).touch()
    world.families(3)
    world.launched()
    report = tick.run(world.now)
    assert (report.expanded, report.sent) == (3, 0)


def test_a_cluster_whose_supervisor_lives_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv(supervision.FOLDER, str(tmp_path))
    with (tmp_path / supervision.ALIVE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        supervision.end_if_orphaned()  # we are still here


def test_a_cluster_whose_supervisor_was_killed_ends_itself(tmp_path):
    (tmp_path / supervision.ALIVE).touch()
    code = "from campaigns.sending import supervision; supervision.end_if_orphaned()"
    orphan = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, supervision.FOLDER: str(tmp_path)},
        start_new_session=True,
    )
    assert orphan.wait(30) == -signal.SIGKILL


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc")
@pytest.mark.xdist_group("workers")
def test_a_worker_starts_hears_families_and_ends_cleanly_when_asked(tmp_path):
    url = f"sqlite:///{tmp_path / 'worker.sqlite3'}"
    environment = {**os.environ, "DATABASE_URL": url, "BROKER_URL": "", "LOG_LEVEL": "CRITICAL"}

    def call(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=django_settings.BASE_DIR,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout.decode().strip()

    call("migrate", "-v0")
    call("createcachetable")
    beats = (
        "from campaigns.models import WorkerHeartbeat as W;"
        "print(sum(w.beat_at > w.started_at for w in W.objects.all()), W.objects.count())"
    )
    # With no schedule and no queue to tell it, only the worker itself can notice.
    comes = (
        "from django.utils import timezone; from django_q.models import Schedule;"
        "from campaigns.inbox import inbound; Schedule.objects.all().delete();"
        "inbound.keep('sms', 'SM1', inbound.Said('+13605550199', 'STOP'), now=timezone.now())"
    )
    answered = (
        "from campaigns.models import Message as M;"
        "print(M.objects.filter(answers__meaning='stop').exclude(state='pending').count())"
    )
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=django_settings.BASE_DIR, env=environment
    )
    try:
        until = time.monotonic() + 90
        while call("shell", "--no-imports", "-c", beats) != "1 1":
            assert time.monotonic() < until, "it never took a task"
        call("shell", "--no-imports", "-c", comes)
        while call("shell", "--no-imports", "-c", answered) != "1":
            assert time.monotonic() < until, "it never heard the family"
        main = int(Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()[0])
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
    assert not Path(f"/proc/{main}").exists()
    assert call("shell", "--no-imports", "-c", beats) == "0 0"
