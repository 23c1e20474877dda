"""An enrolment file into enrolments: all of it, or nothing; what a person typed in stays."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from completion import codes, summaries
from completion.columns import meant, memory
from completion.enrolments.layouts import Columns, Line, lines
from completion.models import Layout, LayoutKind
from completion.readers import BadFile, Problem, UnknownLayout
from completion.readers.grids import sheets_of
from schools.models import Enrolment, School
from schools.models.cycles import check_cycle_name

_NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d{1,6}")
_HIDDEN = re.compile(r"[*‡]|n?\s*<\s*\d+|suppressed|cross group", re.IGNORECASE)
_MISSING = frozenset(
    {"", "na", "n/a", "null", "†", "–", "-", "--", "—", "-1", "-2", "-9", "m", "."}
)
MOST_SENIORS = 20_000
MOST_PROBLEMS = 50


@dataclass
class Report:
    """What became of the rows."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0  # typed in by a person; a file does not overrule it
    blank: int = 0
    hidden: int = 0  # published only as under ten
    unmatched: list[str] = field(default_factory=list)
    school_years: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)  # of rows that were left out

    def as_dict(self) -> dict[str, Any]:
        """For the command; `unmatched` counted, with the first few ids."""
        return {
            **vars(self),
            "unmatched": len(self.unmatched),
            "first_unmatched": self.unmatched[:10],
            "problems": [problem.as_dict() for problem in self.problems],
        }


def bring_in(
    name: str,
    content: bytes,
    *,
    school_year: str = "",
    source: str = "",
    columns: Columns | None = None,
    layout: Layout | None = None,
    allowed_states: frozenset[str] | None = None,
    remembered: bool = True,
    leave_out: bool = False,
    dry_run: bool = False,
) -> Report:
    """Reads a file and sets the seniors of its schools, in one transaction; again changes nothing.

    `school_year` is for a file that does not say it; `columns` names those of an unknown layout, or
    its `layout` says them and whose schools they are, else what was confirmed for such a file
    holds. Raises BadFile with every unreadable cell (at
    most 50) unless those rows are left out, and for schools of states that whoever imports does
    not answer for; UnknownLayout where nobody has named the columns.
    """
    known = remembered and not columns
    found, layout = _found(content, school_year, columns, layout, allowed_states, known)
    if not found:
        raise BadFile(_("The file has no rows about grade 12."))
    seniors, report = parsed(found, leave_out=leave_out)
    with transaction.atomic():
        among = meant.schools(layout) if layout else None
        schools = codes.schools_of({line.school for line, _n, _h in seniors}, among)
        _refuse_others(schools.values(), allowed_states)
        store(seniors, schools, (source or name)[:200], report)
        summaries.forget({school.state_id for school in schools.values()})
        transaction.set_rollback(dry_run)
    return report


def _found(
    content: bytes,
    year: str,
    columns: Columns | None,
    layout: Layout | None,
    states: Collection[str] | None,
    remembered: bool,
) -> tuple[list[Line], Layout | None]:
    """The lines, and the layout that they were read by, if by one."""
    grid = next((grid for _name, grid in sheets_of(content) if grid), [])
    if layout is None:
        try:
            return list(lines(grid, columns or Columns(), year)), None
        except UnknownLayout:
            layout = memory.for_file(content, LayoutKind.ENROLMENTS, states) if remembered else None
            if layout is None:
                raise
    found = list(lines(grid, Columns.of(layout.mapping), year))
    words = [(line.school, line.name, line.where) for line in found]
    by_line, otherwise = meant.by_line(words, layout), meant.decided_or_exact(words, layout)
    return [
        replace(line, school=school.nces_id if school else line.school or line.name)
        for line, school in zip(
            found, (a or b for a, b in zip(by_line, otherwise, strict=True)), strict=True
        )
    ], layout


Parsed = list[tuple[Line, int | None, bool]]


def parsed(found: list[Line], *, leave_out: bool = False) -> tuple[Parsed, Report]:
    """The rows with a number, or with a hidden one. Raises BadFile, unless told to leave out
    what cannot be read."""
    report, wrong = Report(rows=len(found)), []
    seniors: Parsed = []
    for line in found:
        problem = _wrong_year(line) or codes.spoilt(line.school)
        text = line.seniors.removesuffix(".0")
        if problem:
            wrong.append(Problem(problem, row=line.number, value=line.school))
        elif _HIDDEN.fullmatch(text):
            report.hidden += 1
            seniors.append((line, None, True))
        elif text.casefold() in _MISSING:
            report.blank += 1
        elif _NUMBER.fullmatch(text) and int(text.replace(",", "")) <= MOST_SENIORS:
            seniors.append((line, int(text.replace(",", "")), False))
        else:
            message = _("“%(value)s” is not a number of seniors.") % {"value": line.seniors}
            wrong.append(Problem(message, row=line.number, value=line.seniors))
    if wrong and not leave_out:
        raise BadFile(*wrong[:MOST_PROBLEMS])
    report.problems = wrong[:MOST_PROBLEMS]
    report.school_years = sorted({line.year for line, _n, _h in seniors})
    return seniors, report


def _wrong_year(line: Line) -> str:
    try:
        check_cycle_name(line.year)
    except ValidationError:
        return _("The row does not say its school year. Say it below, such as 2023-24.")
    return ""


def _refuse_others(schools: Iterable[School], allowed: frozenset[str] | None) -> None:
    others = sorted({s.state_id for s in schools} - allowed) if allowed is not None else []
    if others:
        raise BadFile(
            _("The file has schools in %(states)s, outside of your states.")
            % {"states": ", ".join(others)}
        )


def store(seniors: Parsed, schools: Mapping[str, School], source: str, report: Report) -> None:
    """Sets what differs; a school that stands in several rows of a year is added up."""
    wanted: dict[tuple[int, str], tuple[int | None, bool]] = {}
    for line, number, hidden in seniors:
        school = schools.get(line.school)
        if school is None:
            report.unmatched.append(line.school)
            continue
        before, before_hidden = wanted.get((school.pk, line.year), (0, False))
        both = None if number is None or before is None else before + number
        wanted[school.pk, line.year] = (both, hidden or before_hidden)
    there = {
        (each.school_id, each.school_year): each
        for each in Enrolment.objects.filter(
            school__in={pk for pk, _year in wanted}, school_year__in=report.school_years
        )
    }
    fresh, changed = [], []
    for (pk, year), (number, hidden) in wanted.items():
        each = there.get((pk, year))
        if each is None:
            fresh.append(
                Enrolment(
                    school_id=pk, school_year=year, grade12=number, suppressed=hidden, source=source
                )
            )
        elif (each.grade12, each.suppressed) == (number, hidden):
            report.unchanged += 1
        elif each.entered_by_id:
            report.kept += 1
        else:
            each.grade12, each.suppressed, each.source = number, hidden, source
            changed.append(each)
    report.created, report.updated = len(fresh), len(changed)
    Enrolment.objects.bulk_create(fresh, batch_size=1000)
    Enrolment.objects.bulk_update(changed, ["grade12", "suppressed", "source"], batch_size=500)
