"""Taking a whole import back, as long as nothing that came later rests on it.

What it added goes, what it changed is again as it was. Ledgers are never rewritten: the entries
that it made stay and say which import they came from, and one that was undone counts no more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import names, statuses
from contacts.ids import as_key
from contacts.imports import bulk
from contacts.models import (
    AidStatusEntry,
    ConsentEntry,
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    Household,
    ImportChange,
    NameWord,
    Student,
    Suppression,
)
from contacts.signals import undoing

AT_ONCE = 1_000
QUICK_ROWS = 1_000  # an import of no more is looked through while a page waits
MODELS: dict[str, type[models.Model]] = {
    str(model._meta.model_name): model for model in (Student, Contact, Guardianship, ContactPoint)
}

Progress = Callable[[float], None]


class CannotUndo(Exception):
    """Something rests on the import; `reasons` says what, for a person."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def objections(upload: ContactImport, *, thorough: bool = True) -> list[str]:
    """Why the import cannot be undone, in words; nothing if it can.

    Only a `thorough` look goes through all that it brought and changed.
    """
    found = []
    if "changes" not in upload.summary:
        return [_("It was imported before imports could be undone.")]
    if upload.forgotten_at:
        return [_("It was too long ago: what was there before is no longer kept.")]
    if _later_imports(upload).exists():
        found.append(_("A later file was imported on top of it. Undo that one first."))
    if not thorough:
        return found
    count = len(_changed_since(upload))
    if count:
        found.append(
            ngettext(
                "%(count)s record that it changed has been changed again since.",
                "%(count)s records that it changed have been changed again since.",
                count,
            )
            % {"count": count}
        )
    students, contacts = _brought(Student, upload), _brought(Contact, upload)
    count = _worked_on(upload)
    if count:
        found.append(
            ngettext(
                "%(count)s family that it brought has been worked on since.",
                "%(count)s families that it brought have been worked on since.",
                count,
            )
            % {"count": count}
        )
    for _receiver, reason in undoing.send(
        sender=ContactImport, upload=upload, students=students, contacts=contacts
    ):
        if reason:
            found.append(str(reason))
    return found


def foreseen(upload: ContactImport) -> list[str]:
    """The objections as far as a page can wait for them; a large import's job finds the rest."""
    return objections(upload, thorough=upload.summary.get("rows", 0) <= QUICK_ROWS)


def undo(upload: ContactImport, *, progress: Progress = lambda _share: None) -> None:
    """Takes a finished import back in one transaction. Raises CannotUndo, with nothing changed."""
    with transaction.atomic():
        reasons = objections(upload)
        if reasons:
            raise CannotUndo(reasons)
        told = set(
            AidStatusEntry.objects.filter(brought_by=upload).values_list("student", flat=True)
        )
        _restore(upload)
        progress(0.3)
        _release(upload)
        _remove(upload, progress)
        upload.changes.all().delete()
        upload.state = ContactImport.State.UNDONE
        upload.save(update_fields=["state"])
        statuses.recompute(Student.objects.filter(pk__in=told))


def _later_imports(upload: ContactImport) -> QuerySet[ContactImport]:
    """Finished imports of families that came later and may speak of the same ones."""
    later = ContactImport.objects.filter(
        district=upload.district_id,
        kind__in=[ContactImport.Kind.FAMILIES, ContactImport.Kind.ROSTER],
        state=ContactImport.State.DONE,
    ).filter(
        Q(finished_at__gt=upload.finished_at) | Q(finished_at=upload.finished_at, pk__gt=upload.pk)
    )
    if upload.school_id:
        later = later.filter(Q(school=None) | Q(school=upload.school_id))
    return later


def _changed_since(upload: ContactImport) -> list[str]:
    """Rows that no longer hold what the import wrote: somebody changed them, or they are gone."""
    changed = []
    for model, entries in _journal(upload):
        rows = {str(row.pk): row for row in model._default_manager.filter(
            pk__in=[entry.row for entry in entries]
        )}  # fmt: skip
        for entry in entries:
            row = rows.get(entry.row)
            if row is None or any(
                _python(model, name, value) != getattr(row, name)
                for name, value in entry.after.items()
            ):
                changed.append(entry.row)
    return changed


def _journal(
    upload: ContactImport,
) -> Iterable[tuple[type[models.Model], list[ImportChange]]]:
    """Chunks of the journal, each of one model."""
    entries = upload.changes.order_by("model", "row").iterator(AT_ONCE)
    for name, group in itertools.groupby(entries, key=lambda entry: entry.model):
        while chunk := list(itertools.islice(group, AT_ONCE)):
            yield MODELS[name], chunk


def _worked_on(upload: ContactImport) -> int:
    """Students and contacts of the import on whom something else has come to rest."""
    later_tie = Guardianship.objects.exclude(brought_by=upload)
    later_point = ContactPoint.objects.filter(contact=OuterRef("pk")).filter(
        ~Q(brought_by=upload) | Q(brought_by=None) | Q(by_hand=True)
    )
    other_word = AidStatusEntry.objects.filter(student=OuterRef("pk")).filter(
        ~Q(brought_by=upload) | Q(brought_by=None)
    )
    no_hand = Q(by_hand=[])
    students = _brought(Student, upload).filter(
        ~no_hand | Q(Exists(other_word)) | Q(Exists(_others(later_tie, "student"))) | _tagged()
    )
    contacts = _brought(Contact, upload).filter(
        ~no_hand | Q(Exists(later_point)) | Q(Exists(_others(later_tie, "contact")))
    )
    hand_tied = _brought(Guardianship, upload).filter(by_hand=True)
    return students.count() + contacts.count() + hand_tied.count()


def _others(ties: QuerySet[Guardianship], owner: str) -> QuerySet[Guardianship]:
    return ties.filter(**{owner: OuterRef("pk")})


def _tagged() -> Q:
    tags = Student.tags.through.objects.filter(student=OuterRef("pk"))
    return Q(Exists(tags))


def _restore(upload: ContactImport) -> None:
    """Gives changed rows the values that they had."""
    for model, entries in _journal(upload):
        by_names: dict[tuple[str, ...], list[list[Any]]] = {}
        for entry in entries:
            fields = tuple(sorted(entry.before))
            values = [entry.before[name] for name in fields]
            by_names.setdefault(fields, []).append([*values, _key(model, entry.row)])
        for fields, rows in by_names.items():
            bulk.update(model, fields, rows)
            if {"first_name", "last_name"} & {*fields}:
                renamed = [row[-1] for row in rows]
                if model is Student:
                    names.reindex(students=renamed)
                else:
                    names.reindex(contacts=renamed)


def _release(upload: ContactImport) -> None:
    """Lifts the silences that this file alone asked for; a family's own no stays.

    Consent of the addresses is restored by the journal, and only where the silence is lifted:
    whoever said no since then is still silent.
    """
    theirs = Suppression.objects.active().filter(brought_by=upload)
    own_no = ConsentEntry.objects.filter(
        channel=OuterRef("channel"),
        address_index=OuterRef("address_index"),
        action=ConsentEntry.Action.WITHDRAWN,
    ).filter(~Q(brought_by=upload) | Q(brought_by=None))
    alone = theirs.exclude(Exists(own_no))
    kept = theirs.filter(Exists(own_no)).values("channel", "address_index")
    for suppression in kept:
        ContactPoint.objects.filter(**suppression).update(consent="withdrawn")
    alone.delete()


def _remove(upload: ContactImport, progress: Progress) -> None:
    """Deletes what the import added, children first; ledgers lose no entry."""
    students, contacts = _brought(Student, upload), _brought(Contact, upload)
    NameWord.objects.filter(Q(student__in=students) | Q(contact__in=contacts)).delete()
    doomed: list[QuerySet[Any]] = [
        _brought(ContactPoint, upload),
        _brought(Guardianship, upload),
        contacts,
        students,
        _brought(Household, upload).exclude(
            Exists(Student.objects.filter(household=OuterRef("pk")))
        ),
    ]
    for number, rows in enumerate(doomed, start=1):
        while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            rows.model._default_manager.filter(pk__in=pks).delete()
        progress(0.3 + 0.7 * number / len(doomed))


def _brought(model: Any, upload: ContactImport) -> QuerySet[Any]:
    return model._default_manager.filter(brought_by=upload)


def _python(model: type[models.Model], name: str, value: Any) -> Any:
    """A journaled value as the model holds it."""
    field: Any = next(f for f in model._meta.concrete_fields if f.attname == name)
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    return field.to_python(value)


def _key(model: type[models.Model], row: str) -> str | int:
    """A journaled row's primary key as bulk statements write it."""
    return int(row) if model is Guardianship else as_key(UUID(row))
