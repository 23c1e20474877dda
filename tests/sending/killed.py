"""The worker's side of the kill test, run as a process of its own."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from campaigns import control  # noqa: E402
from campaigns.sending import tick  # noqa: E402
from tests.sending.conftest import TUESDAY_NOON, World  # noqa: E402


def main(what: str) -> None:
    if what == "set-up":
        world = World()
        world.families(300)
        control.launch(world.campaign(), by=None, now=TUESDAY_NOON)
    elif what == "tick":
        tick.run(TUESDAY_NOON, until_idle=True)
    else:
        for minutes in (10, 20, 30):  # past the lease of the one that was killed
            tick.run(TUESDAY_NOON + dt.timedelta(minutes=minutes), until_idle=True)


if __name__ == "__main__":
    main(sys.argv[1])
