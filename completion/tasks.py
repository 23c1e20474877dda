"""What the queue calls for the completion room; each may be called twice without harm."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from completion import digest, fetching, summaries
from completion.columns import held


def fetch_files() -> dict[str, int]:
    """Looks for new completion files at the addresses and in the folder of the settings."""
    return dict(fetching.look(now=timezone.now()))


def forget_held_files() -> int:
    """Deletes uploads whose columns nobody went on to name."""
    return held.forget_old(timezone.now())


def send_digests() -> int:
    """Tells coordinators of the week's figures, where there are new ones."""
    return digest.send(now=timezone.now())


def make_summaries(states: Collection[str] = ()) -> int:
    """Works out anew what pages of these states read, or (at night) of all, where it is due."""
    return summaries.refresh(states)
