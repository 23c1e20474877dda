"""What staff did, one sealed entry after another."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from schools.models import AuditEntry, District, User

BEGINNING = "0" * 64
ONE_AT_A_TIME = 0x41554449  # the advisory lock's number: "AUDI"


def record(
    actor: User | None,
    action: str,
    subject: str,
    *,
    district: District | None = None,
    **details: Any,
) -> AuditEntry:
    """Adds an entry sealed by the one before. Pass ids and counts, never a family's data.

    Whoever writes at the same time waits until this transaction ends.
    """
    with transaction.atomic():
        _wait_for_turn()
        last = AuditEntry.objects.order_by("-pk").first()
        entry = AuditEntry(
            at=timezone.now(),
            actor=actor,
            action=action,
            subject=subject,
            district=district,
            details=details,
        )
        entry.seal = _seal(entry, last.seal if last else BEGINNING)
        entry.save()
    return entry


def verify() -> AuditEntry | None:
    """The first entry whose seal does not fit what it says and what came before; None if all do."""
    before = BEGINNING
    for entry in AuditEntry.objects.order_by("pk").iterator():
        if entry.seal != _seal(entry, before):
            return entry
        before = entry.seal
    return None


def _wait_for_turn() -> None:
    """Two entries must never follow the same one, nor two the beginning.

    Locking the last row would not do: who waited for it would read it again, not its successor.
    SQLite needs nothing: its transactions begin with the write lock (IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _seal(entry: AuditEntry, before: str) -> str:
    said = [
        before,
        entry.at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.subject,
        entry.district_id,
        json.dumps(entry.details, sort_keys=True),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
