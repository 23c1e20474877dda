"""How many applications a school's seniors had submitted and completed on a date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from schools.models import Cycle, School, User

HIDDEN = "<5"  # how Federal Student Aid prints 0 to 4


class SourceFile(models.Model):
    """A completion file as it was read."""

    class Kind(models.TextChoices):
        FEDERAL = "federal", _("Federal Student Aid, by high school")
        OWN = "own", _("A district's or state's own count")
        MADE_UP = "made_up", _("Made up for the demonstration")

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FEDERAL)
    as_of = models.DateField()
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="source_files")
    rows = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict)
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-as_of", "-imported_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-source", args=[self.pk])


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def newest(self) -> SnapshotQuerySet:
        """The newest file's word on each school, cycle and date; older words stay stored."""
        return self.filter(superseded=False)

    def visible_to(self, user: User | AnonymousUser) -> SnapshotQuerySet:
        """Figures of the schools that this person may see."""
        if user.is_superuser:
            return self
        return self.filter(school__in=School.objects.visible_to(user))


class Snapshot(models.Model):
    """A school's cumulative counts on a date in a cycle, as published in one file.

    A published `<5` hides 0 to 4: the known part is in `submitted` (`completed`), the number of
    hidden cells in `submitted_hidden` (`completed_hidden`), so that the true count lies between
    `submitted` and `submitted + 4 × submitted_hidden`. A school may fill several rows of a file.
    """

    HIDDEN_MOST = 4

    # The keys below begin with these; an index of each alone would only slow the import down.
    source = models.ForeignKey(SourceFile, models.CASCADE, related_name="snapshots", db_index=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="snapshots", db_index=False)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="snapshots", db_index=False)
    as_of = models.DateField()
    submitted = models.PositiveIntegerField()
    completed = models.PositiveIntegerField()
    submitted_hidden = models.PositiveSmallIntegerField(default=0)
    completed_hidden = models.PositiveSmallIntegerField(default=0)
    rows = models.JSONField(default=list, help_text=_("The file's own rows: name, city, cells."))
    superseded = models.BooleanField(
        default=False, help_text=_("A newer file speaks of the same school, cycle and date.")
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "school", "cycle", "as_of"], name="snapshot_once_a_file"
            )
        ]
        indexes = [
            models.Index(fields=["school", "cycle", "as_of"]),
            models.Index(
                fields=["cycle", "school", "as_of"],
                condition=models.Q(superseded=False),
                name="snapshot_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.cycle_id} {self.as_of}"

    def add_up(self, rows: list[dict[str, Any]]) -> None:
        """Takes these lines of the file as its own."""
        self.rows = rows
        self.submitted, self.submitted_hidden = summed(row["submitted"] for row in rows)
        self.completed, self.completed_hidden = summed(row["completed"] for row in rows)


def summed(cells: Iterable[str]) -> tuple[int, int]:
    """The sum of the known counts, and how many cells are hidden."""
    known = hidden = 0
    for cell in cells:
        if cell == HIDDEN:
            hidden += 1
        else:
            known += int(cell)
    return known, hidden
