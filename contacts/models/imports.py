"""A file of families on its way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.crypto import sealed
from contacts.ids import new_id
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
    """One file: what it holds, what it would change, and what became of it."""

    class Kind(models.TextChoices):
        FAMILIES = "families", _("Families")
        STATUSES = "statuses", _("Aid statuses")
        ROSTER = "roster", _("Roster service")

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to be confirmed")
        READING = "reading", _("Being read")
        PREVIEW = "preview", _("Ready to import")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        REFUSED = "refused", _("Could not be read")

    # What may follow what; uploads.move() asks this table and nothing else changes a state.
    MOVES: ClassVar[dict[str, set[str]]] = {
        State.MAPPING: {State.READING, State.PREVIEW, State.REFUSED},
        State.READING: {State.PREVIEW, State.MAPPING, State.REFUSED},
        State.PREVIEW: {State.MAPPING, State.READING, State.IMPORTING},
        State.IMPORTING: {State.DONE, State.PREVIEW},
        State.DONE: {State.UNDOING},
        State.UNDOING: {State.UNDONE, State.DONE},
        State.UNDONE: set(),
        State.REFUSED: set(),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
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
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FAMILIES)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAPPING)
    mapping = models.JSONField(default=dict)
    # The day that rows of a status file without one of their own speak of.
    as_of = models.DateField(null=True, blank=True)
    summary = models.JSONField(default=dict, help_text=_("Counts only; never a family's data."))
    problems_sealed = models.BinaryField(default=b"")
    problems_text = sealed("problems_sealed")
    overwrite = models.BooleanField(
        default=False, help_text=_("Also what a person corrected by hand.")
    )
    error = models.TextField(blank=True, help_text=_("Why nothing was changed, for the person."))
    progress = models.PositiveSmallIntegerField(default=0, help_text=_("Per cent."))
    alive_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the work on it last gave a sign of life.")
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When cells and values from before were let go.")
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ContactImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("contact-import", args=[self.pk])


class ImportPiece(models.Model):
    """A megabyte of an uploaded file, sealed; gone when the import is done."""

    upload = models.ForeignKey(ContactImport, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="one_piece_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}, {self.number}"


class ImportChange(models.Model):
    """What a row that was already there held before an import changed it.

    The values are let go in time (imports/forgetting.py); that it was changed stays.
    """

    upload = models.ForeignKey(ContactImport, models.CASCADE, related_name="changes")
    model = models.CharField(max_length=20)
    row = models.CharField(max_length=36)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "model", "row"], name="one_change_a_row")
        ]
        indexes = [models.Index(fields=["row"])]

    def __str__(self) -> str:
        return f"{self.model} {self.row}"


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
