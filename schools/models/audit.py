"""What staff did: append-only, each entry sealed by the one before."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from schools.actions import ACTIONS
from schools.models.append_only import AppendOnly


class AuditEntry(AppendOnly):
    """One action of one person. Carries ids, never a phone, an address or a family's name."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    district = models.ForeignKey(
        "schools.District", models.PROTECT, null=True, related_name="audit_entries"
    )
    details = models.JSONField(default=dict)
    seal = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject"])]

    @property
    def told(self) -> str:
        """What was done, in the reader's language."""
        return str(ACTIONS.get(self.action, self.action))

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
