"""Who opened a message's links, people and robots apart; no address and no device is kept."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.outbox import Message


class ClickQuerySet(models.QuerySet["Click"]):
    def by_people(self) -> ClickQuerySet:
        """Clicks without those of robots and link previews."""
        return self.filter(robot="")


class Click(models.Model):
    """One visit to one of a message's links."""

    class Link(models.TextChoices):
        PAGE = "page", _("The family’s own page")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribe")

    class Robot(models.TextChoices):
        HEAD = "head", _("Asked for headers only")
        AGENT = "agent", _("Says that it is a robot or a preview")
        PREFETCH = "prefetch", _("Fetched before anyone asked")
        SOON = "soon", _("Within seconds of delivery")
        MANY = "many", _("Several links at once")

    message = models.ForeignKey(Message, models.CASCADE, related_name="clicks")
    link = models.CharField(max_length=12, choices=Link.choices, default=Link.PAGE)
    robot = models.CharField(max_length=10, choices=Robot.choices, blank=True)
    at = models.DateTimeField()

    objects = ClickQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["message", "at"])]

    def __str__(self) -> str:
        return f"{self.link} {self.robot or 'person'}"
