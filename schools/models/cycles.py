"""Award years and their dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from schools.models.people import User
    from schools.models.places import District


def check_cycle_name(name: str) -> None:
    """Raises ValidationError unless `name` is an award year such as 2026-27."""
    first, dash, second = name.partition("-")
    if not (
        dash and len(first) == 4 and first.isdigit() and second == f"{(int(first) + 1) % 100:02d}"
    ):
        raise ValidationError(
            _("“%(name)s” is not an award year such as 2026-27.") % {"name": name}
        )


class Cycle(models.Model):
    """An award year: 2026-27 is for students who begin in the autumn of 2026."""

    name = models.CharField(max_length=7, primary_key=True, validators=[check_cycle_name])
    opened_on = models.DateField(
        null=True, blank=True, help_text=_("When the FAFSA opened to everyone.")
    )
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["-name"]

    def __str__(self) -> str:
        return self.name

    @property
    def first_year(self) -> int:
        return int(self.name[:4])

    @property
    def senior_year(self) -> str:
        """The school year in which its students are seniors: 2023-24 for 2024-25."""
        first = self.first_year - 1
        return f"{first}-{(first + 1) % 100:02d}"

    @property
    def previous_name(self) -> str:
        """The award year before: 2023-24 for 2024-25."""
        return self.senior_year

    @staticmethod
    def name_on(day: dt.date, *, grade: str = "12") -> str:
        """The award year that students of a grade will file for, as things stand on a day.

        Seniors file now, others when they are seniors; a new year begins each 1 October.
        """
        first = day.year + 1 if day.month >= 10 else day.year
        if grade.isdecimal():
            first += min(max(12 - int(grade), 0), 12)
        return f"{first}-{(first + 1) % 100:02d}"


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def of_district(self, district: District) -> DeadlineQuerySet:
        """The dates that a district's families go by, in order: the country's, its state's, its
        own."""
        wide = models.Q(state=None) | models.Q(state=district.state_id)
        theirs = models.Q(wide, district=None) | models.Q(district=district)
        return self.filter(theirs).order_by("on", "pk")

    def set_by(self, user: User) -> DeadlineQuerySet:
        """The dates that this person may change."""
        return self if user.is_superuser else self.filter(district__in=user.scope.districts)


class Deadline(models.Model):
    """A date that matters in a cycle: priority, state or college deadline, an event.

    The whole country's, a state's, or one district's own.
    """

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="deadlines")
    state = models.ForeignKey(
        "schools.State", models.CASCADE, null=True, blank=True, related_name="deadlines"
    )
    district = models.ForeignKey(
        "schools.District", models.CASCADE, null=True, blank=True, related_name="deadlines"
    )
    name = models.CharField(_("name"), max_length=120)
    on = models.DateField(_("day"))
    source = models.TextField(_("source"), blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.name} ({self.cycle_id})"

    @property
    def place(self) -> str:
        """Whose date it is; empty: the whole country's."""
        return str(self.district or self.state or "")
