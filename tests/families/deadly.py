"""A text that kills whoever takes it in, run as a process of its own with children that die."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.utils import timezone  # noqa: E402

from campaigns.inbox import inbound, replies  # noqa: E402
from campaigns.inbox.inbound import Said  # noqa: E402
from contacts.models import Channel  # noqa: E402

DEADLY, HARMLESS = "+13605550188", "+13605550199"


def in_a_child(do: Callable[[], object]) -> int:
    """The signal that ended a child that did it; 0 where it came through."""
    child = os.fork()
    if not child:
        do()
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def keep() -> None:
    for number in (DEADLY, HARMLESS):
        said = Said(number, "When is it due?")
        inbound.keep(Channel.SMS, f"SM{number}", said, now=timezone.now())


def take_in(times: int) -> None:
    """What a worker does that comes when so many before it have died."""
    usual = replies.receive

    def receive(*args: object, **more: object) -> None:
        if more["address"] == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        usual(*args, **more)  # type: ignore[arg-type]

    replies.receive = receive  # type: ignore[assignment]
    inbound.take_in(timezone.now() + times * inbound.IN_HAND)


if __name__ == "__main__":
    workers = [partial(take_in, times) for times in range(inbound.TRIES + 2)]
    ended = [in_a_child(each) for each in (keep, *workers)]
    sys.stdout.write(" ".join(map(str, ended)))
