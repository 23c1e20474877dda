"""The whole of Aidbeacon on one machine: the web server and one worker, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

GRACE_SECONDS = 15


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    """A child in a session of its own, so that Ctrl-C reaches it through us, and once."""
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=settings.BASE_DIR, start_new_session=True
    )


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Asks all children to finish; after the grace, ends what is left of each one's session."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Command(BaseCommand):
    help = "Run the web server and a worker together, for a quickstart or development."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is taken; choose another: PORT={port + 1} make run"
                ) from error

        stopping = False

        def ask_to_stop(signum: int, frame: FrameType | None) -> None:
            nonlocal stopping
            stopping = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ask_to_stop)

        children = [
            _start(
                *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
                *("--workers", "1", "--blocking-threads", "4", "--log-level", "warning"),
                "config.wsgi:application",
            ),
            _start("manage.py", "worker"),
        ]
        announced = False
        while not stopping and all(child.poll() is None for child in children):
            if not announced and _answers(f"http://{host}:{port}/healthz"):
                announced = True
                self._announce()
            time.sleep(0.3)
        _stop(children)
        if not stopping:
            raise CommandError("The web server or the worker ended by itself; its words are above.")

    def _announce(self) -> None:
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  Aidbeacon is at {settings.PUBLIC_URL}/"))
        if settings.DEMO:
            self.stdout.write(
                "  Its sign-in page offers one click for each role: counselor, district\n"
                "  administrator, coordinator, state, translator, owner."
            )
        if settings.TRANSPORT == "sandbox":
            self.stdout.write("  Nothing leaves this machine: messages stay in the outbox page.")
        self.stdout.write("  Ctrl-C stops it; `make run` again keeps the data.\n")
