"""What staff did, one sealed entry after another."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from schools.models import AuditEntry, District, User

BEGINNING = "0" * 64


def record(
    actor: User | None,
    action: str,
    subject: str,
    *,
    district: District | None = None,
    **details: Any,
) -> AuditEntry:
    """Adds an entry sealed by the one before. Pass ids and counts, never a family's data."""
    with transaction.atomic():
        last = AuditEntry.objects.select_for_update().order_by("-pk").first()
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
