"""When one step comes, and by which channels: the form of a message in a sequence."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Step
from campaigns.timing import sequences
from contacts.models import AidStatus

BEFORE, AFTER = "before", "after"


class StepForm(forms.Form):
    """One step's time and channels; only the fields of the chosen kind of time count."""

    channels = forms.ChoiceField(
        label=_("How to reach them"), choices=Step.Channels.choices, widget=forms.RadioSelect
    )
    when = forms.ChoiceField(
        label=_("When it comes"), choices=Step.When.choices, widget=forms.RadioSelect
    )
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=365, required=False)
    side = forms.ChoiceField(
        label=_("Before or after the deadline"),
        choices=[(BEFORE, _("Before")), (AFTER, _("After"))],
        required=False,
    )
    deadline = forms.ChoiceField(label=_("Deadline"), required=False)
    at_hour = forms.TimeField(
        label=_("Hour"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Empty: the hour of the launch, or 10:00 for a deadline."),
    )
    at = forms.DateTimeField(
        label=_("Day and hour"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    on_status = forms.ChoiceField(
        label=_("When a student's status becomes"), choices=AidStatus.choices, required=False
    )
    listen_days = forms.IntegerField(
        label=_("For so many days after the launch"), min_value=1, max_value=365, required=False
    )
    repeat_days = forms.IntegerField(
        label=_("Comes again after so many days"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("Empty: it comes once. Each time only to those who still belong to it."),
    )
    repeats_left = forms.IntegerField(
        label=_("So many times more"), min_value=1, max_value=30, required=False
    )
    expires_after = forms.IntegerField(
        label=_("Days a message may wait for a lawful hour"), min_value=1, max_value=30
    )

    def __init__(self, *args: Any, campaign: Campaign, step: Step | None, **kwargs: Any) -> None:
        self.campaign, self.step = campaign, step
        self.zone = ZoneInfo(campaign.district.zone)
        first = step or campaign.steps.first() or Step(campaign=campaign)
        due = first.due_at if step and step.when == Step.When.DATE else None
        kwargs["initial"] = {
            "channels": first.channels,
            "when": step.when if step else Step.When.LAUNCH,
            "days": abs(step.offset_days) if step else 7,
            "side": AFTER if step and step.offset_days > 0 else BEFORE,
            "deadline": step.deadline_name if step else "",
            "at_hour": step.at_hour if step else None,
            "at": due.astimezone(self.zone).replace(tzinfo=None) if due else None,
            "on_status": (step.on_status if step else "") or AidStatus.ACTION_NEEDED,
            "listen_days": first.listen_days,
            "repeat_days": step.repeat_days if step else None,
            "repeats_left": (step.repeats_left if step else 0) or None,
            "expires_after": max(first.expires_after.days, 1),
        }
        super().__init__(*args, **kwargs)
        known = [
            (each.name, f"{each.name} ({each.on:%Y-%m-%d})")
            for each in sequences.deadlines_of(campaign)
        ]
        self.fields["deadline"].choices = [  # type: ignore[attr-defined]
            ("", _("The next one")),
            *dict(known).items(),
        ]
        if campaign.invites:  # asked once ever, by text
            del self.fields["repeat_days"], self.fields["repeats_left"], self.fields["channels"]

    def clean_at(self) -> dt.datetime | None:
        """The chosen hour in the district's own zone."""
        at = self.cleaned_data["at"]
        return at.replace(tzinfo=None).replace(tzinfo=self.zone) if at else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("when")
        if kind == Step.When.DATE and "at" not in self.errors:
            if not data.get("at"):
                self.add_error("at", _("Choose a day and an hour."))
            elif data["at"] < timezone.now():
                self.add_error("at", _("This hour has passed."))
        if kind == Step.When.DEADLINE and data.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Say how many days."))
        if bool(data.get("repeat_days")) != bool(data.get("repeats_left")):
            name = "repeats_left" if data.get("repeat_days") else "repeat_days"
            if name not in self.errors:
                self.add_error(name, _("Fill both fields or neither."))
        if kind == Step.When.EVENT and data.get("repeat_days"):
            self.add_error("repeat_days", _("A message on a change of status comes once."))
        return data

    def save(self, *, now: dt.datetime) -> Step:
        """The step: changed, or a new one with the words of the campaign's first."""
        data, kind = self.cleaned_data, self.cleaned_data["when"]
        days = data["days"] or 0
        before = kind == Step.When.DEADLINE and data["side"] == BEFORE
        step = self.step or Step(campaign=self.campaign)
        step.when = kind
        step.channels = data.get("channels") or step.channels
        step.offset_days = 0 if kind in (Step.When.DATE, Step.When.EVENT) else days
        step.offset_days *= -1 if before else 1
        step.at_hour = data["at_hour"] if kind in (Step.When.LAUNCH, Step.When.DEADLINE) else None
        step.due_at = data["at"] if kind == Step.When.DATE else None
        step.deadline_name = data["deadline"] if kind == Step.When.DEADLINE else ""
        step.on_status = data["on_status"] if kind == Step.When.EVENT else ""
        step.listen_days = data["listen_days"] or step.listen_days
        step.repeat_days = data.get("repeat_days")
        step.repeats_left = data.get("repeats_left") or 0
        step.expires_after = dt.timedelta(days=data["expires_after"])
        if step.pk is None:
            words = self.campaign.steps.order_by("position").first()
            last = self.campaign.steps.order_by("position").last()
            step.position = last.position + 1 if last else 1
            step.save()
            if words:
                sequences.copy_texts(list(words.texts.all()), step)
        if self.campaign.launched_at:
            step.due_at = sequences.due_of(step, launched_at=self.campaign.launched_at)
        step.save()
        return step
