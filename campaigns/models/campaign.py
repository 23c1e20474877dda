"""A campaign: whom it is for, its steps, and their words in each language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import AidStatus, Channel, Household
from schools.models import Cycle, District, School, User


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[str, frozenset[str]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING, CampaignState.CANCELLED}),
    CampaignState.RUNNING: frozenset(
        {CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED}
    ),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.CANCELLED}),
    CampaignState.FINISHED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}


VARIANTS = "ABCD"

# Where words can still matter.
OPEN = (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)


class ForbiddenMove(Exception):
    """The campaign's (or message's) state does not allow this change."""


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User | AnonymousUser) -> CampaignQuerySet:
        """Campaigns all of whose schools' families this person may see."""
        if user.is_superuser:
            return self
        mine = School.objects.whose_families(user)
        others = Campaign.schools.through.objects.filter(campaign=models.OuterRef("pk")).exclude(
            school__in=mine
        )
        return self.filter(schools__in=mine).exclude(models.Exists(others)).distinct()


class Campaign(models.Model):
    name = models.CharField(_("name"), max_length=120)
    district = models.ForeignKey(District, models.PROTECT, related_name="campaigns")
    schools = models.ManyToManyField(School, related_name="campaigns")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="campaigns")
    pack = models.CharField(max_length=60, blank=True, help_text=_("The pack that it began as."))
    state = models.CharField(
        max_length=10, choices=CampaignState.choices, default=CampaignState.DRAFT
    )
    stopped_because = models.CharField(
        max_length=200, blank=True, help_text=_("Why it was paused, when not by a person.")
    )
    # A saved filter: {"statuses": [...], "languages": [...], "grades": [...], "paths": [...]};
    # an absent key leaves that question open (audience.py). Under "rule", a tree of further
    # conditions (conditions.py).
    audience = models.JSONField(default=dict)
    invites = models.BooleanField(
        default=False,
        help_text=_("Asks numbers that have not opted in, once ever, whether we may text them."),
    )
    hold_out_percent = models.PositiveSmallIntegerField(default=0)
    release_on = models.DateField(
        null=True, blank=True, help_text=_("From this day the held-out families hear as well.")
    )
    variants = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text=_("How many wordings are compared; families of each are drawn at launch."),
    )
    seed = models.BigIntegerField(default=0, help_text=_("Makes the arms reproducible."))
    spending_cap = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("In dollars; when it is reached the campaign pauses. Empty: no cap."),
    )
    pack_version = models.ForeignKey(
        "campaigns.PackVersion",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        help_text=_("The published pack, and which state of it, that its words were taken from."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaign", args=[self.pk])

    def may_move_to(self, state: str) -> bool:
        return state in MOVES[self.state]

    @property
    def released_at(self) -> dt.datetime | None:
        """From when the held-out families hear as well: that day's midnight in the district."""
        if self.release_on is None:
            return None
        midnight = dt.datetime.combine(self.release_on, dt.time.min)
        return midnight.replace(tzinfo=ZoneInfo(self.district.zone))

    def holds_back(self, now: dt.datetime) -> bool:
        """True while its held-out families must hear nothing."""
        if not self.hold_out_percent:
            return False
        return self.released_at is None or now < self.released_at

    @property
    def variant_names(self) -> list[str]:
        """A, B, … of the wordings that are compared; empty where all read the same."""
        return list(VARIANTS[: self.variants]) if self.variants > 1 else []


class Step(models.Model):
    """One sending of a campaign: when, by which channels, in which words."""

    class Channels(models.TextChoices):
        BOTH = "both", _("Text message and e-mail")
        SMS_FIRST = "sms_first", _("Text message; e-mail where no text can go")
        SMS = "sms", _("Text message only")
        EMAIL = "email", _("E-mail only")

    class When(models.TextChoices):
        LAUNCH = "launch", _("Days after the launch")
        DATE = "date", _("On a day and hour")
        DEADLINE = "deadline", _("Days before or after a deadline")
        EVENT = "event", _("When a student's status changes")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=1)
    channels = models.CharField(max_length=10, choices=Channels.choices, default=Channels.SMS_FIRST)
    when = models.CharField(max_length=10, choices=When.choices, default=When.LAUNCH)
    offset_days = models.SmallIntegerField(
        default=0, help_text=_("From the launch or the deadline; before it where negative.")
    )
    at_hour = models.TimeField(
        null=True, blank=True, help_text=_("By the district's clock, where days are counted.")
    )
    deadline_name = models.CharField(
        max_length=120, blank=True, help_text=_("Empty: the cycle's next deadline.")
    )
    on_status = models.CharField(max_length=20, choices=AidStatus.choices, blank=True)
    listen_days = models.PositiveSmallIntegerField(
        default=60, help_text=_("For how long after the launch a change of status is answered.")
    )
    repeat_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Comes again after so many days.")
    )
    repeats_left = models.PositiveSmallIntegerField(
        default=0, help_text=_("How often it still comes again.")
    )
    for_held_out = models.BooleanField(
        default=False, help_text=_("For the families held out so far, once they are released.")
    )
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Chosen, or worked out at launch. Empty: as soon as the campaign is launched."),
    )
    expires_after = models.DurationField(
        default=dt.timedelta(days=3),
        help_text=_("What could not go out lawfully in this time is left unsent."),
    )
    expanded_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its messages were made.")
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="step_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, {self.position}"

    @property
    def days_apart(self) -> int:
        """How many days lie between it and what it counts from."""
        return abs(self.offset_days)

    @property
    def deadline_told(self) -> str:
        """The deadline that it counts from, in words."""
        return self.deadline_name or str(_("the next deadline"))


class StepTextQuerySet(models.QuerySet["StepText"]):
    def to_translate(self, user: User) -> StepTextQuerySet:
        """Translations of campaigns not yet over, in the languages that this person reads.

        An account made for a district reads that district's texts, any other the whole install's.
        """
        texts = self.filter(step__campaign__state__in=OPEN).exclude(language="en")
        if user.is_superuser:
            return texts
        texts = texts.filter(language__in=user.scope.languages)
        return texts.filter(step__campaign__district=user.home_id) if user.home_id else texts


class StepText(models.Model):
    """A step's words in one language for one channel. Only approved words are ever sent."""

    class Review(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHANGES = "changes", _("Changes asked for")
        APPROVED = "approved", _("Approved")

    step = models.ForeignKey(Step, models.CASCADE, related_name="texts")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    language = models.CharField(max_length=12)
    variant = models.CharField(
        max_length=1, blank=True, help_text=_("Whose wording it is; empty: of everyone else.")
    )
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField()
    review = models.CharField(max_length=10, choices=Review.choices, default=Review.DRAFT)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    source = models.TextField(
        blank=True, help_text=_("The English words that it translates, as last compared.")
    )
    note = models.CharField(
        max_length=500, blank=True, help_text=_("What a reader of the language wants changed.")
    )

    objects = StepTextQuerySet.as_manager()

    class Meta:
        ordering = ["channel", "language", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "channel", "language", "variant"], name="one_text_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.channel} {self.language} {self.variant}".strip()

    def save(self, **kwargs: Any) -> None:
        """Saves the words; new English ones make the translations of the old ones drafts again."""
        super().save(**kwargs)
        if self.language == "en":
            self.siblings().filter(review=self.Review.APPROVED).exclude(
                models.Q(language="en") | models.Q(source__in=["", self.words])
            ).update(review=self.Review.DRAFT, reviewed_by=None, reviewed_at=None)

    @property
    def words(self) -> str:
        """Subject and text as one."""
        return "\n\n".join(part for part in (self.subject.strip(), self.body.strip()) if part)

    def is_stale(self, english: str) -> bool:
        """True for a translation of other English words than these."""
        return self.language != "en" and bool(self.source and english and self.source != english)

    def english_words(self) -> str:
        """The English words that this text translates; empty where there are none."""
        english = self.siblings().filter(language="en").first()
        return english.words if english else ""

    def siblings(self) -> StepTextQuerySet:
        """The same message in every language."""
        return StepText.objects.filter(
            step=self.step_id, channel=self.channel, variant=self.variant
        )


class Arm(models.TextChoices):
    TREATED = "treated", _("Hears from us")
    HELD_OUT = "held_out", _("Held out")


class Assignment(models.Model):
    """The arm that a household drew, at launch or when it joined; drawn once, never changed."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assignments")
    household = models.ForeignKey(Household, models.CASCADE, related_name="assignments")
    arm = models.CharField(max_length=10, choices=Arm.choices)
    variant = models.CharField(
        max_length=1, blank=True, help_text=_("The wording drawn, where wordings are compared.")
    )
    stratum = models.CharField(max_length=80)
    joined_at = models.DateTimeField(
        null=True, help_text=_("When it drew, having joined after the launch; empty: at launch.")
    )
    # No foreign key: the household that drew may be gone one day, and the arm stays what it is.
    drawn_as = models.UUIDField(
        null=True, help_text=_("The household that drew, whose family moved to this one.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "household"], name="one_arm_a_household")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.arm}{self.variant}"
