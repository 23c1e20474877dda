"""What families write back, and who looks after the answer."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.outbox import Message
from contacts.crypto import sealed
from contacts.models import Channel, Contact, ContactPoint
from schools.models import District, User


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: User | AnonymousUser) -> ReplyQuerySet:
        """Replies of the families whom this person may see."""
        if user.is_superuser:
            return self
        # Asked of each reply: a list of all visible contacts would be the larger one by far.
        theirs = Contact.objects.visible_to(user).filter(pk=models.OuterRef("contact_id"))
        return self.filter(models.Exists(theirs))

    def from_strangers(self, user: User | AnonymousUser) -> ReplyQuerySet:
        """Replies from addresses on no record, for administrators.

        A district's own see those that answer a message of their schools; the others as well
        where no other district of the install holds families, so that they can be nobody else's.
        """
        unknown = self.filter(contact=None)
        if user.is_superuser:
            return unknown
        mine = District.objects.administered_by(user)
        others = Contact.objects.exclude(district__in=mine.values("pk"))
        if mine.exists() and not others.exists():
            return unknown
        return unknown.filter(to_message__school__district__in=mine.values("pk"))

    def waiting(self, now: dt.datetime) -> ReplyQuerySet:
        """Replies that a person should look at now: not handled, and not put off."""
        put_off = Conversation.objects.filter(contact=OuterRef("contact"), snoozed_until__gt=now)
        return self.filter(handled_at=None).exclude(Exists(put_off))


class Reply(models.Model):
    """One message from a family, by text, by e-mail or from its page."""

    class Meaning(models.TextChoices):
        STOP = "stop", _("Stop")
        START = "start", _("Start again")
        HELP = "help", _("Help")
        DONE = "done", _("Finished the form")
        LANGUAGE = "language", _("Change the language")
        MAILBOX = "mailbox", _("A new e-mail address")
        QUESTION = "question", _("A question")

    # The answer to these goes whatever else is known of the address: the one confirmation of a
    # STOP (47 CFR 64.1200(a)(12)), and what its holder has just asked for.
    KEYWORDS = (Meaning.STOP, Meaning.START, Meaning.HELP)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="replies")
    contact_point = models.ForeignKey(
        ContactPoint, models.SET_NULL, null=True, related_name="replies"
    )
    to_message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="replies")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    # Null where there is none: many replies have none, and an empty text would have to be unique.
    provider_id = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001
    sender_sealed = models.BinaryField(default=b"", help_text=_("Of an address on no record."))
    sender = sealed("sender_sealed")
    body_sealed = models.BinaryField(default=b"")
    body = sealed("body_sealed")
    meaning = models.CharField(max_length=10, choices=Meaning.choices)
    perhaps_stop = models.BooleanField(
        default=False, help_text=_("Sounds like a wish to hear no more; a person decides.")
    )
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["contact", "-received_at"]),
            models.Index(
                fields=["received_at"], condition=Q(handled_at=None), name="reply_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} {self.pk}"


class Conversation(models.Model):
    """Who answers a family, and since when it was put off."""

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="conversation")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    away_told_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was last told that nobody is there.")
    )

    def __str__(self) -> str:
        return str(self.contact_id)


class ReadyAnswerQuerySet(models.QuerySet["ReadyAnswer"]):
    def visible_to(self, user: User | AnonymousUser) -> ReadyAnswerQuerySet:
        """Answers kept in the districts whose families this person may see."""
        return self.filter(district__in=District.objects.whose_families(user))


class ReadyAnswer(models.Model):
    """Words that staff of a district keep for the next family with the same question."""

    district = models.ForeignKey(District, models.CASCADE, related_name="ready_answers")
    language = models.CharField(max_length=12)
    words = models.TextField(max_length=600)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ReadyAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "language", "words"], name="ready_answer_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.pk}"
