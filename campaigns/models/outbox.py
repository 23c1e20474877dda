"""The outbox: every message, what became of it, and how we know."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, Step
from contacts.crypto import sealed
from contacts.models import Channel, ContactPoint, Household
from schools.models import School, User
from schools.models.append_only import AppendOnly


class MessageState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not delivered")
    UNCERTAIN = "uncertain", _("Uncertain")
    SKIPPED = "skipped", _("Left out")
    EXPIRED = "expired", _("Too late to send")
    CANCELLED = "cancelled", _("Cancelled")


# A message moves only forward; a late or repeated event never takes it back.
MOVES: dict[str, frozenset[str]] = {
    MessageState.PENDING: frozenset(
        {
            MessageState.CLAIMED,
            MessageState.SKIPPED,
            MessageState.EXPIRED,
            MessageState.CANCELLED,
        }
    ),
    MessageState.CLAIMED: frozenset(
        {
            MessageState.PENDING,  # the provider says for certain that it has not got it
            MessageState.SENT,
            MessageState.DELIVERED,
            MessageState.FAILED,
            MessageState.UNCERTAIN,
            MessageState.SKIPPED,
        }
    ),
    MessageState.UNCERTAIN: frozenset(
        {
            MessageState.PENDING,
            MessageState.SENT,
            MessageState.DELIVERED,
            MessageState.FAILED,
            MessageState.CANCELLED,
        }
    ),
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.FAILED}),
    MessageState.DELIVERED: frozenset(),
    MessageState.FAILED: frozenset(
        {MessageState.PENDING}  # certainly not delivered, and worth another try
    ),
    MessageState.SKIPPED: frozenset(),
    MessageState.EXPIRED: frozenset(),
    MessageState.CANCELLED: frozenset(),
}


# States that no message has been in the air before, and that nothing leaves.
NEVER_LEFT = (MessageState.SKIPPED, MessageState.EXPIRED, MessageState.CANCELLED)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> MessageQuerySet:
        """Messages to families of the schools that this person may see."""
        if user.is_superuser:
            return self
        return self.filter(school__in=School.objects.whose_families(user))

    def invitations(self) -> MessageQuerySet:
        """What asked, or will ask, whether we may text a number: one an address, ever."""
        return self.filter(invites=True).exclude(state__in=NEVER_LEFT)


class Message(models.Model):
    """One message of one step to one address."""

    # Neither has an index of its own: others below begin with it, and each is written to for every
    # message, five times over.
    step = models.ForeignKey(
        Step, models.PROTECT, related_name="messages", null=True, db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="messages", null=True, db_index=False
    )  # null with `step`: an answer to a family, outside any campaign
    answers = models.ForeignKey(
        "campaigns.Reply",
        models.SET_NULL,
        null=True,
        related_name="answered_by",
        db_index=False,  # the constraint's serves
        help_text=_("What an automatic answer answers."),
    )
    contact_point = models.ForeignKey(
        ContactPoint, models.SET_NULL, null=True, related_name="messages"
    )
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="messages")
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_index = models.CharField(max_length=64)
    language = models.CharField(max_length=12)  # that the family reads
    # That its words are in: another one where no approved words are in the family's.
    worded_in = models.CharField(max_length=12, blank=True, default="", db_default="")
    time_zones = models.CharField(
        max_length=90,
        help_text=_("Zones, comma-separated, in all of which the hour must be lawful."),
    )
    invites = models.BooleanField(
        default=False, help_text=_("Asks whether we may text this number; once ever.")
    )
    farewell = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Tells an address that another took its place; goes though it was removed."),
    )
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    reason = models.CharField(
        max_length=40, blank=True, help_text=_("Why it was left out or failed; a provider's code.")
    )
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    subject_sealed = models.BinaryField(default=b"")
    subject = sealed("subject_sealed")
    body_sealed = models.BinaryField(default=b"")
    body = sealed("body_sealed")
    segments = models.PositiveSmallIntegerField(default=0)
    # Of a text whose number takes none: when it was seen whether an e-mail goes in its place.
    followed_at = models.DateTimeField(null=True, blank=True)
    # The number or messaging service that it was claimed for; set in the claim.
    sender = models.CharField(max_length=34, blank=True, default="", db_default="")
    provider_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step", "channel", "address_index"], name="one_message_a_step_and_address"
            ),
            models.UniqueConstraint(
                fields=["channel", "address_index"],
                condition=models.Q(invites=True) & ~models.Q(state__in=NEVER_LEFT),
                name="one_invitation_an_address",
            ),
            models.UniqueConstraint(
                fields=["answers"],
                condition=models.Q(answers__isnull=False),
                name="one_automatic_answer_a_reply",
            ),
        ]
        indexes = [
            models.Index(
                # In the order of the claim, which asks each campaign, and answers as those of none.
                fields=["channel", "campaign", "not_before", "id"],
                condition=models.Q(state=MessageState.PENDING),
                name="outbox_pending",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state=MessageState.CLAIMED),
                name="outbox_claimed",
            ),
            models.Index(
                fields=["provider_id"],
                condition=~models.Q(provider_id=""),
                name="outbox_provider_id",
            ),
            models.Index(
                # For mail_instead.py, which asks at each tick for a few codes.
                fields=["reason"],
                condition=models.Q(
                    state=MessageState.FAILED, channel=Channel.SMS, followed_at__isnull=True
                ),
                name="outbox_not_followed",
            ),
            models.Index(fields=["campaign", "state"]),
            models.Index(fields=["address_index", "-sent_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk} {self.state}"


class Event(AppendOnly):
    """What a provider told us, once each. Holds no address and no words of a family."""

    provider = models.CharField(max_length=20)
    provider_event_id = models.CharField(max_length=160)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="events")
    kind = models.CharField(max_length=30)
    code = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_event_id"], name="event_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"
