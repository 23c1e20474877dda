"""Questions that only a person can answer, kept until one does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.crypto import sealed
from contacts.ids import new_id
from contacts.models.imports import ContactImport
from contacts.models.people import Student
from contacts.models.status import AidStatus
from schools.models import District, School, User


class Decided(models.Model):
    """Base of a question: who answered it, and when; open as long as nobody did."""

    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    def decide(self, *, by: User | None, at: dt.datetime) -> None:
        """Marks the question as answered; the caller saves."""
        self.decided_at, self.decided_by = at, by


class PossibleDoubleQuerySet(models.QuerySet["PossibleDouble"]):
    def visible_to(self, user: User | AnonymousUser) -> PossibleDoubleQuerySet:
        """Pairs of which this person may see both."""
        if user.is_superuser:
            return self
        seen = Student.objects.visible_to(user)
        return self.filter(student__in=seen, other__in=seen)

    def open(self) -> PossibleDoubleQuerySet:
        return self.filter(decided_at=None)


class PossibleDouble(Decided):
    """Two students of one district with one name and date of birth, and different ids."""

    district = models.ForeignKey(District, models.CASCADE, related_name="possible_doubles")
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    other = models.ForeignKey(Student, models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    same = models.BooleanField(null=True, help_text=_("The person's answer."))

    objects = PossibleDoubleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student", "other"], name="double_asked_once")
        ]
        indexes = [models.Index(fields=["decided_at", "found_at"])]

    def __str__(self) -> str:
        return f"{self.student_id} = {self.other_id}?"


class StatusReviewQuerySet(models.QuerySet["StatusReview"]):
    def visible_to(self, user: User | AnonymousUser) -> StatusReviewQuerySet:
        """Rows that may mean students of this person's schools, and of the files they may see."""
        if user.is_superuser:
            return self
        return self.filter(
            models.Q(upload__in=ContactImport.objects.visible_to(user))
            | models.Q(school__in=School.objects.whose_families(user))
        )

    def open(self) -> StatusReviewQuerySet:
        return self.filter(decided_at=None)


class StatusReview(Decided):
    """A row of a status file that may mean a student: name and birth date fit, no id does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    upload = models.ForeignKey(ContactImport, models.CASCADE, related_name="reviews")
    district = models.ForeignKey(District, models.CASCADE, related_name="+")
    # Of all whom the row may mean; empty where they are of several schools.
    school = models.ForeignKey(School, models.CASCADE, null=True, related_name="+")
    row = models.PositiveIntegerField()
    who_sealed = models.BinaryField(default=b"")
    who: Any = sealed("who_sealed")
    who_index = models.CharField(max_length=64, blank=True)  # equal for one person in any file
    state_student_id = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=20, choices=AidStatus.choices)
    as_of = models.DateTimeField()
    candidates = models.ManyToManyField(Student, related_name="+")
    chosen = models.ForeignKey(Student, models.SET_NULL, null=True, related_name="+")

    objects = StatusReviewQuerySet.as_manager()

    class Meta:
        ordering = ["upload", "row"]
        indexes = [models.Index(fields=["district", "who_index"])]

    def __str__(self) -> str:
        return f"{self.upload_id}, row {self.row}"
