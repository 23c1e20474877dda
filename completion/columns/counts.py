"""A completion file by a person's word on its columns: typed rows out, nothing written.

A line without a school (a total, a remark) is left out and told, as are lines without figures and
those that only say “fewer than ten”: no figure is made of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from completion import codes
from completion.columns import meant
from completion.columns.tables import Table
from completion.enrolments.layouts import school_year
from completion.models import Layout
from completion.naming import folded
from completion.readers.rows import BadFile, Cell, Problem, Reading, Row, Seniors, Trouble
from completion.readers.values import Unreadable, count_of, date_of, text_of
from schools.models import Cycle

MOST_PROBLEMS = 50
_LESS = re.compile(r"(?:n\s*)?<\s*(\d+)|(?:under|fewer than|less than)\s+(\d+)", re.IGNORECASE)
_WITHHELD = re.compile(r"\*+|‡|n/?r|suppressed|withheld|redacted|masked", re.IGNORECASE)
_BLANK = frozenset({"", "-", "--", "–", "—", "na", "n/a", "null", "none", "."})
_TOTAL = re.compile(
    r"(grand |district |state |sub-?)?totals?(:.*| (for|of|all)\b.*)?|all schools", re.IGNORECASE
)
_CLASS = re.compile(r"(?:class of\s*)?(20\d\d)", re.IGNORECASE)


class Withheld(Exception):
    """A count that is told less closely than as 0 to 4."""


@dataclass
class _Lines:
    """What became of the lines."""

    rows: list[tuple[Row, str, str]] = field(default_factory=list)  # with code and seniors
    wrong: list[Problem] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)


def read(
    table: Table,
    layout: Layout,
    *,
    cycle: str = "",
    as_of: dt.date | None = None,
    leave_out: bool = False,
) -> Reading:
    """The table's rows. Raises BadFile with every line that cannot be read (at most fifty), or
    with `leave_out` notes them and reads the others.

    `as_of` and `cycle` speak for a file that has no such column.
    """
    if "date" not in layout.mapping and as_of is None:
        raise BadFile(_("The file does not say its date. Say the date of the figures below."))
    at = {name: table.headers.index(header) for name, header in layout.mapping.items()}
    lines = _Lines()
    for number, row in table.rows():
        _read(number, {name: row[index] for name, index in at.items()}, layout, table.sheet,
              cycle, as_of, lines)  # fmt: skip
    rows = _placed(lines.rows, layout)
    rows, doubled = _once(rows)
    lines.wrong += doubled
    if lines.wrong and not leave_out:
        raise BadFile(*lines.wrong[:MOST_PROBLEMS])
    return Reading(
        "own",
        [row for row, _seniors in rows],
        problems=lines.wrong[:MOST_PROBLEMS],
        notes=list(_notes(lines)),
        left_out=len({problem.row for problem in lines.wrong}),
        seniors=[
            Seniors(row, Cycle(name=row.cycle).senior_year, seniors)
            for row, seniors in rows
            if seniors
        ],
    )


def _read(
    number: int,
    cells: dict[str, Any],
    layout: Layout,
    sheet: str,
    cycle: str,
    as_of: dt.date | None,
    lines: _Lines,
) -> None:
    def text(name: str) -> str:
        return text_of(cells.get(name))

    code = text("school_id").removesuffix(".0").upper()
    name = text("school")
    if not (code or name) or _TOTAL.fullmatch(name) or _TOTAL.fullmatch(code):
        lines.nameless.append(number)
        return

    def attempt(column: str, parse: Callable[[Any], Any]) -> Any:
        try:
            return parse(cells[column])
        except Unreadable as error:
            value = text(column)
            problem = Problem(
                f"“{value}” {error}", sheet, number, layout.mapping[column], value[:120],
                Trouble.UNREADABLE,
            )  # fmt: skip
            lines.wrong.append(problem)
            return None

    try:
        if text("submitted").casefold() in _BLANK or text("completed").casefold() in _BLANK:
            lines.blank.append(number)
            return
        submitted, completed = attempt("submitted", _count), attempt("completed", _count)
    except Withheld:
        lines.withheld.append(number)
        return
    day = attempt("date", date_of) if "date" in cells else as_of
    named = cycle
    for column, parse in (("cycle", _cycle), ("school_year", _class)):
        if column in cells:
            named = attempt(column, parse) or ""
            break
    if problem := codes.spoilt(code):
        column = layout.mapping["school_id"]
        lines.wrong.append(Problem(problem, sheet, number, column, code, Trouble.CODE))
    elif submitted and completed and day and (named or not {"cycle", "school_year"} & set(cells)):
        if (completed.known or 0) > (4 if submitted.known is None else submitted.known):
            kind, column = Trouble.CONTRADICTION, layout.mapping["completed"]
            lines.wrong.append(
                Problem(str(kind.label), sheet, number, column, str(completed), kind)
            )
            return
        where = text("city") or text("district")
        where = where or (layout.district.name if layout.district else "")
        row = Row(
            "", name, where, layout.state_id, named or Cycle.name_on(day), day,
            submitted, completed, number, sheet,
        )  # fmt: skip
        lines.rows.append((row, code, text("seniors")))


def _placed(lines: list[tuple[Row, str, str]], layout: Layout) -> list[tuple[Row, str]]:
    """The rows with their schools' NCES ids where the code, or the name in its district, tells;
    the others under their name (or a strange code as their name), for a person to match."""
    words = [(code, row.name, row.city) for row, code, _seniors in lines]
    placed = []
    for (row, code, seniors), school in zip(lines, meant.by_line(words, layout), strict=True):
        if school is not None:
            row = replace(row, code=school.nces_id, state="")
        elif not row.name:
            row = replace(row, name=code)
        placed.append((row, seniors))
    return placed


def _once(rows: list[tuple[Row, str]]) -> tuple[list[tuple[Row, str]], list[Problem]]:
    """The rows of schools that stand there once a day; the others, of groups within a school or
    doubled, are not added up but told."""
    same: dict[tuple[Any, ...], list[tuple[Row, str]]] = defaultdict(list)
    for row, seniors in rows:
        name = row.code or (folded(row.name), folded(row.city))
        same[name, row.cycle, row.as_of].append((row, seniors))
    problems = []
    for found in same.values():
        if len(found) > 1:
            numbers = ", ".join(str(row.line) for row, _s in found[:6])
            problems += [
                Problem(
                    _(
                        "The school stands in several rows of the same day (%(rows)s). Keep the "
                        "one for all of its students."
                    )
                    % {"rows": numbers},
                    row.sheet, row.line, "", row.name or row.code, Trouble.REPEATED,
                )
                for row, _s in found
            ]  # fmt: skip
    return [found[0] for found in same.values() if len(found) == 1], problems


def _notes(lines: _Lines) -> list[Problem]:
    notes = []
    if n := len(lines.nameless):
        text = ngettext(
            "%(n)s line names no school (a total, or a remark); it is left out.",
            "%(n)s lines name no school (totals, or remarks); they are left out.",
            n,
        )
        notes.append(Problem(text % {"n": n}, row=lines.nameless[0], kind=Trouble.LEFT_OUT))
    if n := len(lines.blank):
        text = ngettext(
            "%(n)s line has no figure; it is left out, not taken for zero.",
            "%(n)s lines have no figure; they are left out, not taken for zero.",
            n,
        )
        notes.append(Problem(text % {"n": n}, row=lines.blank[0], kind=Trouble.LEFT_OUT))
    if n := len(lines.withheld):
        text = ngettext(
            "%(n)s line says only that its count is small; no figure is made of it.",
            "%(n)s lines say only that their counts are small; no figure is made of them.",
            n,
        )
        notes.append(Problem(text % {"n": n}, row=lines.withheld[0], kind=Trouble.LEFT_OUT))
    return notes


def _count(value: Any) -> Cell:
    """A count; `<5` and less are 0 to 4. Raises Withheld for what hides more, else Unreadable."""
    text = text_of(value)
    if found := _LESS.fullmatch(text):
        if int(found[1] or found[2]) > 5:
            raise Withheld
        return Cell(None)
    if _WITHHELD.fullmatch(text):
        raise Withheld
    return count_of(text.removesuffix(".0"))


def _cycle(value: Any) -> str:
    """`2025-26`, `2025-2026`: the award year. Raises Unreadable."""
    found = school_year(text_of(value))
    if found and int(found[:4]) + 1 == int(found[:2] + found[5:]):
        return found
    raise Unreadable(_("is not an award year such as 2025-26."))


def _class(value: Any) -> str:
    """The award year of a class: 2025-26 for the school year 2024-25 and the class of 2025."""
    text = text_of(value)
    if found := _CLASS.fullmatch(text):
        first = int(found[1])
        return f"{first}-{(first + 1) % 100:02d}"
    try:
        first = int(_cycle(text)[:4]) + 1
    except Unreadable:
        raise Unreadable(_("is not a school year such as 2024-25, or a class.")) from None
    return f"{first}-{(first + 1) % 100:02d}"
