"""Where completion files come from by themselves, and how that went."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Watched(models.Model):
    """An address, or a file in the watched folder, as it was met last."""

    address = models.CharField(max_length=500, primary_key=True)
    mark = models.CharField(
        max_length=300, blank=True, help_text=_("What tells whether it is another file now.")
    )
    looked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text=_("When a file was last brought in."))
    problem = models.TextField(blank=True, help_text=_("Why the last look brought nothing."))

    class Meta:
        ordering = ["address"]
        verbose_name_plural = "watched"

    def __str__(self) -> str:
        return self.address
