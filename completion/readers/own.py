"""A district's or state's own counts: a plain table of school id, date, submitted, completed.

One line a school and date, counts since the cycle opened. Dates as 2026-03-06 or 3/6/2026. A count
that must not be told is `<5`, as in the federal file.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from completion.readers.grids import Grid
from completion.readers.rows import BadFile, Cell, Problem, Reading, Row
from completion.readers.values import Unreadable, code_of, count_of, date_of, text_of
from schools.models import Cycle

HEADERS = {
    "code": ("school id", "school_id", "nces id", "nces_id", "nces school id", "school code"),
    "as_of": ("date", "as of", "as_of"),
    "submitted": ("submitted", "applications submitted"),
    "completed": ("completed", "complete", "applications complete"),
}
IGNORED = ("school", "name", "school name", "city", "state", "")


def recognises(sheets: list[tuple[str, Grid]]) -> bool:
    """True if the first filled sheet's first row has these columns and no others."""
    header = _first_row(sheets)
    known = {spelling for spellings in HEADERS.values() for spelling in spellings}
    strange = [text for text in header if text.lower() not in known and text.lower() not in IGNORED]
    return {"code", "submitted", "completed"} <= set(_columns(header)) and not strange


def read(
    sheets: list[tuple[str, Grid]], *, cycle: str = "", as_of: dt.date | None = None
) -> Reading:
    """The table's rows. Raises BadFile with every unreadable line.

    `as_of` dates a file without a date column; without `cycle` each date's own award year counts.
    """
    name, grid = next((n, g) for n, g in sheets if g)
    header = [text_of(value) for value in grid[0]]
    columns = _columns(header)
    if "as_of" not in columns and as_of is None:
        raise BadFile(
            Problem(
                _(
                    "The header should be school_id, date, submitted, completed; it is "
                    "“%(header)s”. Say the date of the figures below."
                )
                % {"header": ", ".join(header)},
                name,
                1,
            )
        )
    reading = Reading("own")
    wrong: list[Problem] = []
    for line, row in enumerate(grid[1:], start=2):
        if any(text_of(value) for value in row):
            parsed = _read_row(name, line, row, columns, cycle, as_of, wrong)
            if parsed:
                reading.rows.append(parsed)
    if wrong:
        raise BadFile(*wrong[:50])
    return reading


def _first_row(sheets: list[tuple[str, Grid]]) -> list[str]:
    return next(([text_of(value) for value in grid[0]] for _name, grid in sheets if grid), [])


def _columns(header: list[str]) -> dict[str, int]:
    return {
        key: index
        for index, text in enumerate(header)
        for key, spellings in HEADERS.items()
        if text.lower() in spellings
    }


def _read_row(
    sheet: str,
    line: int,
    row: list[Any],
    columns: dict[str, int],
    cycle: str,
    as_of: dt.date | None,
    wrong: list[Problem],
) -> Row | None:
    values: dict[str, Any] = {}
    for key, parse in (
        ("code", code_of),
        ("as_of", date_of),
        ("submitted", count_of),
        ("completed", count_of),
    ):
        if key == "as_of" and key not in columns:
            values[key] = as_of
            continue
        raw = row[columns[key]] if columns[key] < len(row) else ""
        try:
            values[key] = parse(raw)
        except Unreadable as error:
            value = text_of(raw)
            wrong.append(Problem(f"“{value}” {error}", sheet, line, key, value))
            return None
    submitted: Cell = values["submitted"]
    completed: Cell = values["completed"]
    if (completed.known or 0) > (4 if submitted.known is None else submitted.known):
        wrong.append(
            Problem(
                _("More completed (%(completed)s) than submitted (%(submitted)s).")
                % {"completed": completed, "submitted": submitted},
                sheet,
                line,
                "completed",
                str(completed),
            )
        )
        return None
    day: dt.date = values["as_of"]
    return Row(
        values["code"], "", "", "", cycle or Cycle.name_on(day), day, submitted, completed, line
    )
