"""A student-level file of aid statuses: matched by student id or state student id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from contacts import statuses
from contacts.imports import mapping as mappings
from contacts.imports import readers, words
from contacts.imports.problems import BadFile, Problem, Problems
from contacts.models import AidStatusEntry, Student
from schools.models import District, School, User

_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")


@dataclass
class StatusReport:
    """`recorded` and `unchanged` count students; `unmatched` counts rows."""

    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    unmatched: int = 0
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "recorded": self.recorded,
            "unchanged": self.unchanged,
            "unmatched": self.unmatched,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def run(
    name: str,
    content: bytes,
    *,
    district: District,
    school: School | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    by: User | None = None,
    now: dt.datetime,
) -> StatusReport:
    """Records a file's statuses in one transaction. Raises BadFile, with nothing changed.

    A row without a date counts as of today; a date in the future is a problem of its row.
    """
    table = readers.read(name, content)
    chosen = dict(mapping or mappings.guess(table.headers))
    if "status" not in chosen:
        raise BadFile(_("No column holds the aid status."))
    if not {"student_id", "state_student_id"} & chosen.keys():
        raise BadFile(_("No column holds the student id or the state student id."))
    place = {header: i for i, header in enumerate(table.headers)}
    missing = [header for header in chosen.values() if header not in place]
    if missing:
        raise BadFile(_("The file has no column “%(header)s”.") % {"header": missing[0]})
    columns = {name: place[header] for name, header in chosen.items()}
    students = Student.objects.filter(district=district)
    if school is not None:
        students = students.filter(school=school)
    by_id, by_state_id = {}, {}
    for student in students:
        by_id[student.sis_id] = student
        if student.state_student_id:
            by_state_id[student.state_student_id] = student
    report, problems, findings = StatusReport(), Problems(), {}
    for number, cells in table.rows:
        report.rows += 1

        def cell(field: str, cells: list[str] = cells) -> str:
            return cells[columns[field]] if field in columns else ""

        state_id = cell("state_student_id").removesuffix(".0")
        sis_id = cell("student_id").removesuffix(".0")
        found = by_state_id.get(state_id) or by_id.get(sis_id)
        if found is None:
            report.unmatched += 1
            problems.add(number, "", sis_id or state_id, _("No student here has this id."))
            continue
        status = words.status(cell("status"))
        if status is None:
            problems.add(
                number, chosen["status"], cell("status"), _("This aid status is not known.")
            )
            continue
        as_of = _as_of(cell("status_as_of"), now)
        if as_of is None:
            header = chosen["status_as_of"]
            problems.add(number, header, cell("status_as_of"), _("This is not a date in the past."))
            continue
        findings[found.pk] = statuses.Finding(found, status, as_of)
    if not report.rows:
        raise BadFile(_("There are no rows under the header."))
    with transaction.atomic():
        source = AidStatusEntry.Source.FILE
        report.recorded = statuses.record_many(findings.values(), source=source, by=by)
        if dry_run:
            transaction.set_rollback(True)
    report.unchanged = len(findings) - report.recorded
    report.problems = problems.kept
    return report


def _as_of(text: str, now: dt.datetime) -> dt.datetime | None:
    """Noon of the day written; now if nothing is; None if it is no day up to today."""
    if not text:
        return now
    for form in _DATES:
        try:
            day = dt.datetime.strptime(text[:10], form).replace(hour=12, tzinfo=now.tzinfo)
        except ValueError:
            continue
        return min(day, now) if day.date() <= now.date() else None
    return None
