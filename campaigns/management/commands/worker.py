"""`manage.py worker`: a supervised cluster; any number of them on any machines."""

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from campaigns.models import WorkerHeartbeat
from campaigns.tasks import WORKER_ENV

BEAT_EVERY = 20  # seconds
STALE_AFTER = 240  # seconds without a beat: longer than a task may take
STOP_WITHIN = 20  # seconds of grace for tasks that are under way


class Command(BaseCommand):
    """A cluster can stop working without dying (an idle worker killed while it holds the queue's
    lock stops all of them, django-q2 issue 23), so this parent watches for beats that the cluster
    itself must write, and starts it anew when they stay away."""

    help = "Runs the background work: sends what is due, and restarts itself when it hangs."

    def handle(self, *args: Any, **options: Any) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        Schedule.objects.update_or_create(
            name="tick",
            defaults={
                "func": "campaigns.tasks.tick",
                "schedule_type": Schedule.MINUTES,
                "minutes": 1,
                "repeats": -1,
            },
        )
        now = timezone.now()
        WorkerHeartbeat.objects.create(worker=self.name, started_at=now, beat_at=now)
        self.cluster = self._start()
        async_task("campaigns.tasks.tick", task_name="tick at start")
        try:
            self._watch()
        finally:
            self._end(signal.SIGTERM)
            WorkerHeartbeat.objects.filter(pk=self.name).delete()

    def _watch(self) -> None:
        asked = 0.0
        while not self.stopping:
            if time.monotonic() - asked >= BEAT_EVERY:
                asked = time.monotonic()
                async_task("campaigns.tasks.beat", task_name="beat")
            if self.cluster.poll() is not None or self._is_stale():
                self.stderr.write(f"{self.name}: the cluster stopped working; starting it again.")
                self._end(signal.SIGKILL)
                now = timezone.now()
                heartbeat = WorkerHeartbeat.objects.get(pk=self.name)
                heartbeat.restarts, heartbeat.beat_at = heartbeat.restarts + 1, now
                heartbeat.save()
                self.cluster = self._start()
            time.sleep(0.5)

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, sys.argv[0], "qcluster"],
            env={**os.environ, WORKER_ENV: self.name},
            start_new_session=True,
        )

    def _is_stale(self) -> bool:
        beat = WorkerHeartbeat.objects.values_list("beat_at", flat=True).get(pk=self.name)
        return (timezone.now() - beat).total_seconds() > STALE_AFTER

    def _end(self, number: signal.Signals) -> None:
        """Signals the whole process group; what does not stop in time is killed."""
        for attempt in (number, signal.SIGKILL):
            try:
                if attempt == signal.SIGTERM:
                    self.cluster.terminate()  # the group's head stops its workers in order
                else:
                    os.killpg(self.cluster.pid, attempt)
                self.cluster.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                return

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
