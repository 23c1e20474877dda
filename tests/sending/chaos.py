"""Workers that are killed all the time: each family still hears exactly once.

    DATABASE_URL=postgres://… python -m tests.sending.chaos --recipients 5000 --kills 10

Real `manage.py worker` processes on a database of their own, a provider that fails on a fifth of
the requests (429, 503, cut before and after it accepted), and SIGKILL at random moments to any of
their processes. A supervisor that is killed is started again, as a service manager would.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.providers.server import KEY, SID, TOKEN, Providers

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("main", "sentinel", "pusher", "monitor", "worker", "worker", "group", "supervisor")


@dataclasses.dataclass
class Report:
    """What the provider's journal and the outbox say in the end."""

    recipients: int
    heard: int
    twice: int
    requests: int
    kills: list[str]
    restarts: int
    states: dict[str, int]
    campaign: str
    seconds: float


def run(
    url: str, *, recipients: int, kills: int, workers: int = 2, seed: int = 0, limit: float = 300
) -> Report:
    """The whole story; raises TimeoutError if the campaign is not over within `limit` seconds."""
    dice = random.Random(seed)
    with Providers() as providers:
        journal = providers.journal
        journal.seconds_an_answer, journal.percent_faulty = 0.05, 20
        journal.random = random.Random(seed)
        environment = _environment(url, providers.url)

        def call(*words: str) -> str:
            done = subprocess.run(
                [sys.executable, *words],
                cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, timeout=240,
            )  # fmt: skip
            return done.stdout.decode()

        call("manage.py", "migrate", "-v0")
        call("manage.py", "createcachetable")
        call("-m", "tests.sending.chaos", "--set-up", str(recipients))
        crew = [_Worker(environment) for _ in range(workers)]
        began = time.monotonic()
        done: list[str] = []
        try:
            _wait_for(lambda: len(journal.texts) > recipients // 50, 60)
            # Kills are spread over the sending, each kind at least once before any comes again.
            plan = [KINDS[number % len(KINDS)] for number in range(kills)]
            dice.shuffle(plan)
            for number, kind in enumerate(plan):
                share = (number + dice.random()) / kills
                _wait_for(lambda share=share: len(journal.texts) >= share * recipients * 0.9, 30)
                time.sleep(dice.random() * 0.5)
                _wait_for(lambda kind=kind: dice.choice(crew).kill(kind, dice), 30)
                done.append(kind)
                for worker in crew:
                    worker.look_after()
            told: dict[str, Any] = {}
            while told.get("campaign") != "finished":
                if time.monotonic() - began > limit:
                    raise TimeoutError(f"not over after {limit} s: {told}, killed {done}")
                time.sleep(1)
                for worker in crew:
                    worker.look_after()
                told = json.loads(call("-m", "tests.sending.chaos", "--tell"))
        finally:
            for worker in crew:
                worker.stop()
        counts = journal.texts_by_number
        return Report(
            recipients=recipients,
            heard=len(counts),
            twice=sum(1 for count in counts.values() if count > 1),
            requests=journal.text_requests,
            kills=done,
            restarts=told["restarts"],
            states=told["states"],
            campaign=told["campaign"],
            seconds=round(time.monotonic() - began, 1),
        )


class _Worker:
    """A `manage.py worker`, and the processes below it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=self.environment
        )

    def look_after(self) -> None:
        if self.process.poll() is not None:
            self.start()

    def kill(self, kind: str, dice: random.Random) -> bool:
        """SIGKILL to one process of this kind, or to the whole group; False if none was there."""
        main = next(iter(_children(self.process.pid)), None)
        sentinel = next(iter(_children(main)), None) if main else None
        crew = _children(sentinel) if sentinel else []  # in the order in which they were made
        chosen: int | None = {"main": main, "sentinel": sentinel}.get(kind)
        if kind == "supervisor":
            chosen = self.process.pid
        elif kind in ("pusher", "monitor", "worker") and len(crew) > 2:
            chosen = {"pusher": crew[-1], "monitor": crew[-2]}.get(kind, dice.choice(crew))
        with contextlib.suppress(ProcessLookupError):
            if kind == "group" and main:
                os.killpg(main, signal.SIGKILL)
                return True
            if chosen:
                os.kill(chosen, signal.SIGKILL)
                return True
        return False

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _children(pid: int | None) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return sorted(int(child) for child in found)


def _wait_for(condition: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return
        time.sleep(0.02)


def _environment(url: str, provider: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "BROKER_URL": "",
        "TRANSPORT": "live",
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": "+12065550100",
        "TWILIO_MESSAGING_SERVICE_SID": "",
        "TWILIO_MPS": "500",
        "TWILIO_API_URL": provider,
        "SENDGRID_API_KEY": KEY,
        "SENDGRID_API_URL": provider,
        "EMAIL_URL": "",
        "LOG_LEVEL": "CRITICAL",
        # Everything that waits in earnest for minutes waits for seconds here.
        "LEASE_SECONDS": "10",
        "ASK_AGAIN_SECONDS": "2",
        "RETRY_SECONDS": "1",
        "TICK_SECONDS": "2",
        "SILENT_SECONDS": "12",
    }


# In a process of its own, with Django ------------------------------------------------------


def _set_up(recipients: int) -> None:
    from campaigns import control
    from tests.sending.conftest import World

    now = dt.datetime.now(dt.UTC)
    # A zone in which it is about noon now, in a state with no hours but the federal ones.
    ahead = (12 - now.hour + 12) % 24 - 12
    world = World("CA", f"Etc/GMT{-ahead:+d}")
    world.families(recipients)
    control.launch(world.campaign(), by=None, now=now)


def _tell() -> None:
    from django.db.models import Count, Sum

    from campaigns.models import Campaign, Message, WorkerHeartbeat

    states = Counter(dict(Message.objects.values_list("state").annotate(n=Count("pk"))))
    restarts = WorkerHeartbeat.objects.aggregate(n=Sum("restarts"))["n"]
    told = {"campaign": Campaign.objects.get().state, "states": states, "restarts": restarts or 0}
    print(json.dumps(told))  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set-up", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--tell", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.set_up or options.tell:
        import django

        django.setup()
        _set_up(options.set_up) if options.set_up else _tell()
        return
    report = run(
        os.environ["DATABASE_URL"],
        recipients=options.recipients,
        kills=options.kills,
        seed=options.seed,
    )
    print(json.dumps(dataclasses.asdict(report), indent=2))  # noqa: T201
    if report.heard != report.recipients or report.twice:
        sys.exit(1)


if __name__ == "__main__":
    main()
