"""Where students' applications stand: every word is kept, the newest one counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from contacts.models import AidStatus, AidStatusEntry, Student
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


def record_many(
    findings: Iterable[Finding], *, source: AidStatusEntry.Source | str, by: User | None = None
) -> int:
    """Records a file's findings in a few statements; returns how many were news.

    What a student's newest entry from the same source already says is not repeated, and a
    finding older than the newest entry joins the history without changing the current status.
    """
    findings = list(findings)
    with transaction.atomic():
        newest_by_student: dict[object, tuple[dt.datetime, str]] = {}
        told: dict[object, tuple[dt.datetime, str]] = {}
        for chunk in _chunks([f.student.pk for f in findings], 500):
            known = AidStatusEntry.objects.filter(student__in=chunk).order_by("as_of", "pk")
            for entry in known:
                newest_by_student[entry.student_id] = (entry.as_of, entry.status)
                if entry.source == source:
                    told[entry.student_id] = (entry.as_of, entry.status)
        news, moved = [], {}
        for finding in sorted(findings, key=lambda f: f.as_of):
            student = finding.student
            last = told.get(student.pk)
            if last and (last[1] == finding.status or last[0] > finding.as_of):
                continue
            news.append(
                AidStatusEntry(
                    student=student,
                    status=finding.status,
                    source=source,
                    as_of=finding.as_of,
                    recorded_by=by,
                )
            )
            told[student.pk] = (finding.as_of, finding.status)
            newest = newest_by_student.get(student.pk)
            if newest is None or newest[0] <= finding.as_of:
                newest_by_student[student.pk] = (finding.as_of, finding.status)
                if _move(student, finding.status, finding.as_of):
                    moved[student.pk] = student
        AidStatusEntry.objects.bulk_create(news, batch_size=1000)
        Student.objects.bulk_update(
            moved.values(), ["aid_status", "aid_status_since"], batch_size=500
        )
    return len(news)


def _move(student: Student, status: str, as_of: dt.datetime) -> bool:
    """Sets the current status; False if it already stands so (then `since` stays as well)."""
    if student.aid_status == status and student.aid_status_since is not None:
        return False
    student.aid_status, student.aid_status_since = status, as_of
    return True


def _chunks(values: list[object], size: int) -> Iterable[list[object]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
