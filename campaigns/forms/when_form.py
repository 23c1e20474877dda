"""The campaign as a whole: when it begins, what it may cost, and what it is compared with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Step
from campaigns.timing import sequences


class WhenForm(forms.Form):
    """The moment of the first message, a quick follow-up, the arms and a spending cap."""

    NOW, LATER = "now", "later"

    start = forms.ChoiceField(
        label=_("Start"),
        choices=[(NOW, _("As soon as I launch it")), (LATER, _("On a day and hour I choose"))],
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label=_("Day and hour"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    expires_after = forms.IntegerField(
        label=_("Days a message may wait for a lawful hour"), min_value=1, max_value=14
    )
    follow_up = forms.IntegerField(
        label=_("Add a follow-up after this many days"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("The same words again, to those who still belong to the audience by then."),
    )
    hold_out_percent = forms.IntegerField(
        label=_("Hold-out, in percent of families"),
        min_value=0,
        max_value=50,
        help_text=_(
            "A share of families, drawn at random, hears nothing from this campaign, so that "
            "you learn whether it helped. Families who join later draw as well. 0 writes to "
            "everyone."
        ),
    )
    release_on = forms.DateField(
        label=_("The held-out families hear from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("From this day they get the first message too. Empty: they never do."),
    )
    variants = forms.TypedChoiceField(
        label=_("Wordings to compare"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[
            (1, _("One for everyone")),
            (2, _("Two: A and B")),
            (3, _("Three: A to C")),
            (4, _("Four: A to D")),
        ],
        help_text=_("Families are drawn to one each; write them under Words."),
    )
    spending_cap = forms.DecimalField(
        label=_("Spending cap, in dollars"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        help_text=_("When it is reached the campaign pauses. Empty: no cap."),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any):
        self.campaign, self.step = campaign, campaign.steps.first()
        self.zone = ZoneInfo(campaign.district.zone)
        due = self.step.due_at if self.step else None
        kwargs["initial"] = {
            "start": self.LATER if due else self.NOW,
            "at": due.astimezone(self.zone).replace(tzinfo=None) if due else None,
            "expires_after": max(self.step.expires_after.days, 1) if self.step else 3,
            "hold_out_percent": campaign.hold_out_percent,
            "release_on": campaign.release_on,
            "variants": campaign.variants,
            "spending_cap": campaign.spending_cap,
        }
        super().__init__(*args, **kwargs)
        if not self.begins_simply:
            del self.fields["start"], self.fields["at"]
        if campaign.invites:  # one text, once ever, and nobody is left unasked
            for name in ("follow_up", "release_on", "variants"):
                del self.fields[name]

    @property
    def begins_simply(self) -> bool:
        """True where the first message comes at launch or on a date, as this page can say it."""
        if self.step is None or self.step.when == Step.When.DATE:
            return True
        return self.step.when == Step.When.LAUNCH and not (
            self.step.offset_days or self.step.at_hour
        )

    def clean_at(self) -> dt.datetime | None:
        """The chosen hour in the district's own zone."""
        at = self.cleaned_data["at"]
        return at.replace(tzinfo=None).replace(tzinfo=self.zone) if at else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("start") == self.LATER and "at" not in self.errors:
            if not cleaned.get("at"):
                self.add_error("at", _("Choose a day and an hour."))
            elif cleaned["at"] < timezone.now():
                self.add_error("at", _("This hour has passed."))
        release = cleaned.get("release_on")
        if release and release <= timezone.localdate():
            self.add_error("release_on", _("This day has passed."))
        if release and not cleaned.get("hold_out_percent"):
            self.add_error("release_on", _("Nobody is held out, so nobody can be let in later."))
        return cleaned

    def save(self, *, now: dt.datetime) -> Campaign:
        """Keeps the schedule and the arms; a follow-up copies the first step's words."""
        data, campaign = self.cleaned_data, self.campaign
        campaign.hold_out_percent = data["hold_out_percent"]
        campaign.release_on = data.get("release_on")
        campaign.variants = data.get("variants") or 1
        campaign.spending_cap = data["spending_cap"]
        campaign.save(update_fields=["hold_out_percent", "release_on", "variants", "spending_cap"])
        if "start" in self.fields:
            self._begin(data["at"] if data["start"] == self.LATER else None)
        campaign.steps.update(expires_after=dt.timedelta(days=data["expires_after"]))
        if data.get("follow_up"):
            self._add_follow_up(data["follow_up"])
        return campaign

    def _begin(self, at: dt.datetime | None) -> None:
        """The first step comes then; steps counted from it keep their distance in days."""
        first = self.step
        assert first is not None
        before = first.due_at
        first.when = Step.When.DATE if at else Step.When.LAUNCH
        first.due_at = at
        first.save(update_fields=["when", "due_at"])
        for step in self.campaign.steps.exclude(pk=first.pk):
            if at and step.when == Step.When.LAUNCH and step.offset_days:
                step.when, step.due_at = Step.When.DATE, at + dt.timedelta(days=step.offset_days)
                step.offset_days = 0
            elif step.when == Step.When.DATE and before and step.due_at:
                days = (step.due_at - before).days
                if at:
                    step.due_at += at - before
                elif days > 0:
                    step.when, step.offset_days, step.due_at = Step.When.LAUNCH, days, None
            step.save(update_fields=["when", "due_at", "offset_days"])

    def _add_follow_up(self, days: int) -> None:
        first = self.step
        assert first is not None
        last = self.campaign.steps.order_by("position").last() or first
        step = Step.objects.create(
            campaign=self.campaign,
            position=last.position + 1,
            channels=first.channels,
            when=Step.When.DATE if first.due_at else Step.When.LAUNCH,
            offset_days=0 if first.due_at else days,
            due_at=first.due_at + dt.timedelta(days=days) if first.due_at else None,
            expires_after=first.expires_after,
        )
        sequences.copy_texts(list(first.texts.all()), step)
