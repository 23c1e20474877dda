"""What pages of large places read instead of every snapshot; made anew when figures come in."""

from __future__ import annotations

from django.db import models

from schools.models import Cycle, School


class Summary(models.Model):
    """A place in a cycle: only what may be told of it (suppression.py, together.py)."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=12)
    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+")
    state = models.ForeignKey("schools.State", models.CASCADE, related_name="+")
    figures = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "cycle"], name="one_summary_of_a_place")
        ]
        verbose_name_plural = "summaries"

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.cycle_id}"


class SchoolSummary(models.Model):
    """A school in a cycle: what lists sort by, and its dot; by what is shown, never by more."""

    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+")
    rated = models.BooleanField()
    seniors_count = models.PositiveIntegerField(null=True)
    rate_low = models.FloatField(null=True, help_text="Only where it may be told as it is.")
    rate_high = models.FloatField(null=True)
    name = models.CharField(max_length=160)
    seniors = models.FloatField(null=True)
    submitted = models.FloatField(null=True)
    completed = models.FloatField(null=True)
    rate = models.FloatField(null=True)
    change = models.FloatField(null=True)
    last_year = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "cycle"], name="one_summary_of_a_school")
        ]
        verbose_name_plural = "school summaries"

    def __str__(self) -> str:
        return f"{self.school_id} {self.cycle_id}"
