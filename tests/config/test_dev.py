"""`manage.py dev`: web and worker start together and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(*arguments: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
    )


def in_session_of(environment_mark: str) -> list[str]:
    """Processes that carry the mark in their environment (Linux only)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if environment_mark.encode() in folder.joinpath("environ").read_bytes():
                found.append(folder.joinpath("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    yield {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'dev.sqlite3'}",
        "DEBUG": "1",
        "PORT": str(free_port()),
        "AIDBEACON_TEST_MARK": tmp_path.name + str(os.getpid()),
    }


def wait_until_it_answers(port: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail("It never answered.")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")
def test_one_interrupt_stops_all_of_it(environment: dict[str, str]) -> None:
    run("migrate", "--verbosity=0", environment=environment)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "dev"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_it_answers(environment["PORT"], process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert in_session_of(environment["AIDBEACON_TEST_MARK"]) == []
    finally:
        if process.poll() is None:
            process.kill()


def test_a_taken_port_is_named_with_its_mend(environment: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        environment["PORT"] = str(holder.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "manage.py", "dev"],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert ended.returncode != 0
    assert "PORT=" in ended.stderr
