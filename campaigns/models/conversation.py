"""What families write back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.outbox import Message
from contacts.crypto import sealed
from contacts.models import Channel, Contact, ContactPoint
from schools.models import User


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: User | AnonymousUser) -> ReplyQuerySet:
        """Replies of the families whom this person may see."""
        if user.is_superuser:
            return self
        # Asked of each reply: a list of all visible contacts would be the larger one by far.
        theirs = Contact.objects.visible_to(user).filter(pk=models.OuterRef("contact_id"))
        return self.filter(models.Exists(theirs))


class Reply(models.Model):
    """One message from a family, by text, by e-mail or from its page."""

    class Meaning(models.TextChoices):
        STOP = "stop", _("Stop")
        START = "start", _("Start again")
        HELP = "help", _("Help")
        DONE = "done", _("Finished the form")
        QUESTION = "question", _("A question")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="replies")
    contact_point = models.ForeignKey(
        ContactPoint, models.SET_NULL, null=True, related_name="replies"
    )
    to_message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="replies")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    # Null where there is none: many replies have none, and an empty text would have to be unique.
    provider_id = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001
    body_sealed = models.BinaryField(default=b"")
    body = sealed("body_sealed")
    meaning = models.CharField(max_length=10, choices=Meaning.choices)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["contact", "-received_at"])]

    def __str__(self) -> str:
        return f"{self.meaning} {self.pk}"
