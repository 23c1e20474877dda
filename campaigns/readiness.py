"""What stands between a draft and its launch, and what a person should know before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import packs, wording
from campaigns.audience import CHANNELS_OF, Reach, fitting_paths
from campaigns.forms_named import ALL_PATHS
from campaigns.models import Campaign, Step, StepText
from campaigns.placeholders import used
from contacts import languages
from contacts.models import Channel

NO_NEED_TO_ASK = gettext_lazy(
    "The district does not ask for an opt-in, so nobody need be asked whether we may text."
)


@dataclass
class Readiness:
    """`mends` must be mended first; `notes` are worth knowing."""

    mends: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return not self.mends


def check(campaign: Campaign, reach: Reach, *, today: dt.date) -> Readiness:
    """Looks at a draft as a careful colleague would."""
    found = Readiness()
    steps = list(campaign.steps.prefetch_related("texts"))
    if not steps:
        found.mends.append(_("The campaign has no message yet."))
    for step in steps:
        texts = list(step.texts.all())
        for channel in CHANNELS_OF[step.channels]:
            english = next((t for t in texts if (t.channel, t.language) == (channel, "en")), None)
            if english is None or english.review != StepText.Review.APPROVED:
                found.mends.append(
                    _("Message %(number)s has no approved English words for: %(channel)s.")
                    % {"number": step.position, "channel": Channel(channel).label}
                )
        found.notes += _about_reviews(texts, reach)
    _about_opt_in(found, campaign, steps, reach)
    if not reach.students:
        found.mends.append(_("Nobody matches the audience."))
    elif not reach.all_messages:
        found.mends.append(_("Nobody in the audience can be written to."))
    found.notes += _about_fallbacks(steps[0].texts.all() if steps else [], reach)
    if fitting_paths(campaign) != ALL_PATHS:
        found.notes.append(
            _(
                "Some words name only one of the two forms, so families who file the other, or "
                "whose form is not known, are left out. Name both forms to reach everyone."
            )
        )
    words = " ".join(t.subject + t.body for s in steps for t in s.texts.all())
    if used(words) & {"deadline", "days_left"} and not wording.next_deadline(
        campaign.cycle_id, campaign.district, today
    ):
        found.notes.append(
            _(
                "The words speak of a deadline, but none is on record for %(cycle)s: families will "
                "read “coming soon”."
            )
            % {"cycle": campaign.cycle_id}
        )
    if "help_phone" in used(words) and not campaign.district.help_phone:
        found.notes.append(
            _(
                "The district has no phone for questions on record: families will read "
                "“your school”."
            )
        )
    found.notes = list(dict.fromkeys(found.notes))
    return found


def _about_opt_in(found: Readiness, campaign: Campaign, steps: list[Step], reach: Reach) -> None:
    """What an invitation must be, and that one is wanted where many numbers wait for theirs."""
    if campaign.invites:
        if not campaign.district.sms_needs_opt_in:
            found.mends.append(str(NO_NEED_TO_ASK))
        words = [t.body for step in steps for t in step.texts.all() if t.channel == Channel.SMS]
        if not all(map(packs.asks_for_a_yes, words)):
            found.mends.append(_("It must say how to answer: YES to get texts, STOP to stop."))
        found.notes.append(_("Each number is asked once, ever. Only a YES lets us text it."))
    elif waiting := reach.left_out.get("no_opt_in", 0):
        found.notes.append(
            ngettext(
                "%(count)s number has not opted in, as the district requires. The ready campaign "
                "“May we text you?” asks it once.",
                "%(count)s numbers have not opted in, as the district requires. The ready campaign "
                "“May we text you?” asks each of them once.",
                waiting,
            )
            % {"count": waiting}
        )


def _about_reviews(texts: list[StepText], reach: Reach) -> list[str]:
    drafts = {t.language for t in texts if t.review != StepText.Review.APPROVED}
    drafts &= reach.languages.keys()
    return [
        _("The %(language)s words wait for a reader's approval and will not be sent.")
        % {"language": languages.get(code).name}
        for code in sorted(drafts - {"en"})
    ]


def _about_fallbacks(texts: object, reach: Reach) -> list[str]:
    """Which families will read another language than their own."""
    approved = {
        (t.channel, t.language)
        for t in texts  # type: ignore[attr-defined]
        if t.review == StepText.Review.APPROVED
    }
    reading: dict[str, list[tuple[str, int]]] = {}
    for code, count in reach.languages.items():
        channels = [channel for channel, found in reach.messages.items() if found.get(code)]
        if all((channel, code) in approved for channel in channels):
            continue
        instead = next(
            (
                other
                for other in languages.fallbacks(code)
                if other != code and all((channel, other) in approved for channel in channels)
            ),
            None,
        )
        if instead:
            reading.setdefault(instead, []).append((languages.get(code).name, count))
    return [
        _("%(count)s messages go out in %(instead)s, for want of approved words in: %(languages)s.")
        % {
            "count": sum(count for _name, count in found),
            "instead": languages.get(instead).name,
            "languages": ", ".join(f"{name} ({count})" for name, count in found),
        }
        for instead, found in reading.items()
    ]
