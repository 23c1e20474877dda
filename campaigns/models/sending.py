"""Senders of texts, and what all workers on all machines share about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from schools.models import District


class SenderQuerySet(models.QuerySet["Sender"]):
    def active(self) -> SenderQuerySet:
        """Senders that texts go out from."""
        return self.filter(stopped_on=None)


class Sender(models.Model):
    """A number or messaging service that a district's texts come from."""

    class Kind(models.TextChoices):
        LONG_CODE = "10dlc", _("Local number (10DLC)")
        TOLL_FREE = "toll_free", _("Toll-free number")
        SHORT_CODE = "short_code", _("Short code")

    @dataclass(frozen=True)
    class Limits:
        """What carriers allow a kind of sender unless a registration says more."""

        rate: float  # segments a second
        daily_cap: int | None  # segments a day to T-Mobile, over all senders of one brand

    # T-Mobile's daily limit and throughput by trust score of a local number: Twilio's support,
    # articles 1260804800549 and "Message throughput (MPS) and Trust Scores for A2P 10DLC"; the
    # others as Twilio grants them by default. A registration says what is truly allowed.
    LIMITS = {
        Kind.LONG_CODE: Limits(4, 2_000),
        Kind.TOLL_FREE: Limits(3, None),
        Kind.SHORT_CODE: Limits(100, None),
    }

    district = models.ForeignKey(District, models.CASCADE, related_name="senders")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.LONG_CODE)
    address = models.CharField(
        _("number or messaging service"),
        max_length=34,
        unique=True,
        validators=[
            RegexValidator(
                r"^(\+1[2-9]\d{9}|\d{5,6}|MG[0-9a-f]{32})$",
                _("A number such as +12065550100, a short code, or an id that begins with MG."),
            )
        ],
        help_text=_("As Twilio shows it: +12065550100, 55501, or MG and 32 letters and digits."),
    )
    rate = models.FloatField(
        _("segments a second"),
        null=True,
        blank=True,
        help_text=_("What the registration allows. Empty: what every sender of its kind may."),
    )
    daily_cap = models.PositiveIntegerField(
        _("T-Mobile’s daily cap"),
        null=True,
        blank=True,
        help_text=_(
            "Segments a day that the brand may send to T-Mobile’s customers. Empty: 2,000 for a "
            "local number, none for the others."
        ),
    )
    carrier_share = models.PositiveSmallIntegerField(
        _("share of T-Mobile’s customers (%)"),
        default=100,
        help_text=_(
            "Carriers are not known to us, so every text counts towards the cap. If you know that "
            "only some of your families are T-Mobile’s customers, say how many of a hundred."
        ),
    )
    brand = models.CharField(
        _("brand"),
        max_length=60,
        blank=True,
        help_text=_("Senders that were registered under one brand share its daily cap."),
    )
    stopped_on = models.DateTimeField(null=True, blank=True)

    objects = SenderQuerySet.as_manager()

    class Meta:
        ordering = ["district", "pk"]

    def __str__(self) -> str:
        return self.address

    @property
    def segments_a_second(self) -> float:
        return self.rate or self.LIMITS[self.Kind(self.kind)].rate

    @property
    def segments_a_day(self) -> int | None:
        """How many segments may go out in a day, whoever carries them; None: no cap."""
        cap = self.LIMITS[self.Kind(self.kind)].daily_cap if not self.daily_cap else self.daily_cap
        return None if cap is None else cap * 100 // max(1, min(100, self.carrier_share))

    @property
    def capped_as(self) -> str:
        """Whose cap it counts towards: its brand's, else its own."""
        return self.brand or self.address


class SenderBudget(models.Model):
    """A sender's token bucket: how many segments may go out now. Moments are Unix times."""

    sender = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField(default=0)
    at = models.FloatField(default=0)
    opens_at = models.FloatField(default=0)  # a provider's 429 closes the sender for a while
    strikes = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.sender


class SenderDay(models.Model):
    """Segments that counted towards a daily cap on one day."""

    capped_as = models.CharField(max_length=60)
    day = models.DateField()
    segments = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["capped_as", "day"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.capped_as} {self.day}"


class CampaignHealth(models.Model):
    """How many of a campaign's last messages went out and failed: what its breaker looks at."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, primary_key=True)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.failed} of {self.sent + self.failed}"


class WorkerHeartbeat(models.Model):
    """A supervised cluster that says again and again that it still does its work."""

    worker = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    restarts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.worker
