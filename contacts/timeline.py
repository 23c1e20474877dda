"""A family's history in one list: files that spoke of it, consent, status, what staff did.

Floors only look down, so a room above that knows more registers a source in its app's `ready()`:

    timeline.register(messages_of)    # (user, students, contacts) -> moments
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts import consent
from contacts.models import (
    AidStatusEntry,
    ConsentEntry,
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    ImportChange,
    Student,
)
from contacts.statuses import standing
from schools.models import AuditEntry, User

SHOWN = 40


@dataclass(frozen=True)
class Moment:
    """One thing that happened: when, what, and who did it or where it came from."""

    at: dt.datetime
    what: str
    who: str = ""
    undone: bool = False


Source = Callable[[User, Sequence[Student], Sequence[Contact]], Iterable[Moment]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Adds what another room knows; registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def of(user: User, students: Sequence[Student], contacts: Sequence[Contact]) -> list[Moment]:
    """All that happened to these people, newest first; a constant number of queries."""
    moments = [
        *_imports(students, contacts),
        *_consents(contacts),
        *_statuses(students),
        *_by_staff(students, contacts),
        *(moment for source in _sources for moment in source(user, students, contacts)),
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _imports(students: Sequence[Student], contacts: Sequence[Contact]) -> Iterable[Moment]:
    keys = [str(row.pk) for row in (*students, *contacts)]
    points = ContactPoint.objects.filter(contact__in=[c.pk for c in contacts])
    ties = Guardianship.objects.filter(
        Q(student__in=[s.pk for s in students]) | Q(contact__in=[c.pk for c in contacts])
    )
    keys += [str(pk) for pk in points.values_list("pk", flat=True)]
    keys += [str(pk) for pk in ties.values_list("pk", flat=True)]
    brought = {s.brought_by_id for s in students} | {c.brought_by_id for c in contacts}
    changed = ImportChange.objects.filter(row__in=keys).values("upload")
    for upload in ContactImport.objects.filter(
        Q(pk__in=brought - {None}) | Q(pk__in=changed), finished_at__isnull=False
    ).select_related("uploaded_by"):
        what = _("Brought by %(file)s") if upload.pk in brought else _("Changed by %(file)s")
        assert upload.finished_at is not None
        yield Moment(
            upload.finished_at,
            what % {"file": upload.file_name},
            str(upload.uploaded_by or ""),
            upload.state == ContactImport.State.UNDONE,
        )


def _consents(contacts: Sequence[Contact]) -> Iterable[Moment]:
    points = ContactPoint.objects.filter(contact__in=[c.pk for c in contacts])
    entries = ConsentEntry.objects.filter(
        address_index__in=list(points.values_list("address_index", flat=True))
    ).select_related("recorded_by", "brought_by")
    for entry in entries:
        action = entry.get_action_display().lower()
        what = f"{entry.get_channel_display()}: {action} ({consent.how(entry)})"
        undone = entry.brought_by is not None and entry.brought_by.state == "undone"
        yield Moment(entry.at, what, str(entry.recorded_by or entry.source), undone)


def _statuses(students: Sequence[Student]) -> Iterable[Moment]:
    entries = AidStatusEntry.objects.filter(student__in=[s.pk for s in students])
    counts = set(standing(entries).values_list("pk", flat=True))
    for entry in entries.select_related("recorded_by"):
        yield Moment(
            entry.as_of,
            _("Aid status: %(status)s") % {"status": entry.get_status_display()},
            str(entry.recorded_by or entry.get_source_display()),
            entry.pk not in counts,
        )


def _by_staff(students: Sequence[Student], contacts: Sequence[Contact]) -> Iterable[Moment]:
    points = ContactPoint.objects.filter(contact__in=[c.pk for c in contacts])
    subjects = [f"student {s.pk}" for s in students] + [f"contact {c.pk}" for c in contacts]
    subjects += [f"contact point {pk}" for pk in points.values_list("pk", flat=True)]
    districts = {s.district_id for s in students} | {c.district_id for c in contacts}
    entries = AuditEntry.objects.filter(district__in=districts, subject__in=subjects)
    for entry in entries.exclude(action="student.status").select_related("actor"):
        yield Moment(entry.at, entry.told, str(entry.actor or ""))
