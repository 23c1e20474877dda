"""Where a student's aid application stands, and how we know."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models.append_only import AppendOnly


class AidStatus(models.TextChoices):
    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Submitted")
    ACTION_NEEDED = "action_needed", _("Action needed")
    COMPLETED = "completed", _("Completed")


class ApplicationPath(models.TextChoices):
    """Which form a student files: a choice of form, and nothing more."""

    FAFSA = "fafsa", _("FAFSA")
    WASFA = "wasfa", _("WASFA")
    UNSPECIFIED = "unspecified", _("Not specified")


class AidStatusEntry(AppendOnly):
    """One thing we learned about a student's application."""

    class Source(models.TextChoices):
        FILE = "file", _("Status file")
        STAFF = "staff", _("School staff")
        FAMILY = "family", _("The family")
        ROSTER = "roster", _("School records")

    student = models.ForeignKey(
        "contacts.Student", models.CASCADE, related_name="aid_status_entries"
    )
    status = models.CharField(max_length=20, choices=AidStatus.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    brought_by = models.ForeignKey(
        "contacts.ContactImport",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )

    class Meta:
        ordering = ["-as_of", "-pk"]
        indexes = [
            models.Index(fields=["student", "-as_of"]),
            # Few words are a family's own; each is asked about when a file contradicts it.
            models.Index(
                fields=["student"], condition=models.Q(source="family"), name="word_of_a_family"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} ({self.source})"
