"""Where a district's roster is fetched from by itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.crypto import sealed
from contacts.ids import new_id
from schools.models import District


class RosterService(models.Model):
    """A OneRoster 1.2 REST service and the client that the district registered there."""

    class Ask(models.TextChoices):
        """What a person asked for on the page and a worker has not finished yet."""

        NOTHING = "", ""
        TRY = "try", _("Try the connection")
        FETCH = "fetch", _("Fetch now")
        ANYWAY = "anyway", _("Fetch although many students would leave")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district = models.OneToOneField(District, models.CASCADE, related_name="roster_service")
    url = models.URLField(_("address of the service"), max_length=300)
    token_url = models.URLField(_("address for tokens"), max_length=300)
    client_id = models.CharField(_("client id"), max_length=200)
    client_secret_sealed = models.BinaryField(default=b"")
    client_secret: Any = sealed("client_secret_sealed")
    nightly = models.BooleanField(_("fetch every night"), default=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    summary = models.JSONField(default=dict, help_text=_("Counts of the last try or fetch."))
    asked = models.CharField(max_length=6, choices=Ask.choices, blank=True, default="")
    asked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.district}: {self.url}"
