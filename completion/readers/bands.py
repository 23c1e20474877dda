"""The federal file's sheet by district: its own estimate of the completion rate, as a band.

`Estimated FAFSA\\nCompletion Percentage\\nMar8  2024` over ` 50-54`, `<20`, `>=80` or
`Missing/Insufficient Data`; heads as in the sheet by school. A band is two bounds in percent and
stays that; what it is worked out from is not published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from completion.readers.grids import Grid
from completion.readers.heads import CYCLE, cycle_name, spread
from completion.readers.rows import Band, Problem
from completion.readers.values import day_of, text_of

HEAD_ROWS = 15
_COLUMN = re.compile(r"estimated fafsa completion percentage (.+)", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})\s*%?")
_BELOW = re.compile(r"<\s*(\d{1,3})\s*%?")
_FROM = re.compile(r">=\s*(\d{1,3})\s*%?")
_MISSING = re.compile(r"missing.*|insufficient.*|", re.IGNORECASE)
_LEAID = re.compile(r"\d{7}")


def header_row(grid: Grid) -> int | None:
    """Where the header of a sheet by district is."""
    for index, row in enumerate(grid[:HEAD_ROWS]):
        if "LEAID" in map(text_of, row):
            return index
    return None


def read(sheet: str, grid: Grid, at: int, problems: list[Problem]) -> Iterator[Band]:
    """Each district's band on each date; what cannot be read is told and left out."""
    header = [text_of(value) for value in grid[at]]
    cycles = spread(grid[:at], len(header), CYCLE)
    dates = spread(grid[:at], len(header), None)
    columns = []
    for index, text in enumerate(header):
        found = _COLUMN.fullmatch(text)
        day = (day_of(found[1]) or day_of(dates[index])) if found else None
        cycle = cycle_name(cycles[index])
        if found and day and cycle:
            columns.append((index, cycle, day))
        elif found:
            message = _("The column’s cycle or date is unclear; it is left out.")
            problems.append(Problem(message, sheet, at + 1, text))
    places = {name: header.index(name) for name in ("LEAID", "District Name", "State")
              if name in header}  # fmt: skip
    seen = set()
    for line, row in enumerate(grid[at + 1 :], start=at + 2):
        texts = [text_of(value) for value in row] + [""] * (len(header) - len(row))
        leaid, name, state = (
            texts[places[key]] if key in places else ""
            for key in ("LEAID", "District Name", "State")
        )
        if not leaid:
            continue
        if not _LEAID.fullmatch(leaid):
            message = _(
                "“%(value)s” is not a district’s id of 7 digits (a spreadsheet may have dropped "
                "its leading zero); its band is left out."
            ) % {"value": leaid}
            problems.append(Problem(message, sheet, line, "LEAID", leaid))
            continue
        for index, cycle, day in columns:
            band = bounds(texts[index])
            if (leaid, cycle, day) in seen:
                message = _("The district stands there twice; its first band counts.")
                problems.append(Problem(message, sheet, line, header[index], leaid))
            elif band is None:
                message = _("“%(value)s” is no band such as 50-54; it is left out.") % {
                    "value": texts[index]
                }
                problems.append(Problem(message, sheet, line, header[index], texts[index]))
            else:
                seen.add((leaid, cycle, day))
                yield Band(leaid, name, state.upper(), cycle, day, *band, line, sheet)


def bounds(value: Any) -> tuple[int | None, int | None] | None:
    """A band's least and most whole percent; both None where the data are missing; None for what
    is no band."""
    text = text_of(value)
    if _MISSING.fullmatch(text):
        return None, None
    if found := _RANGE.fullmatch(text):
        low, high = int(found[1]), int(found[2])
    elif found := _BELOW.fullmatch(text):
        low, high = 0, int(found[1]) - 1
    elif found := _FROM.fullmatch(text):
        low, high = int(found[1]), 100
    else:
        return None
    return (low, high) if 0 <= low <= high <= 100 else None
