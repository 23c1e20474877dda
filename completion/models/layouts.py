"""Files whose columns a person names: on their way through the pages, and what is remembered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts import crypto
from contacts.ids import new_id
from schools.models import District, State


class LayoutKind(models.TextChoices):
    COMPLETION = "completion", _("Completion")
    ENROLMENTS = "enrolments", _("Enrolments")


class Layout(models.Model):
    """What the columns of a state's or district's files with these headers hold."""

    kind = models.CharField(max_length=10, choices=LayoutKind.choices)
    state = models.ForeignKey(State, models.CASCADE, related_name="+")
    district = models.ForeignKey(District, models.CASCADE, null=True, related_name="+")
    headers_sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict, help_text=_("Our field → the file's header."))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "state", "headers_sha256"],
                condition=models.Q(district=None),
                name="one_layout_of_a_state",
            ),
            models.UniqueConstraint(
                fields=["kind", "district", "headers_sha256"],
                condition=models.Q(district__isnull=False),
                name="one_layout_of_a_district",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district or self.state}: {self.headers_sha256[:8]}"

    @property
    def key(self) -> str:
        """What a file is read as: the same file read otherwise is another word."""
        pairs = sorted(self.mapping.items())
        return f"{self.state_id} {self.district_id or ''} {pairs}"


class HeldFileQuerySet(models.QuerySet["HeldFile"]):
    def visible_to(self, user: Any) -> HeldFileQuerySet:
        """A person's own uploads."""
        return self.filter(uploaded_by=user)


class HeldFile(models.Model):
    """An uploaded file whose columns are being named; sealed, and forgotten within a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=LayoutKind.choices)
    name = models.CharField(max_length=200)
    sealed = models.BinaryField()
    said = models.JSONField(default=dict, help_text=_("What a person says of the whole file."))
    mapping = models.JSONField(default=dict)
    state = models.ForeignKey(State, models.CASCADE, null=True, related_name="+")
    district = models.ForeignKey(District, models.CASCADE, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="held_files"
    )
    uploaded_at = models.DateTimeField()

    objects = HeldFileQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("completion-columns", args=[self.pk])

    @property
    def content(self) -> bytes:
        return crypto.open_bytes(bytes(self.sealed), self._place)

    @content.setter
    def content(self, content: bytes) -> None:
        self.sealed = crypto.seal_bytes(content, self._place)

    @property
    def _place(self) -> str:
        return f"{self._meta.db_table}.sealed.{self.pk}"

    @property
    def layout(self) -> Layout:
        """How it is to be read (unsaved)."""
        return Layout(
            kind=self.kind, state=self.state, district=self.district, mapping=dict(self.mapping)
        )
