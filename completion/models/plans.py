"""What a randomised campaign will be judged by, said before it is sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign

HORIZONS = (7, 14, 30, 60)


class PlanIsFixed(Exception):
    """The campaign was launched: its plan stays as it was."""


class Plan(models.Model):
    """One question, one horizon. Open while the campaign is a draft; launch fixes it for good."""

    class Outcome(models.TextChoices):
        COMPLETED = "completed", _("Completed")
        SUBMITTED = "submitted", _("Submitted")

    class Unit(models.TextChoices):
        HOUSEHOLD = "household", _("households, siblings together")
        SCHOOL = "school", _("whole schools")

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="plan")
    outcome = models.CharField(
        _("What counts"),
        max_length=10,
        choices=Outcome.choices,
        default=Outcome.COMPLETED,
        help_text=_("The one result that the campaign will be judged by."),
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("Days after launch"),
        choices=[(days, str(days)) for days in HORIZONS],
        default=30,
    )
    expected_percent = models.PositiveSmallIntegerField(
        _("Percent expected without the campaign"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text=_("If nobody can say: 50, the most cautious."),
    )
    alike_percent = models.PositiveSmallIntegerField(
        _("How alike students of one household are, in percent"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("0: like strangers. 100: what one does, the other does."),
    )
    # Known and fixed at launch.
    fixed_at = models.DateTimeField(null=True, blank=True)
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.HOUSEHOLD)
    treated = models.PositiveIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)
    strata = models.PositiveIntegerField(default=0)
    crowding = models.FloatField(default=1.0, help_text="Σm² / Σm of the drawn units")
    smallest_effect = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.outcome} {self.horizon_days}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises PlanIsFixed once the campaign was launched."""
        if self.pk and Plan.objects.filter(pk=self.pk, fixed_at__isnull=False).exists():
            raise PlanIsFixed(str(self))
        super().save(*args, **kwargs)

    @property
    def judged_on(self) -> dt.date | None:
        """The planned day; None before the launch."""
        launched = self.campaign.launched_at
        return (launched + dt.timedelta(days=self.horizon_days)).date() if launched else None


class ToldLine(models.Model):
    """A comparison as coordinators were told it, so that later looks tell of no few students."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=10, choices=Plan.Outcome.choices)
    comparison = models.CharField(max_length=20, blank=True, help_text="Two wordings, if these.")
    at = models.DateTimeField()
    estimate = models.JSONField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "outcome", "comparison", "at"], name="told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.outcome} {self.comparison} {self.at:%Y-%m-%d}"
