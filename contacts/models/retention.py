"""Students who are kept longer than their district's rule says."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Student


class HoldQuerySet(models.QuerySet["Hold"]):
    def on(self, day: dt.date) -> HoldQuerySet:
        """Those that are in force on a day."""
        return self.filter(Q(until=None) | Q(until__gt=day))


class Hold(models.Model):
    """A person's word that a student is not erased yet: until a day, or until somebody ends it."""

    student = models.OneToOneField(Student, models.CASCADE, related_name="hold")
    until = models.DateField(_("keep until"), null=True, blank=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    placed_at = models.DateTimeField()

    objects = HoldQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.student_id} until {self.until or 'told otherwise'}"
