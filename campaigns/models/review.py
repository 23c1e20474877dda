"""What readers of a language have decided, remembered beyond the campaign it was approved in."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import District, User


def digest(source: str) -> str:
    """A key for English words of any length."""
    return hashlib.sha256(source.encode()).hexdigest()


class ReviewedTextQuerySet(models.QuerySet["ReviewedText"]):
    def asked_of(self, user: User) -> ReviewedTextQuerySet:
        """What somebody wants changed, in a reader's languages and where the reader decides."""
        asked = self.exclude(note="").filter(district=user.home_id)
        return asked if user.is_superuser else asked.filter(language__in=user.scope.languages)


class ReviewedText(models.Model):
    """A translation that a reader approved of exactly these English words.

    The next campaign with the same English words starts with it, approved. Of a district, it
    counts there; without one, on the whole install. With a note it is approved no more: its words
    are a draft, for whoever wrote them to mend.
    """

    # In place of a channel:
    PHRASE = "phrase"  # a fixed sentence (phrases.py)
    FAMILY = "family"  # what families' pages and automatic answers say (family_words.py)

    district = models.ForeignKey(District, models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=6)
    language = models.CharField(max_length=12)
    source = models.TextField()
    source_digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField()
    note = models.TextField(
        blank=True, default="", help_text=_("What a reader asked to change; till then a draft.")
    )
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ReviewedTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "channel", "language", "source_digest"],
                condition=models.Q(district__isnull=False),
                name="reviewed_once_a_district",
            ),
            models.UniqueConstraint(
                fields=["channel", "language", "source_digest"],
                condition=models.Q(district__isnull=True),
                name="reviewed_once_an_install",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.language} {self.source_digest[:8]}"
