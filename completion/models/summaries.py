"""What pages read instead of every snapshot; worked out anew when figures come in."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from schools.models import Cycle, School


class Reckoning(models.Model):
    """A state in a cycle: whether its summaries are of the newest figures.

    Whoever changes a figure adds one to `asked`; whoever has worked the summaries out says which
    `asked` was there before the figures were read. So a change in the midst of it is not lost.
    """

    state = models.ForeignKey("schools.State", models.CASCADE, related_name="+", db_index=False)
    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", db_index=False)
    asked = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(null=True)
    least = models.PositiveSmallIntegerField(
        default=0, help_text="The SMALL_COUNT that it was made with; good for no other."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state", "cycle"], name="one_reckoning_of_a_cycle")
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.cycle_id}"

    @classmethod
    def due(cls, least: int) -> models.Q:
        """Those that are not of the newest figures, or were made with another threshold."""
        return models.Q(made=None) | models.Q(made__lt=F("asked")) | ~models.Q(least=least)


class Summary(models.Model):
    """A place in a cycle: only what may be told of it (suppression.py, together.py)."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=60)
    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", db_index=False)
    state = models.ForeignKey("schools.State", models.CASCADE, related_name="+", db_index=False)
    published = models.BooleanField(help_text="A number of this cycle is published.")
    schools = models.PositiveIntegerField()
    figures = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "cycle"], name="one_summary_of_a_place")
        ]
        indexes = [models.Index(fields=["state", "cycle"], name="summary_of_a_state")]
        verbose_name_plural = "summaries"

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.cycle_id}"


class SchoolSummary(models.Model):
    """A school in a cycle: its told figures, what lists sort by, and its dot; never more."""

    school = models.ForeignKey(School, models.CASCADE, related_name="+", db_index=False)
    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="+", db_index=False)
    state = models.ForeignKey("schools.State", models.CASCADE, related_name="+", db_index=False)
    published = models.BooleanField(help_text="A number of this cycle is published.")
    listed = models.BooleanField(help_text="There is something to show in a list.")
    as_of = models.DateField(null=True)
    federal = models.BooleanField(default=False, help_text="The newest figure is the federal one.")
    rated = models.BooleanField()
    seniors_count = models.PositiveIntegerField(null=True)
    rate_low = models.FloatField(null=True, help_text="Only where it may be told as it is.")
    rate_high = models.FloatField(null=True)
    name = models.CharField(max_length=160)
    folded_name = models.CharField(max_length=200, help_text="The name that lists are sorted by.")
    seniors = models.FloatField(null=True)
    submitted = models.FloatField(null=True)
    completed = models.FloatField(null=True)
    rate = models.FloatField(null=True)
    change = models.FloatField(null=True)
    last_year = models.FloatField(null=True)
    brief = models.JSONField(help_text="What its line in a list shows.")
    cells = models.JSONField(help_text="Its cells in a file; empty where these need words.")
    spark = models.JSONField(null=True, help_text="The line beside it in a list.")
    figures = models.JSONField(help_text="Its weeks, and the seniors of its class.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "cycle"], name="one_summary_of_a_school")
        ]
        indexes = [
            # A school among those of its state with as many seniors, on the same day (similar.py).
            models.Index(
                fields=["state", "cycle", "as_of", "seniors_count", "rate_low"],
                name="school_summary_alike",
            ),
        ]
        verbose_name_plural = "school summaries"

    def __str__(self) -> str:
        return f"{self.school_id} {self.cycle_id}"
