"""Keys to the JSON API: a person's own, shown once, kept as a digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import User

PREFIX = "aid_"
SEEN_EVERY = dt.timedelta(minutes=10)


class ApiToken(models.Model):
    """Opens for a program what its owner may see, until the owner takes it back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, user: User, name: str, *, now: dt.datetime) -> tuple[ApiToken, str]:
        """A new one and its text, which nothing remembers."""
        text = PREFIX + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, digest=_digest(text), created_at=now), text

    @classmethod
    def owner(cls, text: str, *, now: dt.datetime) -> User | None:
        """Whose it is; None for an unknown one, and for people who may no longer sign in."""
        token = cls.objects.select_related("user").filter(digest=_digest(text)).first()
        if token is None or not token.user.is_active:
            return None
        if token.used_at is None or now - token.used_at > SEEN_EVERY:
            cls.objects.filter(pk=token.pk).update(used_at=now)
        return token.user


def _digest(text: str) -> str:
    # The text has 256 random bits: nothing to guess, so no slow hash.
    return hashlib.sha256(text.encode()).hexdigest()
