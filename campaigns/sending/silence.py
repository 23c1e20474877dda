"""A provider that has fallen silent gets a few messages a tick until it answers again.

Whatever it is given meanwhile is in doubt: it may have been taken. Whole batches would put all that
waits in doubt within minutes, for somebody to look up one by one. Each process remembers for
itself.
"""

from __future__ import annotations

from campaigns.sending.senders import Lane

A_FEW = 5
_silent: set[tuple[str, str]] = set()
_heard: dict[tuple[str, str], tuple[int, int]] = {}  # unanswered, of how many, not yet judged


def note(lane: Lane, *, unanswered: int, of: int) -> None:
    """Remembers whether a way out answered for the larger part of what it was given. One or two
    messages say nothing of the provider, so the batches of a slow sender are added up to a few.
    """
    key = _key(lane)
    if 2 * unanswered <= of:
        _silent.discard(key)
    before, of_before = _heard.pop(key, (0, 0))
    unanswered, of = before + unanswered, of_before + of
    if of < A_FEW:
        _heard[key] = unanswered, of
    elif 2 * unanswered > of:
        _silent.add(key)


def is_on(lane: Lane) -> bool:
    """True where the last few messages were answered for the smaller part."""
    return _key(lane) in _silent


def forget() -> None:
    """As a process begins: nobody is known to be silent."""
    _silent.clear()
    _heard.clear()


def _key(lane: Lane) -> tuple[str, str]:
    return lane.channel, lane.address
