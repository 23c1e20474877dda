"""Phones and e-mails, the consent to use them, and the wish not to be written to."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.crypto import blind_index, sealed
from contacts.ids import new_id
from contacts.models.people import Contact, brought_by
from schools.models import District, User
from schools.models.append_only import AppendOnly


class Channel(models.TextChoices):
    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")


class Consent(models.TextChoices):
    """What the ledger says about an address today."""

    NONE = "none", _("No consent")
    IMPLIED = "implied", _("Given for school communication")
    EXPLICIT = "explicit", _("Opted in")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def visible_to(self, user: User | AnonymousUser) -> ContactPointQuerySet:
        """Addresses of the contacts whom this person may see."""
        if user.is_superuser:
            return self
        theirs = Contact.objects.visible_to(user).filter(pk=models.OuterRef("contact_id"))
        return self.filter(models.Exists(theirs))

    def at(self, channel: str, address: str) -> ContactPointQuerySet:
        """All points with this normalised address, whoever's they are."""
        return self.filter(channel=channel, address_index=blind_index(channel, address))


class ContactPoint(models.Model):
    """One phone number or e-mail address of one contact. Its address never changes."""

    class Line(models.TextChoices):
        UNKNOWN = "unknown", _("Not known")
        MOBILE = "mobile", _("Mobile")
        LANDLINE = "landline", _("Landline")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="points")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_sealed = models.BinaryField()
    address_index = models.CharField(max_length=64)
    address = sealed("address_sealed")
    line = models.CharField(max_length=10, choices=Line.choices, default=Line.UNKNOWN)
    area_zone = models.CharField(
        max_length=40, blank=True, help_text=_("Time zone of the number's area, where it has one.")
    )
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.IMPLIED)
    unusable = models.CharField(
        max_length=60, blank=True, help_text=_("Why a provider says it cannot be reached.")
    )
    removed_on = models.DateField(
        null=True, blank=True, help_text=_("No longer in the district's records.")
    )
    by_hand = models.BooleanField(
        default=False, help_text=_("Added or taken away by a person here; imports leave it alone.")
    )
    brought_by = brought_by()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "channel", "address_index"], name="address_once_a_contact"
            )
        ]
        indexes = [models.Index(fields=["address_index", "channel"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    def set_address(self, address: str) -> None:
        """Seals a normalised address (E.164 or lower-case e-mail) into this new point."""
        self.address = address
        self.address_index = blind_index(self.channel, address)

    @property
    def masked(self) -> str:
        """The address with its middle hidden: enough to recognise, not to copy."""
        address = self.address
        if self.channel == Channel.SMS:
            return f"{address[:2]} ••• ••• {address[-4:]}"
        name, _at, domain = address.partition("@")
        return f"{name[:1]}•••@{domain}"


class ConsentEntry(AppendOnly):
    """One entry of the consent ledger: who said yes or no, when, and how we know."""

    class Action(models.TextChoices):
        GIVEN = "given", _("Given")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_index = models.CharField(max_length=64)
    contact_point = models.ForeignKey(
        ContactPoint, models.SET_NULL, null=True, related_name="consent_entries"
    )
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=10, choices=Action.choices)
    basis = models.CharField(
        max_length=40, help_text=_("Enrolment form, opt-in text, verbal, STOP, one-click, …")
    )
    source = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    brought_by = brought_by(indexed=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["address_index", "channel", "-at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.basis}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def active(self) -> SuppressionQuerySet:
        return self.filter(released_at=None)


class Suppression(models.Model):
    """An address that nobody on this install writes to, until its owner asks again."""

    class Reason(models.TextChoices):
        STOP = "stop", _("Replied STOP")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        COMPLAINT = "complaint", _("Marked as spam")
        BOUNCE = "bounce", _("Address does not exist")
        PROVIDER = "provider", _("Opted out at the provider")
        IMPORTED = "imported", _("Opted out in the district's records")
        STAFF = "staff", _("Asked the school")

    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_index = models.CharField(max_length=64)
    reason = models.CharField(max_length=15, choices=Reason.choices)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    brought_by = brought_by(indexed=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_index"],
                condition=models.Q(released_at=None),
                name="one_active_suppression",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"
