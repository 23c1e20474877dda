"""The whole way of an import, from a file to a report; the command and the pages call this."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import doubles, vocabulary
from contacts.imports import bulk, reach, readers
from contacts.imports import mapping as mappings
from contacts.imports.cleaning import Cleaner
from contacts.imports.endings import Endings
from contacts.imports.matching import Matcher
from contacts.imports.places import SchoolFinder
from contacts.imports.problems import BadFile, Problem
from contacts.imports.readers import Table
from contacts.imports.records import StudentRecord
from contacts.imports.spool import CHANGED, NEW, SAME, Spool
from contacts.imports.upsert import Writer
from contacts.models import Channel, Contact, ContactImport, ContactPoint, Guardianship, Student
from schools.models import District, School, User

CHUNK = 1_000  # students at once: memory stays that of one chunk, whatever the file holds

Progress = Callable[[float], None]  # told the share of the work that is done, 0 to 1


@dataclass
class Report:
    """What an import changed, or would change.

    `created`, `updated`, `unchanged`, `left` and `unreachable` count students: one counts as
    updated when anything of it, its guardians or their addresses changed; of those who left, the
    `missing` are not named by a file that names all. `rows` counts the
    file's rows, of which `skipped` held no student that could go in. `changes` counts by field
    what changes for families that are known already; `kept_by_hand` counts values of the file
    that stayed out because a person had set something else.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: int = 0
    missing: int = 0
    unreachable: int = 0
    skipped: int = 0
    kept_by_hand: int = 0
    possible_doubles: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    why_unreachable: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    encoding: str = ""
    missed: dict[str, Counter[str]] = field(default_factory=dict)  # words to be explained

    def counts(self) -> dict[str, Any]:
        """The numbers alone: nothing of any family."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "left": self.left,
            "missing": self.missing,
            "unreachable": self.unreachable,
            "skipped": self.skipped,
            "kept_by_hand": self.kept_by_hand,
            "possible_doubles": self.possible_doubles,
            "changes": self.changes,
            "why_unreachable": self.why_unreachable,
            "problem_count": self.problem_count,
            "words": vocabulary.asked(self.missed),
        }

    def as_json(self) -> dict[str, Any]:
        """The command's answer (DESIGN §5)."""
        return {**self.counts(), "problems": [problem.as_dict() for problem in self.problems]}


def run(name: str, file: IO[bytes] | bytes, *, district: District, **options: Any) -> Report:
    """Imports a file into a district; see `run_table`. Raises BadFile, with nothing changed."""
    table = readers.read(name, file, district=district)
    return run_table(table, name=name, district=district, **options)


def run_table(
    table: Table,
    *,
    name: str,
    district: District,
    school: School | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    by: User | None = None,
    now: dt.datetime,
    upload: ContactImport | None = None,
    kind: ContactImport.Kind = ContactImport.Kind.FAMILIES,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Imports a table into a district (one school of it, if given) in one transaction.

    Without a `mapping` the district's remembered one is used, else a guess from the headers.
    `dry_run` does all of it and takes it back, so that it tells exactly what would happen.
    Every other import is kept as a ContactImport (`upload`, else a new one of this `kind`), by
    which it can be undone. With `overwrite` also what a person corrected by hand is the file's
    again. Raises BadFile, with nothing changed.
    """
    chosen = mapping
    if chosen is None:
        chosen = mappings.remembered(district, table.headers) or mappings.guess(table.headers)
    checked = mappings.check(chosen, table.headers, whole=table.whole)
    school = only_school(district, school, checked, whole=table.whole)
    cleaner = Cleaner(
        checked,
        table.headers,
        schools=SchoolFinder(School.objects.filter(district=district)),
        only_school=school.pk if school else None,
        vocabulary=vocabulary.Vocabulary(district),
        whole=table.whole,
    )
    with Spool() as spool:
        spool.fill(table.rows, key=cleaner.columns["student_id"])
        if not spool.rows:
            raise BadFile(_("There are no rows under the header."))
        with transaction.atomic():
            # One import into a district at a time: what is planned is what is written.
            District.objects.select_for_update().get(pk=district.pk)
            if upload is None and not dry_run:
                upload = _kept(name, kind, district, school, checked, by, now)
            job = Job(
                district,
                spool,
                cleaner,
                now=now,
                by=by,
                upload=None if dry_run else upload,
                whole=table.whole,
                overwrite=overwrite,
                progress=progress or (lambda _share: None),
            )
            report = job.run()
            if dry_run:
                transaction.set_rollback(True)
            else:
                mappings.remember(district, table.headers, checked)
                if upload is not None and upload.state == ContactImport.State.DONE:
                    upload.summary = report.counts()
                    upload.save(update_fields=["summary"])
    report.encoding = table.encoding
    return report


def only_school(
    district: District, school: School | None, mapping: Mapping[str, str], *, whole: bool
) -> School | None:
    """The school of every student in a file, None if a column says it. Raises BadFile."""
    if school is None:
        few = list(School.objects.filter(district=district)[:2])
        school = few[0] if len(few) == 1 else None
    if school is None and whole and "school" not in mapping:
        raise BadFile(
            _("The district has several schools, and no column says which one a student attends.")
        )
    return school


@dataclass
class Job:
    """One import inside its transaction."""

    district: District
    spool: Spool
    cleaner: Cleaner
    now: dt.datetime
    by: User | None
    upload: ContactImport | None
    whole: bool
    overwrite: bool
    progress: Progress

    def run(self) -> Report:
        """Writes everything and counts it. Raises BadFile if nothing of the file can go in."""
        today = timezone.localdate(self.now)
        writer = Writer(self.district, self.spool, now=self.now, by=self.by, upload=self.upload)
        matcher = Matcher(
            self.district,
            self.spool,
            self.cleaner.problems,
            now=self.now,
            today=today,
            whole=self.whole,
            overwrite=self.overwrite,
        )
        notes = vocabulary.Notes(self.district, self.upload, today) if self.upload else None
        report, changes, read = Report(rows=self.spool.rows), Counter[str](), 0
        for rows, records in self._chunks():
            plan = matcher.match(records)
            writer.write(plan)
            self.spool.touch(plan.touched)
            if notes is not None:
                notes.take(plan.unexplained, plan.understood)
            report.left += plan.left
            report.kept_by_hand += plan.kept_by_hand
            changes += plan.fields
            read += rows
            self.progress(0.95 * read / report.rows)
        outcomes = self.spool.outcomes()
        if not (outcomes or report.left):
            raise BadFile(self._no_students())
        if outcomes[NEW] >= CHUNK:
            bulk.tell_planner(Student, Contact, Guardianship, ContactPoint)
        endings = Endings(self.district, self.spool, writer, today=today, overwrite=self.overwrite)
        if self.whole:
            report.missing = endings.mark_missing_as_left()
            report.left += report.missing
        columns = self.cleaner.columns
        endings.take_away_addresses(channels(columns, "guardian"), channels(columns, "student_"))
        endings.let_guardians_go()
        endings.join_households()
        if outcomes[NEW]:
            report.possible_doubles = doubles.find(self.district, now=self.now)
        if self.upload is not None:
            writer.keep_journal()
            missed = self.cleaner.vocabulary.missed
            vocabulary.ask(self.district, missed, upload=self.upload, today=today)
        self._count(report, changes + endings.plan.fields)
        return report

    def _chunks(self) -> Iterator[tuple[int, list[StudentRecord]]]:
        """Cleaned records with the number of rows that they came from."""
        groups = self.spool.groups()
        while chunk := list(itertools.islice(groups, CHUNK)):
            records = [record for rows in chunk if (record := self.cleaner.record(rows))]
            yield sum(map(len, chunk)), records

    def _count(self, report: Report, changes: Counter[str]) -> None:
        outcomes = self.spool.outcomes()
        report.created, report.updated = outcomes[NEW], outcomes[CHANGED]
        report.unchanged = outcomes[SAME]
        report.skipped = self.cleaner.skipped
        report.changes = dict(changes.most_common())
        why = Counter[str]()
        for named in self.spool.students():
            why += reach.why_unreachable(Student.objects.present().filter(pk__in=named))
        report.unreachable, report.why_unreachable = why.total(), dict(why)
        report.problems = sorted(self.cleaner.problems.kept, key=lambda problem: problem.row)
        report.problem_count = self.cleaner.problems.count
        report.missed = self.cleaner.vocabulary.missed

    def _no_students(self) -> str:
        kept = self.cleaner.problems.kept
        if kept:
            first = min(kept, key=lambda problem: problem.row)
            return _("No row holds a student that can go in. Row %(row)s: %(why)s") % {
                "row": first.row,
                "why": first.message,
            }
        return _("No row holds a student who is enrolled.")


def channels(mapped: Mapping[str, int], prefix: str) -> set[str]:
    """The channels that a mapping's fields (all starting with `prefix`) speak of."""
    found = set()
    for name in mapped:
        if name.startswith(prefix) and name.endswith("phone"):
            found.add(str(Channel.SMS))
        if name.startswith(prefix) and name.endswith("email"):
            found.add(str(Channel.EMAIL))
    return found


def _kept(
    name: str,
    kind: ContactImport.Kind,
    district: District,
    school: School | None,
    mapping: Mapping[str, str],
    by: User | None,
    now: dt.datetime,
) -> ContactImport:
    """The record of an import that came by no page."""
    return ContactImport.objects.create(
        district=district,
        school=school,
        uploaded_by=by,
        file_name=name[:200],
        file_sha256="",
        kind=kind,
        state=ContactImport.State.DONE,
        mapping=dict(mapping),
        finished_at=now,
    )
