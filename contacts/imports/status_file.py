"""A student-level file of aid statuses: the state agency's export, or any table with columns.

A row is a student's if it gives the state student id or the student id. A row that gives only
the name and the date of birth is never recorded by itself: it waits for a person
(`StatusReview`), with the students whom it may mean.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import status_reviews, statuses, vocabulary
from contacts.imports import mapping as mappings
from contacts.imports import readers, status_columns, words
from contacts.imports.dates import read_date
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import BadFile, Problem, Problems
from contacts.imports.status_people import Line, People
from contacts.models import ApplicationPath, ContactImport, Student
from schools.models import District, School, User

CHUNK = 400
KIND: str = ContactImport.Kind.STATUSES.value
Progress = Callable[[float], None]
State = ContactImport.State


@dataclass
class StatusReport:
    """`recorded`, `unchanged` count students; `unmatched` and `review` count rows.

    `moves` counts students by the status before and after ("not_started>submitted");
    `conflicts` those here about whom a file or staff and the family now contradict each other.
    """

    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    unmatched: int = 0
    review: int = 0
    conflicts: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    missed: dict[str, Counter[str]] = field(default_factory=dict)  # words to be explained
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def counts(self) -> dict[str, Any]:
        """The numbers alone: they name nobody."""
        return {
            "rows": self.rows,
            "recorded": self.recorded,
            "unchanged": self.unchanged,
            "unmatched": self.unmatched,
            "review": self.review,
            "conflicts": self.conflicts,
            "moves": dict(self.moves.most_common()),
            "words": vocabulary.asked(self.missed),
            "problem_count": self.problem_count,
        }

    def as_json(self) -> dict[str, Any]:
        return {**self.counts(), "problems": [problem.as_dict() for problem in self.problems]}


def run(
    name: str,
    file: IO[bytes] | bytes,
    *,
    district: District,
    school: School | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    by: User | None = None,
    now: dt.datetime,
    as_of: dt.datetime | None = None,
    upload: ContactImport | None = None,
    most: int | None = None,
    progress: Progress | None = None,
) -> StatusReport:
    """Records a file's statuses in one transaction. Raises BadFile, with nothing changed.

    A row counts as of its own date, else of the file's (`as_of`), else of today. The entries
    are those of `upload`; without one, an import that is done is noted. Without a `mapping` the
    district's remembered one is used, else a guess. `most` is the number of rows that the caller
    has time for. Memory stays flat: a chunk of rows is held at a time.
    """
    total = sum(1 for _row in readers.read(name, file, district=district).rows) if progress else 0
    table = readers.read(name, file, district=district)
    chosen = mapping or mappings.remembered(district, table.headers, KIND)
    columns = status_columns.Columns.of(table, chosen)
    with transaction.atomic():
        if upload is None:
            upload = _note(name, district, school, by, now)
        work = _Work(district, school, columns, as_of or now, by, now, upload)
        while chunk := list(itertools.islice(table.rows, CHUNK)):
            if most is not None and work.report.rows + len(chunk) > most:
                raise BadFile(
                    _("The file has more than %(most)s rows. Export one school or year at a time.")
                    % {"most": most}
                )
            work.take(chunk)
            if progress is not None:
                progress(work.report.rows / max(1, total))
        report = work.report
        if not report.rows:
            raise BadFile(_("There are no rows under the header."))
        report.recorded, report.unchanged = len(work.news), len(work.known - work.news)
        report.problems, report.problem_count = work.problems.kept, work.problems.count
        report.missed = work.vocabulary.missed
        report.conflicts = statuses.conflicts(work.students.present()).count()
        if upload.state == State.DONE:
            upload.summary = report.counts()
            upload.save(update_fields=["summary"])
        if dry_run:
            transaction.set_rollback(True)
        else:
            mappings.remember(district, table.headers, columns.headers, KIND)
            today = timezone.localdate(now)
            vocabulary.ask(district, report.missed, upload=upload, today=today)
    return report


def undo(upload: ContactImport) -> None:
    """Takes a status file back: its words no longer count, its open questions are dropped.

    Words said since then stand, so nothing is in the way of it.
    """
    with transaction.atomic():
        upload.state = State.UNDONE
        upload.save(update_fields=["state"])
        upload.reviews.open().delete()
        statuses.recompute(Student.objects.filter(aid_status_entries__brought_by=upload))


class _Work:
    """One file being recorded, chunk by chunk, inside the caller's transaction."""

    def __init__(
        self,
        district: District,
        school: School | None,
        columns: status_columns.Columns,
        as_of: dt.datetime,
        by: User | None,
        now: dt.datetime,
        upload: ContactImport,
    ) -> None:
        self.district, self.school, self.columns = district, school, columns
        self.as_of, self.by, self.now, self.upload = as_of, by, now, upload
        self.report, self.problems = StatusReport(), Problems()
        self.vocabulary = vocabulary.Vocabulary(district)
        self.known: set[UUID] = set()
        self.news: set[UUID] = set()
        self.schools = SchoolFinder(School.objects.filter(district=district))
        self.students = Student.objects.filter(district=district)
        if school is not None:
            self.students = self.students.filter(school=school)
        self.people = People(district, self.students)

    def take(self, chunk: list[tuple[int, list[str]]]) -> None:
        self.report.rows += len(chunk)
        lines = [line for number, cells in chunk if (line := self._line(number, cells))]
        found = self.people.by_ids(lines)
        rest = [line for line in lines if line.row not in found]
        candidates = self.people.by_names(rest)
        found |= self.people.as_answered(rest, candidates)
        self._ask([line for line in rest if line.row not in found], candidates)
        findings = [
            statuses.Finding(found[line.row], line.status, line.as_of)
            for line in lines
            if line.row in found
        ]
        self.known |= {finding.student.pk for finding in findings}
        news = statuses.record_news(findings, by=self.by, upload=self.upload)
        self.news |= news
        self._count_moves({f.student.pk: f.student.aid_status for f in findings}, news)
        self._choose_paths(lines, found)

    def _count_moves(self, before: dict[UUID, str], news: set[UUID]) -> None:
        after = Student.objects.filter(pk__in=news).values_list("pk", "aid_status")
        self.report.moves.update(f"{before[pk]}>{now}" for pk, now in after if before[pk] != now)

    def _line(self, row: int, cells: list[str]) -> Line | None:
        """The row cleaned; None, with a problem noted, if it says nothing that can be kept."""
        cell = self.columns.cells(cells)
        status = status_columns.status(
            cell, by_days=self.columns.tell_days, vocabulary=self.vocabulary
        )
        if status is None:
            self.vocabulary.miss(vocabulary.Kind.STATUS, cell.get("status", ""))
            header = self.columns.header("status")
            self.problems.add(
                row, header, cell.get("status", ""), _("This aid status is not known.")
            )
            return None
        written = cell.get("status_as_of", "")
        as_of = moment(written, self.now) if written else self.as_of
        if as_of is None:
            header = self.columns.header("status_as_of")
            self.problems.add(row, header, written, _("This is not a date in the past."))
            return None
        first, last = status_columns.name(cell)
        return Line(
            row=row,
            student_id=status_columns.number(cell.get("student_id", "")),
            state_id=status_columns.number(cell.get("state_student_id", "")),
            first_name=first,
            last_name=last,
            birth_date=read_date(cell.get("birth_date", "")),
            school=self._school(cell.get("school", "")),
            status=status,
            as_of=as_of,
            path=words.path(cell.get("path", "")) or status_columns.form_named(cell) or "",
        )

    def _school(self, text: str) -> int | None:
        found = self.schools.find(text)
        explained = self.vocabulary.meaning(vocabulary.Kind.SCHOOL, text)
        return found if found is not None else self.schools.find(explained)

    def _ask(self, lines: list[Line], candidates: dict[int, list[Student]]) -> None:
        """Questions for a person; a row that can mean nobody is a problem."""
        for line in lines:
            students = candidates.get(line.row, [])
            if not students:
                self.report.unmatched += 1
                self._nobody(line)
                continue
            self.report.review += 1
            status_reviews.ask(
                self.upload,
                students,
                row=line.row,
                who=line.who,
                who_index=line.who_index,
                state_student_id=line.state_id,
                status=line.status,
                as_of=line.as_of,
            )

    def _nobody(self, line: Line) -> None:
        if line.state_id or line.student_id:
            column = "state_student_id" if line.state_id else "student_id"
            value = line.state_id or line.student_id
            why = _("No student here has this id. Import the families first, or mend the id.")
        elif line.birth_date and line.first_name and line.last_name:
            column, value = "birth_date", line.who
            why = _("No student here has this name and date of birth.")
        else:
            column, value = "student_id", line.who
            why = _("The row has no id, and not both a whole name and a date of birth.")
        self.problems.add(line.row, self.columns.header(column), value, why)

    def _choose_paths(self, lines: list[Line], found: dict[int, Student]) -> None:
        """The form, where the file names it; what a person chose here stays."""
        for line in lines:
            student = found.get(line.row)
            if student is None or line.path in ("", ApplicationPath.UNSPECIFIED, student.path):
                continue
            if "path" not in student.by_hand:
                self.students.filter(pk=student.pk).update(path=line.path)


def moment(text: str, now: dt.datetime) -> dt.datetime | None:
    """Noon of the day written, at most now; None if it is no day up to today."""
    day = read_date(text)
    if day is None or day > timezone.localdate(now):
        return None
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=timezone.get_current_timezone())
    return min(noon, now)


def _note(
    name: str, district: District, school: School | None, by: User | None, now: dt.datetime
) -> ContactImport:
    """A file recorded without the pages is an import too: it can be told, reviewed and undone."""
    return ContactImport.objects.create(
        district=district,
        school=school,
        uploaded_by=by,
        file_name=name[:200],
        kind=ContactImport.Kind.STATUSES,
        state=State.DONE,
        finished_at=now,
    )
