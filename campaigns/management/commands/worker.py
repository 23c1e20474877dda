"""A supervised queue cluster: started again when it dies or falls silent, stopped in seconds."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection
from django.utils import timezone

from campaigns import tasks, tick
from campaigns.models import WorkerHeartbeat

logger = logging.getLogger("campaigns.worker")

STALE_AFTER = dt.timedelta(minutes=5)  # a beat is due each minute, up to half a minute late
LOOK_EVERY = 10.0  # seconds between looks at the heartbeat
GRACE = 8.0  # seconds for a clean stop


class Command(BaseCommand):
    help = "Run a supervised worker; any number on any machines."

    def handle(self, *args: Any, **options: Any) -> None:
        self.worker = f"{socket.gethostname()}-{os.getpid()}"
        self.stopping = False
        self.stop_file = Path(tempfile.mkdtemp(prefix="aidbeacon-")) / "stop"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self._enter(restarted=False)
        self.cluster = self._start()
        looked = time.monotonic()
        while not self.stopping:
            time.sleep(0.2)
            why = ""
            if self.cluster.poll() is not None:
                why = "ended by itself"
            elif time.monotonic() - looked > LOOK_EVERY:
                looked = time.monotonic()
                why = "fell silent" if self._is_silent() else ""
            if why and not self.stopping:
                logger.warning("worker %s: the cluster %s; starting again", self.worker, why)
                self._kill()
                time.sleep(1)
                self._enter(restarted=True)
                self.cluster = self._start()
        self._stop()

    def _ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self) -> subprocess.Popen[bytes]:
        """The cluster in a process group of its own, so that none of it outlives a kill."""
        return subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=settings.BASE_DIR,
            start_new_session=True,
            env={
                **os.environ,
                tasks.WORKER: self.worker,
                tick.STOP_FILE: str(self.stop_file),
            },
        )

    def _enter(self, *, restarted: bool) -> None:
        try:
            tasks.begin(self.worker, restarted=restarted)
            tasks.schedule(self.worker)
        except Error:
            logger.warning("worker %s: the database does not answer", self.worker)
        finally:
            connection.close()

    def _is_silent(self) -> bool:
        """True if no task of this cluster has run for minutes: its processes hang."""
        try:
            heard = (
                WorkerHeartbeat.objects.filter(worker=self.worker)
                .values_list("beat_at", flat=True)
                .first()
            )
        except Error:
            return False  # a database that is away is no fault of the cluster's
        finally:
            connection.close()
        return heard is not None and timezone.now() - heard > STALE_AFTER

    def _stop(self) -> None:
        """A tick ends after its batch; what still runs after the grace is killed."""
        self.stop_file.touch()
        if self.cluster.poll() is None:
            self.cluster.terminate()
            try:
                self.cluster.wait(GRACE)
            except subprocess.TimeoutExpired:
                logger.warning("worker %s: killed after %s s", self.worker, GRACE)
        self._kill()
        try:
            tasks.end(self.worker)
        except Error:
            logger.warning("worker %s: the database does not answer", self.worker)
        self.stop_file.unlink(missing_ok=True)
        self.stop_file.parent.rmdir()

    def _kill(self) -> None:
        """SIGKILL to the whole group: orphans of a dead sentinel would go on by themselves."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.wait()
