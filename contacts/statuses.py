"""Where students' applications stand: every word is kept, the newest one counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from contacts.models import AidStatus, AidStatusEntry, ContactImport, Student
from schools.models import User


@dataclass(frozen=True)
class Finding:
    """What one source says of one student at one moment."""

    student: Student
    status: str
    as_of: dt.datetime


def record(
    student: Student,
    status: AidStatus | str,
    *,
    source: AidStatusEntry.Source | str,
    as_of: dt.datetime,
    by: User | None = None,
) -> AidStatusEntry:
    """Adds to the student's history; the entry with the latest `as_of` is the current status.

    Saying the same thing of the same moment twice adds nothing and returns the first entry.
    """
    with transaction.atomic():
        kept = Student.objects.select_for_update().get(pk=student.pk)
        entry = AidStatusEntry.objects.filter(
            student=kept, status=status, source=source, as_of=as_of
        ).first()
        if entry is None:
            entry = AidStatusEntry.objects.create(
                student=kept, status=status, source=source, as_of=as_of, recorded_by=by
            )
        newest = AidStatusEntry.objects.filter(student=kept).order_by("-as_of", "-pk").first()
        if newest is not None and _move(kept, newest.status, newest.as_of):
            kept.save(update_fields=["aid_status", "aid_status_since"])
    student.aid_status, student.aid_status_since = kept.aid_status, kept.aid_status_since
    return entry


def news(
    findings: Iterable[Finding], *, source: AidStatusEntry.Source | str
) -> list[tuple[Finding, bool]]:
    """The findings that say something new, oldest first, each with whether it is now current.

    What a student's newest entry from the same source already says is not news: a file that
    repeats last week's word does not overrule what the family said in between.
    """
    findings = sorted(findings, key=lambda f: f.as_of)
    newest: dict[object, dt.datetime] = {}
    told: dict[object, tuple[dt.datetime, str]] = {}
    for chunk in _chunks([f.student.pk for f in findings], 500):
        known = AidStatusEntry.objects.filter(student_id__in=chunk).order_by("as_of", "pk")
        for student_id, status, said_by, as_of in known.values_list(
            "student_id", "status", "source", "as_of"
        ):
            newest[student_id] = as_of
            if said_by == source:
                told[student_id] = (as_of, status)
    found = []
    for finding in findings:
        key = finding.student.pk
        last = told.get(key)
        if last and (last[1] == finding.status or last[0] > finding.as_of):
            continue
        told[key] = (finding.as_of, finding.status)
        current = key not in newest or newest[key] <= finding.as_of
        if current:
            newest[key] = finding.as_of
        found.append((finding, current))
    return found


def record_many(
    findings: Iterable[Finding],
    *,
    source: AidStatusEntry.Source | str,
    by: User | None = None,
    upload: ContactImport | None = None,
) -> int:
    """Records a file's findings in a few statements; returns how many were news.

    With an `upload` its entries are that import's, and go when it is undone.

    A finding older than the student's newest entry joins the history and changes nothing else.
    """
    with transaction.atomic():
        fresh = news(findings, source=source)
        AidStatusEntry.objects.bulk_create(
            [
                AidStatusEntry(
                    student=finding.student,
                    status=finding.status,
                    source=source,
                    as_of=finding.as_of,
                    recorded_by=by,
                    brought_by=upload,
                )
                for finding, _current in fresh
            ],
            batch_size=1000,
        )
        current = {finding.student.pk: finding for finding, is_current in fresh if is_current}
        moved: dict[tuple[str, dt.datetime], list[UUID]] = {}
        for pk, finding in current.items():
            if _move(finding.student, finding.status, finding.as_of):
                moved.setdefault((finding.status, finding.as_of), []).append(pk)
        # One statement a status and date: far fewer of those than students.
        for (status, as_of), pks in moved.items():
            for chunk in _chunks(pks, 500):
                Student.objects.filter(pk__in=chunk).update(
                    aid_status=status, aid_status_since=as_of
                )
    return len(fresh)


def standing(entries: QuerySet[AidStatusEntry]) -> QuerySet[AidStatusEntry]:
    """The entries that count: those of an import that was undone do not."""
    undone = ContactImport.State.UNDONE
    return entries.exclude(brought_by__isnull=False, brought_by__state=undone)


def recompute(students: QuerySet[Student]) -> None:
    """Sets the current status anew from what still stands, after an import was undone."""
    entries = standing(AidStatusEntry.objects.all()).order_by("student", "as_of", "pk")
    for student in students:
        newest = None
        for entry in entries.filter(student=student):
            if newest is None or entry.status != newest.status:
                newest = entry
        student.aid_status = newest.status if newest else AidStatus.NOT_STARTED
        student.aid_status_since = newest.as_of if newest else None
        student.save(update_fields=["aid_status", "aid_status_since"])


def _move(student: Student, status: str, as_of: dt.datetime) -> bool:
    """Sets the current status; False if it already stands so (then `since` stays as well)."""
    if student.aid_status == status and student.aid_status_since is not None:
        return False
    student.aid_status, student.aid_status_since = status, as_of
    return True


def _chunks(values: list[UUID], size: int) -> Iterable[list[UUID]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
