"""A provider that has fallen silent gets a few messages a tick until it answers again.

Whatever it is given meanwhile is in doubt: it may have been taken. Whole batches would put all that
waits in doubt within minutes, for somebody to look up one by one. Each process remembers for
itself.
"""

from __future__ import annotations

from campaigns.sending.senders import Lane

A_FEW = 5
_silent: set[tuple[str, str]] = set()


def note(lane: Lane, *, unanswered: int, of: int) -> None:
    """Remembers whether a way out answered for the larger part of a batch. One or two messages
    say nothing of the provider."""
    if 2 * unanswered <= of:
        _silent.discard(_key(lane))
    elif of >= A_FEW:
        _silent.add(_key(lane))


def is_on(lane: Lane) -> bool:
    """True where the last batch was answered for the smaller part."""
    return _key(lane) in _silent


def _key(lane: Lane) -> tuple[str, str]:
    return lane.channel, lane.address
