"""The whole way of an import, from bytes to a report; the command and the pages call this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.imports import mapping as mappings
from contacts.imports import readers, upsert
from contacts.imports.cleaning import Cleaner
from contacts.imports.matching import Matcher, channels
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import BadFile, Problem
from schools.models import District, School, User


@dataclass
class Report:
    """What an import changed, or would change.

    `created`, `updated`, `unchanged`, `left` and `unreachable` count students: one counts as
    updated when anything of it, its guardians or their addresses changed. `rows` counts the
    file's rows, of which `skipped` held no student that could go in.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: int = 0
    unreachable: int = 0
    skipped: int = 0
    why_unreachable: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    encoding: str = ""

    def counts(self) -> dict[str, Any]:
        """The numbers alone: nothing of any family."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "left": self.left,
            "unreachable": self.unreachable,
            "skipped": self.skipped,
            "why_unreachable": self.why_unreachable,
            "problem_count": self.problem_count,
        }

    def as_json(self) -> dict[str, Any]:
        """The command's answer (DESIGN §5)."""
        return {**self.counts(), "problems": [problem.as_dict() for problem in self.problems]}


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
) -> Report:
    """Imports a file into a district (one school of it, if given) in one transaction.

    Without a `mapping` the district's remembered one is used, else a guess from the headers.
    `dry_run` reports and writes nothing. Raises BadFile, with nothing changed.
    """
    table = readers.read(name, content)
    chosen = mapping
    if chosen is None:
        chosen = mappings.remembered(district, table.headers) or mappings.guess(table.headers)
    checked = mappings.check(chosen, table.headers)
    schools = list(School.objects.filter(district=district))
    if school is None and len(schools) == 1:
        school = schools[0]
    if school is None and "school" not in checked:
        raise BadFile(
            _("The district has several schools, and no column says which one a student attends.")
        )
    only = school.pk if school else None
    cleaner = Cleaner(checked, schools=SchoolFinder(schools), only_school=only)
    cleaner.read(table)
    if not cleaner.students:
        raise BadFile(_no_students(cleaner))
    with transaction.atomic():
        # One import into a district at a time: what is planned is what is written.
        District.objects.select_for_update().get(pk=district.pk)
        matcher = Matcher(
            district,
            now=now,
            today=timezone.localdate(now),
            guardian_channels=channels(checked, "guardian"),
            student_channels=channels(checked, "student_"),
        )
        plan = matcher.match(cleaner.students.values())
        if not dry_run:
            source = f"import of {timezone.localdate(now).isoformat()}"
            upsert.write(plan, district=district, now=now, by=by, source=source)
            mappings.remember(district, table.headers, checked)
        else:
            transaction.set_rollback(True)
    return Report(
        rows=cleaner.rows,
        created=plan.created,
        updated=plan.updated,
        unchanged=plan.unchanged,
        left=plan.left,
        unreachable=sum(plan.unreachable.values()),
        skipped=cleaner.skipped,
        why_unreachable=dict(plan.unreachable),
        problems=cleaner.problems.kept,
        problem_count=cleaner.problems.count,
        encoding=table.encoding,
    )


def _no_students(cleaner: Cleaner) -> str:
    if not cleaner.rows:
        return _("There are no rows under the header.")
    if cleaner.problems.kept:
        first = cleaner.problems.kept[0]
        return _("No row holds a student that can go in. Row %(row)s: %(why)s") % {
            "row": first.row,
            "why": first.message,
        }
    return _("No row holds a student who is enrolled.")
