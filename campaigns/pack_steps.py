"""One step of a pack: read from TOML, written to it, taken from a campaign and given to one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from campaigns import toml
from campaigns.models import Campaign, Step, StepText
from campaigns.models.campaign import VARIANTS
from contacts.models import AidStatus, Channel

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PackText:
    channel: str
    language: str
    body: str
    subject: str = ""
    reviewed: bool = False
    variant: str = ""  # of wordings that are compared


@dataclass(frozen=True)
class PackStep:
    """When and how it comes; `after_days` counts from the launch or, by `when`, a deadline."""

    texts: tuple[PackText, ...]
    channels: str = Step.Channels.BOTH.value
    after_days: int = 0
    expires_after_days: int = 3
    when: str = Step.When.LAUNCH.value
    hour: str = ""
    deadline: str = ""
    on_status: str = ""
    listen_days: int = 60
    repeat_days: int = 0
    repeats: int = 0

    def problem(self) -> str:
        """What is wrong with its numbers; empty where nothing is."""
        least = -365 if self.when == Step.When.DEADLINE else 0
        if not (least <= self.after_days <= 365 and 1 <= self.expires_after_days <= 30):
            return _("A step follows within 365 days and expires within 1 to 30.")
        if not (0 <= self.repeat_days <= 120 and 0 <= self.repeats <= 30):
            return _("A step comes again within 120 days, at most 30 times.")
        if self.when == Step.When.DATE or not 1 <= self.listen_days <= 365:
            return _("A pack's steps count from the launch, a deadline or a change of status.")
        if self.when == Step.When.EVENT and self.on_status not in AidStatus.values:
            return _("A step on a change of status names the status.")
        return ""


def read(data: dict[str, Any]) -> PackStep:
    """A step of a TOML file. Raises KeyError, TypeError or ValueError."""
    hour = str(data.get("hour", ""))
    return PackStep(
        texts=tuple(_read_text(text) for text in data["texts"]),
        channels=Step.Channels(data.get("channels", Step.Channels.BOTH)).value,
        after_days=int(data.get("after_days", 0)),
        expires_after_days=int(data.get("expires_after_days", 3)),
        when=Step.When(data.get("when", Step.When.LAUNCH)).value,
        hour=f"{dt.time.fromisoformat(hour):%H:%M}" if hour else "",
        deadline=str(data.get("deadline", ""))[:120],
        on_status=str(data.get("on_status", "")),
        listen_days=int(data.get("listen_days", 60)),
        repeat_days=int(data.get("repeat_days", 0)),
        repeats=int(data.get("repeats", 0)),
    )


def _read_text(text: dict[str, Any]) -> PackText:
    variant = str(text.get("wording", ""))
    if variant and variant not in VARIANTS:
        raise ValueError(f"wording {variant}")
    return PackText(
        channel=Channel(text["channel"]).value,
        language=str(text["language"]),
        body=str(text["body"]).strip(),
        subject=str(text.get("subject", "")).strip(),
        reviewed=text.get("reviewed", False) is True,
        variant=variant,
    )


def lines(step: PackStep) -> list[str]:
    """The step as lines of TOML, without what goes without saying."""
    plain = PackStep(texts=())
    said = ["[[steps]]", f"channels = {toml.text(step.channels)}"]
    said += [f"after_days = {step.after_days}", f"expires_after_days = {step.expires_after_days}"]
    for name in ("when", "hour", "deadline", "on_status"):
        if getattr(step, name) != getattr(plain, name):
            said.append(f"{name} = {toml.text(getattr(step, name))}")
    for name in ("listen_days", "repeat_days", "repeats"):
        if getattr(step, name) != getattr(plain, name):
            said.append(f"{name} = {getattr(step, name)}")
    for text in step.texts:
        said += ["", "[[steps.texts]]", f"channel = {toml.text(text.channel)}"]
        said += [f"language = {toml.text(text.language)}"]
        said += [f"wording = {toml.text(text.variant)}"] if text.variant else []
        said += [f"reviewed = {'true' if text.reviewed else 'false'}"]
        said += [f"subject = {toml.text(text.subject)}"] if text.subject else []
        said += [f"body = {toml.long_text(text.body)}"]
    return said


def of_step(step: Step, *, start: dt.datetime | None) -> PackStep:
    """A campaign's step; a date becomes the days since `start`, when the campaign begins."""
    when, after = step.when, step.offset_days
    if when == Step.When.DATE:
        begun = start or step.due_at
        after = max((step.due_at - begun).days, 0) if step.due_at and begun else 0
        when = Step.When.LAUNCH
    return PackStep(
        texts=tuple(
            PackText(
                text.channel,
                text.language,
                text.body.strip(),
                text.subject,
                text.review == StepText.Review.APPROVED,
                text.variant,
            )
            for text in step.texts.all()
        ),
        channels=step.channels,
        after_days=after,
        expires_after_days=min(max(step.expires_after.days, 1), 30),
        when=str(when),
        hour=f"{step.at_hour:%H:%M}" if step.at_hour else "",
        deadline=step.deadline_name,
        on_status=step.on_status,
        listen_days=step.listen_days,
        repeat_days=step.repeat_days or 0,
        repeats=step.repeats_left,
    )


def to_step(packed: PackStep, campaign: Campaign, position: int) -> Step:
    """The step, saved in a campaign; its texts are the caller's."""
    return Step.objects.create(
        campaign=campaign,
        position=position,
        channels=packed.channels,
        when=packed.when,
        offset_days=packed.after_days,
        at_hour=dt.time.fromisoformat(packed.hour) if packed.hour else None,
        deadline_name=packed.deadline,
        on_status=packed.on_status,
        listen_days=packed.listen_days,
        repeat_days=packed.repeat_days or None,
        repeats_left=packed.repeats,
        expires_after=packed.expires_after_days * DAY,
    )


def to_texts(packed: PackStep, step: Step, *, now: dt.datetime) -> list[StepText]:
    """The step's texts, not saved; those marked reviewed are approved."""
    return [
        StepText(
            step=step,
            channel=text.channel,
            language=text.language,
            variant=text.variant,
            subject=text.subject,
            body=text.body,
            review=StepText.Review.APPROVED if text.reviewed else StepText.Review.DRAFT,
            reviewed_at=now if text.reviewed else None,
        )
        for text in packed.texts
    ]
