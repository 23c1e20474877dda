"""Where a test begins to reject: the ends of an interval that is a test turned round."""

from __future__ import annotations

from collections.abc import Callable


def edge(
    rejects: Callable[[float], bool], inside: float, outside: float, *, halvings: int
) -> float | None:
    """The border on the way from `inside`, which is kept, to `outside`; None if that is kept."""
    if not rejects(outside):
        return None
    for _ in range(halvings):
        middle = (inside + outside) / 2
        if rejects(middle):
            outside = middle
        else:
            inside = middle
    return (inside + outside) / 2
