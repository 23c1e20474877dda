"""Host names of districts' own, on which families find their pages."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.models.places import District

WAITS = dt.timedelta(days=14)  # for its proof; afterwards another district may enter it


class WebAddressQuerySet(models.QuerySet["WebAddress"]):
    def proved(self) -> WebAddressQuerySet:
        """Those that were seen to lead here."""
        return self.exclude(proved_at=None)

    def waiting(self, now: dt.datetime) -> WebAddressQuerySet:
        """Those that nobody has seen here yet; no link was ever made with them."""
        return self.filter(proved_at=None, entered_at__gt=now - WAITS)

    def lapsed(self, now: dt.datetime) -> WebAddressQuerySet:
        """Those that waited too long for their proof: as if they had not been entered."""
        return self.filter(proved_at=None, entered_at__lte=now - WAITS)


class WebAddress(models.Model):
    """A host name that a district entered for its families' links.

    Once proved it is never given up: texts that were sent name it, and an opt-out link in them
    has no end (docs/decisions/0023).
    """

    district = models.ForeignKey(District, models.CASCADE, related_name="web_addresses")
    host = models.CharField(_("host name"), max_length=253, unique=True)
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    proved_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was seen to lead to this install.")
    )

    objects = WebAddressQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"https://{self.host}"

    @property
    def waits_until(self) -> dt.datetime:
        """When another district may enter it, unless it is proved before."""
        return self.entered_at + WAITS
