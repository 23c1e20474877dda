"""A file of families on its way in."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.crypto import sealed
from schools.models import District, School, User

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ContactImportQuerySet(models.QuerySet["ContactImport"]):
    def visible_to(self, user: User | AnonymousUser) -> QuerySet[ContactImport]:
        """Imports into the places whose families this person may see in full."""
        if user.is_superuser:
            return self
        schools = School.objects.whose_families(user)
        districts = District.objects.administered_by(user)
        return self.filter(
            models.Q(school__in=schools) | models.Q(school=None, district__in=districts)
        )


class ContactImport(models.Model):
    """One uploaded file: what it holds, what it would change, and what became of it."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to be confirmed")
        PREVIEW = "preview", _("Ready to import")
        DONE = "done", _("Imported")
        REFUSED = "refused", _("Could not be read")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="contact_imports")
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="contact_imports"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    content_sealed = models.BinaryField(
        null=True, help_text=_("The file itself, sealed; emptied when the import is done.")
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAPPING)
    mapping = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, help_text=_("Counts only; never a family's data."))
    problems_sealed = models.BinaryField(default=b"")
    problems_text = sealed("problems_sealed")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ContactImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("contact-import", args=[self.pk])


class ImportMapping(models.Model):
    """The columns that a district confirmed for files with these headers."""

    district = models.ForeignKey(District, models.CASCADE, related_name="import_mappings")
    headers_sha256 = models.CharField(max_length=64)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "headers_sha256"], name="one_mapping_a_layout"
            )
        ]

    def __str__(self) -> str:
        return f"{self.district}: {self.headers_sha256[:8]}"
