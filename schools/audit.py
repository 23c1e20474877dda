"""What staff did, kept for good: each entry carries the hash of the one before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from schools.models import AuditEntry, District, User


def record(
    actor: User | None,
    action: str,
    subject: str,
    *,
    district: District | None = None,
    at: dt.datetime | None = None,
    **details: Any,
) -> AuditEntry:
    """Adds one entry to the chain. `details` carry ids and counts, never a family's data."""
    at = at or timezone.now()
    with transaction.atomic():
        newest = AuditEntry.objects.select_for_update().order_by("-pk").first()
        content = json.dumps(
            [
                newest.seal if newest else "",
                at.isoformat(),
                actor.pk if actor else None,
                action,
                subject,
                district.pk if district else None,
                details,
            ],
            sort_keys=True,
            default=str,
        )
        return AuditEntry.objects.create(
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            district=district,
            details=details,
            seal=hashlib.sha256(content.encode()).hexdigest(),
        )
