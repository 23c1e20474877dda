"""Whether a person wants the weekly digest, in which language, and how far it has told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DigestChoice(models.Model):
    """A coordinator without a row gets the digest, in English."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_choice"
    )
    wanted = models.BooleanField(_("Send me the weekly digest"), default=True)
    language = models.CharField(
        _("Language"), max_length=12, choices=settings.LANGUAGES, default="en"
    )
    told_through = models.DateField(
        null=True, blank=True, help_text="The newest figures that a digest has told of."
    )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.language if self.wanted else 'no'}"
