"""Writes plans: a few bulk statements each, within the transaction of the whole import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from contacts import consent, crypto, statuses
from contacts.ids import as_key
from contacts.imports import bulk
from contacts.imports.plan import Plan
from contacts.imports.rows import ContactRow, PointRow, Row, StudentRow, TieRow
from contacts.imports.spool import Spool
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    Consent,
    ConsentEntry,
    Contact,
    ContactImport,
    ContactPoint,
    Guardianship,
    ImportChange,
    NameWord,
    Student,
    Suppression,
)
from contacts.names import words_of
from schools.models import District, User

ENROLMENT_FORM = "enrolment form"
DISTRICT_RECORDS = "district's records"
JOURNAL_CHUNK = 2_000


class Writer:
    """Writes one import into one district; with an `upload`, so that it can be undone."""

    def __init__(
        self,
        district: District,
        spool: Spool,
        *,
        now: dt.datetime,
        by: User | None,
        upload: ContactImport | None,
    ) -> None:
        self.district, self.spool, self.now, self.by, self.upload = district, spool, now, by, upload
        self.source = f"import of {timezone.localdate(now).isoformat()}"
        self._origin = as_key(upload.pk) if upload else None

    def write(self, plan: Plan) -> None:
        """Writes everything of the plan. The caller holds the transaction."""
        self._add_students(plan.new_students)
        self._add_contacts(plan.new_contacts)
        bulk.insert(
            Guardianship,
            [*TieRow.FIELDS, "brought_by_id"],
            ([*_values(tie), self._origin] for tie in plan.new_ties),
        )
        self._add_points(plan.new_points)
        self.update(plan.changed)
        if plan.opt_outs:
            self._silence(plan.opt_outs)
        if plan.findings:
            statuses.record_many(
                plan.findings, source=AidStatusEntry.Source.ROSTER, by=self.by, upload=self.upload
            )

    def update(self, rows: Iterable[Row]) -> None:
        """Writes changed rows, and in the journal what they were before."""
        kinds: dict[type[Row], dict[tuple[str, ...], list[Any]]] = {}
        for row in rows:
            if row.before:
                names = tuple(sorted(row.before))
                kinds.setdefault(type(row), {}).setdefault(names, []).append(row)
        for kind, by_names in kinds.items():
            model = kind.MODEL  # type: ignore[attr-defined]
            renamed = {"first_name", "last_name"}
            for names, changed in by_names.items():
                values = ([*(getattr(row, n) for n in names), row.pk] for row in changed)
                bulk.update(model, names, values)
                if renamed & {*names} and kind in (StudentRow, ContactRow):
                    self._reword(changed)
            if self.upload is not None:
                everything = [row for changed in by_names.values() for row in changed]
                self.spool.enter(_change(model, row) for row in everything)
            for changed in by_names.values():
                for row in changed:
                    row.before = {}

    def keep_journal(self) -> None:
        """Moves the journal from the spool into the records."""
        assert self.upload is not None
        chunk = []
        for model, row, before, after in self.spool.entries():
            chunk.append([self._origin, model, row, before, after])
            if len(chunk) == JOURNAL_CHUNK:
                self._add_changes(chunk)
                chunk = []
        self._add_changes(chunk)

    def _add_changes(self, chunk: list[list[Any]]) -> None:
        bulk.insert(ImportChange, ["upload_id", "model", "row", "before", "after"], chunk)

    # New rows ---------------------------------------------------------------------------

    def _add_students(self, students: Sequence[StudentRow]) -> None:
        district = self.district.pk
        bulk.insert(
            Student,
            ["id", "district_id", "aid_status", *StudentRow.FIELDS, "brought_by_id"],
            (
                [s.pk, district, AidStatus.NOT_STARTED.value, *_values(s), self._origin]
                for s in students
            ),
        )
        self._add_words((word, s.pk, None) for s in students for word in _words(s))

    def _add_contacts(self, contacts: Sequence[ContactRow]) -> None:
        bulk.insert(
            Contact,
            ["id", "district_id", *ContactRow.FIELDS, "brought_by_id"],
            ([c.pk, self.district.pk, *_values(c), self._origin] for c in contacts),
        )
        guardians = [c for c in contacts if c.student_id is None]
        self._add_words((word, None, c.pk) for c in guardians for word in _words(c))

    def _add_words(self, words: Iterable[tuple[str, str | None, str | None]]) -> None:
        bulk.insert(NameWord, ["word", "student_id", "contact_id"], words)

    def _reword(self, renamed: Sequence[StudentRow | ContactRow]) -> None:
        """The search finds renamed people by their new names."""
        people = [r for r in renamed if isinstance(r, StudentRow) or r.student_id is None]
        owner = "student_id" if isinstance(renamed[0], StudentRow) else "contact_id"
        NameWord.objects.filter(**{f"{owner}__in": [r.pk for r in people]}).delete()
        if owner == "student_id":
            self._add_words((word, r.pk, None) for r in people for word in _words(r))
        else:
            self._add_words((word, None, r.pk) for r in people for word in _words(r))

    def _add_points(self, points: Sequence[PointRow]) -> None:
        """Seals addresses and enters into the ledger on what they rest."""
        table = f"{ContactPoint._meta.db_table}.address_sealed"
        bulk.insert(
            ContactPoint,
            [
                "id", "address_sealed", "area_zone", "unusable", "created_at",
                *PointRow.FIELDS, "brought_by_id",
            ],
            (
                [
                    p.pk, crypto.seal(p.text, f"{table}.{UUID(p.pk)}"), p.area_zone, "", self.now,
                    *_values(p), self._origin,
                ]
                for p in points
            ),
        )  # fmt: skip
        by, district, given = self.by.pk if self.by else None, self.district.pk, "given"
        bulk.insert(
            ConsentEntry,
            [
                "channel", "address_index", "contact_point_id", "district_id", "action", "basis",
                "source", "at", "recorded_by_id", "brought_by_id",
            ],
            (
                [
                    p.channel, p.address_index, p.pk, district, given, ENROLMENT_FORM,
                    self.source, self.now, by, self._origin,
                ]
                for p in points
                if p.consent != Consent.WITHDRAWN
            ),
        )  # fmt: skip

    def _silence(self, keys: set[tuple[str, str]]) -> None:
        """Adds a file's opt-outs; what they changed is journaled like everything else."""
        changed = consent.withdraw_many(
            keys,
            reason=Suppression.Reason.IMPORTED,
            basis=DISTRICT_RECORDS,
            at=self.now,
            by=self.by,
            source=self.source,
            brought_by=self.upload,
        )
        if self.upload is not None:
            model = ContactPoint._meta.model_name or ""
            self.spool.enter(
                (model, str(pk), {"consent": before}, {"consent": Consent.WITHDRAWN.value})
                for pk, before in changed
            )


def _values(row: Any) -> list[Any]:
    return [getattr(row, name) for name in row.FIELDS]


def _words(row: StudentRow | ContactRow) -> list[str]:
    return words_of(f"{row.first_name} {row.last_name}")


def _change(model: Any, row: Any) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    after = {name: getattr(row, name) for name in row.before}
    pk = row.pk if isinstance(row, TieRow) else UUID(row.pk)
    return model._meta.model_name, str(pk), row.before, after
