"""Federal Student Aid's "FAFSA completion by high school" files, any year, .xls or saved again.

A by-school sheet has four head rows: a title, the cycles (` 2024/ 2025 Cycle`, merged over their
columns), the dates (`Through March 8,  2024`) and the header with line breaks inside
(`Applications\\nSubmitted\\nMar8  2024`). Columns come in pairs, submitted and complete, and are
known by these texts alone: from October to December a file holds three cycles on two sheets, and
no order is promised. `Jun  2023` means the month's end.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from completion.readers import bands
from completion.readers.grids import Grid
from completion.readers.heads import CYCLE, cycle_name, spread
from completion.readers.rows import BadFile, Problem, Reading, Row
from completion.readers.values import Unreadable, code_of, count_of, day_of, text_of

_COUNTS = re.compile(r"applications (submitted|completed?) (.+)", re.IGNORECASE)
_HEAD_ROWS = 15  # a file saved again may carry a few lines above its header
_MOST_PROBLEMS = 50
_PLACE = {"school code": "code", "name": "name", "city": "city", "state": "state"}


@dataclass(frozen=True)
class Pair:
    """The two columns of one date in one cycle."""

    cycle: str
    as_of: dt.date
    submitted: int
    completed: int


def recognises(sheets: list[tuple[str, Grid]]) -> bool:
    """True if some sheet has the head of a by-school or by-district sheet."""
    return any(
        _header_row(grid) is not None or bands.header_row(grid) is not None
        for _name, grid in sheets
    )


def read(sheets: list[tuple[str, Grid]], *, cycle: str = "") -> Reading:
    """All sheets of a file, by school and by district. Raises BadFile with every unreadable cell
    of a school (at most 50).

    `cycle` names the newest award year for a file that has lost its row of cycles.
    """
    reading = Reading("federal")
    wrong: list[Problem] = []
    for name, grid in sheets:
        header = _header_row(grid)
        if header is not None:
            _read_sheet(name, grid, header, reading, wrong, cycle)
        elif (at := bands.header_row(grid)) is not None:
            reading.bands += bands.read(name, grid, at, reading.problems)
        elif any(text_of(value) for row in grid for value in row):
            reading.problems.append(
                Problem(_("This sheet has a layout that Aidbeacon does not know; left out."), name)
            )
    if wrong:
        raise BadFile(*wrong[:_MOST_PROBLEMS])
    if not reading.rows:
        raise BadFile(_("The file has no rows by school. Import the file “by high school”."))
    return reading


def _texts(row: list[Any]) -> list[str]:
    return [text_of(value) for value in row]


def _header_row(grid: Grid) -> int | None:
    """Where the by-school header is: the row with Name, City, State and counts."""
    for index, row in enumerate(grid[:_HEAD_ROWS]):
        texts = {text.lower() for text in _texts(row)}
        if {"name", "city", "state"} <= texts and any(
            text.startswith("applications") for text in texts
        ):
            return index
    return None


def _read_sheet(
    sheet: str, grid: Grid, at: int, reading: Reading, wrong: list[Problem], cycle: str
) -> None:
    header = _texts(grid[at])
    places = {_PLACE[text.lower()]: i for i, text in enumerate(header) if text.lower() in _PLACE}
    unknown = [
        text for text in header if text and text.lower() not in _PLACE and not _COUNTS.match(text)
    ]
    if unknown:
        raise BadFile(
            *(
                Problem(
                    _(
                        "The header “%(header)s” is not one that Aidbeacon knows, so the file is "
                        "not read by guessing. Import the file as Federal Student Aid publishes "
                        "it; if the layout is new, tell us."
                    )
                    % {"header": text},
                    sheet,
                    at + 1,
                    text,
                )
                for text in unknown
            )
        )
    pairs = list(_pairs(sheet, grid, at, header, reading, cycle))
    for line, row in enumerate(grid[at + 1 :], start=at + 2):
        if any(text_of(value) for value in row):
            _read_row(sheet, line, row, header, places, pairs, reading, wrong)


def _read_row(
    sheet: str,
    line: int,
    row: list[Any],
    header: list[str],
    places: dict[str, int],
    pairs: list[Pair],
    reading: Reading,
    wrong: list[Problem],
) -> None:
    def cell(column: int) -> Any:
        return row[column] if column < len(row) else ""

    def attempt(column: int, parse: Any) -> Any:
        try:
            return parse(cell(column))
        except Unreadable as error:
            value = text_of(cell(column))
            message = f"“{value}” {error}"
            wrong.append(Problem(message, sheet, line, header[column], value))
            return None

    code = attempt(places["code"], code_of) if "code" in places else ""
    name, city, state = (text_of(cell(places[key])) for key in ("name", "city", "state"))
    for pair in pairs:
        submitted = attempt(pair.submitted, count_of)
        completed = attempt(pair.completed, count_of)
        if code is not None and submitted and completed:
            reading.rows.append(
                Row(
                    code, name, city, state.upper(), pair.cycle, pair.as_of,
                    submitted, completed, line, sheet,
                )
            )  # fmt: skip


def _pairs(
    sheet: str, grid: Grid, at: int, header: list[str], reading: Reading, cycle: str
) -> Iterator[Pair]:
    """The sheet's column pairs with their cycle and date. Raises BadFile where one is unclear."""
    cycles = spread(grid[:at], len(header), CYCLE)
    dates = spread(grid[:at], len(header), None)
    columns: dict[tuple[str, str], dict[str, int]] = {}
    for index, text in enumerate(header):
        found = _COUNTS.match(text)
        if found:
            kind = "submitted" if found[1].lower() == "submitted" else "completed"
            columns.setdefault((cycles[index], found[2]), {})[kind] = index
    parsed: list[tuple[str, dt.date, dict[str, int]]] = []
    for (cycle_text, label), pair in columns.items():
        if set(pair) != {"submitted", "completed"}:
            raise BadFile(
                Problem(
                    _("“%(label)s” has a submitted or a complete column, but not both.")
                    % {"label": label},
                    sheet,
                    at + 1,
                    label,
                )
            )
        day, above = day_of(label), day_of(dates[pair["submitted"]])
        if day is None and above is not None:
            reading.problems.append(
                Problem(
                    _(
                        "The column is labelled “%(label)s” instead of a date; its date is taken "
                        "from the line above: %(day)s."
                    )
                    % {"label": label, "day": above.isoformat()},
                    sheet,
                    at + 1,
                    header[pair["submitted"]],
                    label,
                )
            )
        elif day is not None and above is not None and day != above:
            raise BadFile(
                Problem(
                    _("The header says %(day)s, the line above it %(above)s.")
                    % {"day": day.isoformat(), "above": above.isoformat()},
                    sheet,
                    at + 1,
                    header[pair["submitted"]],
                    label,
                )
            )
        as_of = day or above
        if as_of is None:
            raise BadFile(
                Problem(
                    _("“%(label)s” is not a date such as Mar8 2024.") % {"label": label},
                    sheet,
                    at + 1,
                    header[pair["submitted"]],
                    label,
                )
            )
        parsed.append((cycle_name(cycle_text), as_of, pair))
    newest = max((as_of for _name, as_of, _pair in parsed), default=None)
    for name, as_of, pair in parsed:
        if not name:
            if not cycle:
                raise BadFile(
                    Problem(
                        _(
                            "The row that says “2024/ 2025 Cycle” is missing above the header. "
                            "Import the file as it was downloaded, or say the cycle."
                        ),
                        sheet,
                    )
                )
            name = cycle if as_of == newest else _year_before(cycle)
        yield Pair(name, as_of, pair["submitted"], pair["completed"])


def _year_before(cycle: str) -> str:
    first = int(cycle[:4]) - 1
    return f"{first}-{(first + 1) % 100:02d}"
