"""What completion files call schools, and which schools those are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from completion.models.snapshots import SourceFile
from schools.models import Cycle, School


class SchoolName(models.Model):
    """A person's word on which school a file means; it holds for every later file.

    A code alone tells a school; where a file has none, state, name and city together do
    (`completion/naming.py` folds them).
    """

    state = models.CharField(max_length=2, blank=True)
    code = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    printed = models.CharField(max_length=330, help_text=_("As the file says it."))
    school = models.ForeignKey(
        School,
        models.CASCADE,
        null=True,
        related_name="names_in_files",
        help_text=_("Empty: none of the schools here."),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["printed"]
        constraints = [
            models.UniqueConstraint(
                fields=["state", "code", "name", "city"], name="one_word_on_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.printed


class UnplacedRow(models.Model):
    """A line of a file that names no school known here: kept and counted, never dropped."""

    source = models.ForeignKey(SourceFile, models.CASCADE, related_name="unplaced")
    state = models.CharField(max_length=2, blank=True)
    code = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    printed = models.CharField(max_length=330)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+")
    as_of = models.DateField()
    row = models.JSONField(help_text=_("Line, name, city and cells, as in Snapshot.rows."))

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "code", "name", "city"])]

    def __str__(self) -> str:
        return self.printed
