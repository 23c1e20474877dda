"""The lines above a federal sheet's header: which cycle and which date each column is of."""

from __future__ import annotations

import re

from completion.readers.grids import Grid
from completion.readers.values import text_of

CYCLE = re.compile(r"(\d{4})\s*/\s*(\d{4})\s+Cycle", re.IGNORECASE)


def spread(head: Grid, width: int, wanted: re.Pattern[str] | None) -> list[str]:
    """For each column the text of the head row that fits, spread over merged (blank) cells.

    `wanted` None means the row of dates (`Through …`).
    """
    for row in head:
        texts = [text_of(value) for value in row]
        fits = [bool(wanted.search(t)) if wanted else t.startswith("Through ") for t in texts]
        # The title, merged over all columns, mentions "each cycle" but names none.
        if any(fits):
            found, last = [], ""
            for index in range(width):
                if index < len(texts) and texts[index]:
                    last = texts[index]
                found.append(last)
            return found
    return [""] * width


def cycle_name(text: str) -> str:
    """` 2024/ 2025 Cycle` → 2024-25; empty for anything else."""
    found = CYCLE.search(text)
    return f"{found[1]}-{found[2][2:]}" if found else ""
