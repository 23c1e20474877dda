"""Federal Student Aid's own estimate of a district's completion rate."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from completion.models.snapshots import SourceFile
from schools.models import Cycle


class DistrictBand(models.Model):
    """The band of a district's rate on a date, as one file's sheet by district printed it.

    Whole percents, both ends included; empty where the file says that data are missing. An
    interval, never a point, and never added to what the schools' rows say.
    """

    source = models.ForeignKey(SourceFile, models.CASCADE, related_name="bands")
    leaid = models.CharField(max_length=7, help_text=_("The district’s NCES id."))
    name = models.CharField(max_length=160)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="+")
    as_of = models.DateField()
    low = models.PositiveSmallIntegerField(null=True)
    high = models.PositiveSmallIntegerField(null=True)
    row = models.PositiveIntegerField(help_text=_("Of the file’s sheet by district."))

    class Meta:
        ordering = ["as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "leaid", "cycle", "as_of"], name="band_once_a_file"
            )
        ]
        indexes = [models.Index(fields=["leaid", "cycle", "as_of"])]

    def __str__(self) -> str:
        return f"{self.leaid} {self.cycle_id} {self.as_of}: {self.low}-{self.high}"
