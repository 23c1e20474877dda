"""A supervised queue cluster: started again when it dies or falls silent, stopped in seconds."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import os
import secrets
import shutil
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

from campaigns import tasks
from campaigns.inbox import inbound
from campaigns.models import WorkerHeartbeat
from campaigns.sending.supervision import ALIVE, FOLDER, STOP, WORKER

logger = logging.getLogger("campaigns.worker")

LOOK_EVERY = 2.0  # seconds between looks at the heartbeat
LISTEN_EVERY = 1.0  # seconds between looks at what families sent
GRACE = 8.0  # seconds for a clean stop


class Command(BaseCommand):
    help = "Run a supervised worker; any number on any machines."

    def handle(self, *args: Any, **options: Any) -> None:
        # A name of its own: containers share host names and process numbers.
        self.worker = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(2)}"
        self.stopping = False
        self.folder = Path(tempfile.mkdtemp(prefix="aidbeacon-"))
        self.alive = (self.folder / ALIVE).open("w")
        fcntl.flock(self.alive, fcntl.LOCK_EX)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self._begin(restarted=False)
        while not self.stopping:
            time.sleep(0.2)
            self._listen()
            why = ""
            if self.cluster.poll() is not None:
                why = "ended by itself"
            elif time.monotonic() - self.looked > LOOK_EVERY:
                why = "fell silent" if self._is_silent() else ""
            if why and not self.stopping:
                logger.warning("worker %s: the cluster %s; starting again", self.worker, why)
                self._kill()
                time.sleep(1)
                self._begin(restarted=True)
        self._stop()

    def _ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _begin(self, *, restarted: bool) -> None:
        """Starts the cluster in a process group of its own, so that none of it outlives a kill."""
        with self._database():
            tasks.begin(self.worker, restarted=restarted)
        self.cluster = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=settings.BASE_DIR,
            start_new_session=True,
            env={**os.environ, WORKER: self.worker, FOLDER: str(self.folder)},
        )
        self.began = timezone.now()
        self.looked = self.knocked = self.listened = time.monotonic()
        with self._database():
            tasks.knock(self.worker)

    def _listen(self) -> None:
        """Knocks where a family's message waits: no webhook has to ask a queue for that."""
        if time.monotonic() - self.listened < LISTEN_EVERY:
            return
        with self._database():
            if inbound.waits(timezone.now()):
                tasks.knock(self.worker)
        self.listened = time.monotonic()

    def _is_silent(self) -> bool:
        """True if no knock was answered for minutes: the cluster's processes hang.

        Knocks again each TICK_SECONDS. A queue or database that is away is no fault of theirs.
        """
        self.looked = time.monotonic()
        heard: dt.datetime | None = None
        with self._database():
            heard = (
                WorkerHeartbeat.objects.filter(worker=self.worker)
                .values_list("beat_at", flat=True)
                .first()
            )
            if self.looked - self.knocked >= settings.TICK_SECONDS:
                tasks.knock(self.worker)
                self.knocked = self.looked
        if heard is None:
            return False
        quiet_for = timezone.now() - max(heard, self.began)
        return quiet_for.total_seconds() > settings.SILENT_SECONDS

    @contextlib.contextmanager
    def _database(self) -> Any:
        """Whatever the database or queue does, the cluster is looked after."""
        try:
            yield
        except Error:
            logger.warning("worker %s: the database does not answer", self.worker)
        except Exception as error:  # the queue's own: Redis, or another broker
            logger.warning("worker %s: %s", self.worker, type(error).__name__)
        finally:
            connection.close()

    def _stop(self) -> None:
        """A tick ends after its batch; what still runs after the grace is killed."""
        (self.folder / STOP).touch()
        if self.cluster.poll() is None:
            self.cluster.terminate()
            try:
                self.cluster.wait(GRACE)
            except subprocess.TimeoutExpired:
                logger.warning("worker %s: killed after %s s", self.worker, GRACE)
        self._kill()
        with self._database():
            tasks.end(self.worker)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kill(self) -> None:
        """SIGKILL to the whole group: orphans of a dead sentinel would go on by themselves."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.wait()
