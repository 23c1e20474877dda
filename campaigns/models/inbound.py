"""What families sent and nobody has read yet."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Channel, Contact, ContactPoint
from schools.models import District, User


class InboundQuerySet(models.QuerySet["Inbound"]):
    def due(self, now: dt.datetime) -> InboundQuerySet:
        """What may be taken in now, the oldest first: of each address only its first."""
        earlier = Inbound.objects.filter(
            address_index=OuterRef("address_index"), pk__lt=OuterRef("pk"), set_aside_at=None
        )
        ready = Q(not_before=None) | Q(not_before__lte=now)
        return self.filter(ready, set_aside_at=None).exclude(Exists(earlier)).order_by("pk")

    def set_aside_for(self, user: User | AnonymousUser) -> InboundQuerySet:
        """What could not be taken in, for those who administer a district of the sender's; of a
        sender on no record, where no other district of the install holds families."""
        aside = self.exclude(set_aside_at=None).order_by("pk")
        if user.is_superuser:
            return aside
        mine = District.objects.administered_by(user)
        points = ContactPoint.objects.filter(address_index=OuterRef("address_index"))
        theirs = Exists(points.filter(contact__district__in=mine.values("pk")))
        others = Contact.objects.exclude(district__in=mine.values("pk"))
        if mine.exists() and not others.exists():
            return aside.filter(theirs | ~Exists(points))
        return aside.filter(theirs)


class Inbound(models.Model):
    """One text or e-mail as it came; the row is here until it is taken in (inbox/inbound.py).

    While it is, nothing is sent to its address: it may say STOP.
    """

    # From the provider, the same for each delivery; what is sealed is bound to it.
    name = models.CharField(max_length=100, unique=True)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_index = models.CharField(max_length=64, db_index=True)
    said_sealed = models.BinaryField()
    received_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    not_before = models.DateTimeField(null=True, help_text=_("When it is tried again."))
    set_aside_at = models.DateTimeField(null=True, help_text=_("Tried in vain; a person decides."))

    objects = InboundQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"
