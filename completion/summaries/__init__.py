"""Places and schools as they stand, worked out once when figures come in instead of at each page.

A page takes a summary where there is one and computes the same from the snapshots where there is
none. Whatever changes a figure asks for its state's summaries anew (`making.forget`), and the
queue makes them; until then large places show the last ones, small ones are computed. Summaries
hold told figures only, so they hide what pages hide.
"""

from completion.summaries.following import followed, weekly
from completion.summaries.making import ask_after_upgrade, drop, forget, make, refresh
from completion.summaries.reading import (
    FEW,
    Ready,
    Summarised,
    in_cycle,
    newest,
    of,
    rows,
    school,
    standings,
)

__all__ = [
    "FEW",
    "Ready",
    "Summarised",
    "ask_after_upgrade",
    "drop",
    "followed",
    "forget",
    "in_cycle",
    "make",
    "newest",
    "of",
    "refresh",
    "rows",
    "school",
    "standings",
    "weekly",
]
