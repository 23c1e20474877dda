"""An enrolment file into enrolments: all of it, or nothing; what a person typed in stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from completion import summaries
from completion.enrolments.layouts import Columns, Line, lines
from completion.readers import BadFile, Problem
from completion.readers.grids import sheets_of
from schools.models import Enrolment, School
from schools.models.cycles import check_cycle_name

_NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d{1,6}")
_HIDDEN = re.compile(r"[*‡]|n?\s*<\s*\d+|suppressed|cross group", re.IGNORECASE)
_MISSING = frozenset(
    {"", "na", "n/a", "null", "†", "–", "-", "--", "—", "-1", "-2", "-9", "m", "."}
)
_POWER = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
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

    def as_dict(self) -> dict[str, Any]:
        """For the command; `unmatched` counted, with the first few ids."""
        return {
            **vars(self),
            "unmatched": len(self.unmatched),
            "first_unmatched": self.unmatched[:10],
        }


def bring_in(
    name: str,
    content: bytes,
    *,
    school_year: str = "",
    source: str = "",
    columns: Columns | None = None,
    allowed_states: frozenset[str] | None = None,
    dry_run: bool = False,
) -> Report:
    """Reads a file and sets the seniors of its schools, in one transaction; again changes nothing.

    `school_year` is for a file that does not say it. Raises BadFile with every unreadable cell (at
    most 50), and for schools of states that whoever imports does not answer for.
    """
    sheets = sheets_of(content)
    grid = next((grid for _name, grid in sheets if grid), [])
    found = list(lines(grid, columns or Columns(), school_year))
    if not found:
        raise BadFile(_("The file has no rows about grade 12."))
    seniors, report = _parsed(found)
    with transaction.atomic():
        schools = _schools({line.school for line, _n, _h in seniors})
        _refuse_others(schools.values(), allowed_states)
        _store(seniors, schools, (source or name)[:200], report)
        summaries.forget({school.state_id for school in schools.values()})
        transaction.set_rollback(dry_run)
    return report


Parsed = list[tuple[Line, int | None, bool]]


def _parsed(found: list[Line]) -> tuple[Parsed, Report]:
    """The rows with a number, or with a hidden one. Raises BadFile."""
    report, wrong = Report(rows=len(found)), []
    seniors: Parsed = []
    for line in found:
        problem = _wrong_year(line) or _wrong_school(line)
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
    if wrong:
        raise BadFile(*wrong[:MOST_PROBLEMS])
    report.school_years = sorted({line.year for line, _n, _h in seniors})
    return seniors, report


def _wrong_year(line: Line) -> str:
    try:
        check_cycle_name(line.year)
    except ValidationError:
        return _("The row does not say its school year. Say it below, such as 2023-24.")
    return ""


def _wrong_school(line: Line) -> str:
    if _POWER.fullmatch(line.school):
        return _(
            "“%(value)s” is a school code that a spreadsheet turned into a rounded number; its "
            "digits are lost. Import the file as it was downloaded."
        ) % {"value": line.school}
    if line.school.isdigit() and len(line.school) == 11:
        return _(
            "“%(value)s” has 11 digits; an NCES id has 12. A spreadsheet has dropped the leading "
            "zero: import the file as it was downloaded."
        ) % {"value": line.school}
    return ""


def _schools(codes: Iterable[str]) -> dict[str, School]:
    """Each code's school: by its NCES id, by its state's own code, or by that code's last part
    (OSPI writes 2281 for WA-34033-2281), in the one state that most of the codes fit."""
    wanted = set(codes)
    known: QuerySet[School] = School.objects.all()
    found = known.in_bulk([c for c in wanted if len(c) >= 7], field_name="nces_id")
    rest = wanted - set(found)
    if not rest:
        return found
    parts: dict[str, dict[str, list[School]]] = {}
    for school in known.exclude(state_code=""):
        for key in {school.state_code, school.state_code.rpartition("-")[2]} & rest:
            parts.setdefault(school.state_id, {}).setdefault(key, []).append(school)
    likeliest = max(parts.values(), key=len, default={})
    return found | {key: schools[0] for key, schools in likeliest.items() if len(schools) == 1}


def _refuse_others(schools: Iterable[School], allowed: frozenset[str] | None) -> None:
    others = sorted({s.state_id for s in schools} - allowed) if allowed is not None else []
    if others:
        raise BadFile(
            _("The file has schools in %(states)s, outside of your states.")
            % {"states": ", ".join(others)}
        )


def _store(seniors: Parsed, schools: dict[str, School], source: str, report: Report) -> None:
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
