"""What stands between a draft and its launch, and what a person should know before."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import packs
from campaigns.models import Campaign, Step, StepText
from campaigns.targeting.audience import CHANNELS_OF, fitting_paths
from campaigns.targeting.reach import Reach
from campaigns.timing import sequences
from campaigns.words import wording
from campaigns.words.forms_named import ALL_PATHS
from campaigns.words.placeholders import used
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
            key = (channel, "en", "")
            english = next((t for t in texts if (t.channel, t.language, t.variant) == key), None)
            if english is None or english.review != StepText.Review.APPROVED:
                found.mends.append(
                    _("Message %(number)s has no approved English words for: %(channel)s.")
                    % {"number": step.position, "channel": Channel(channel).label}
                )
        _about_time(found, step, today)
    found.notes += _about_reviews([t for step in steps for t in step.texts.all()], reach)
    _about_wordings(found, campaign, steps)
    _about_opt_in(found, campaign, steps, reach)
    if not reach.students:
        found.mends.append(_("Nobody matches the audience."))
    elif not reach.all_messages:
        found.mends.append(_("Nobody in the audience can be written to."))
    if steps:
        found.notes += _about_fallbacks(steps[0], reach)
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


def _about_time(found: Readiness, step: Step, today: dt.date) -> None:
    """Whether a step's day can be named, and lies ahead."""
    number = {"number": step.position}
    if step.when == Step.When.DEADLINE:
        deadline = sequences.deadline_of(step, launched_on=today)
        if deadline is None:
            found.notes.append(
                _("Message %(number)s waits until its deadline is on record.") % number
            )
        elif deadline.on + dt.timedelta(days=step.offset_days) < today:
            found.mends.append(_("The day of message %(number)s has passed.") % number)
    elif step.when == Step.When.DATE and step.due_at:
        zone = ZoneInfo(step.campaign.district.zone)
        if step.due_at.astimezone(zone).date() < today:
            found.mends.append(_("The day of message %(number)s has passed.") % number)


def _about_wordings(found: Readiness, campaign: Campaign, steps: list[Step]) -> None:
    """Wordings that are to be compared and have no words of their own."""
    for name in campaign.variant_names:
        if not any(text.variant == name for step in steps for text in step.texts.all()):
            found.mends.append(
                _("Wording %(name)s has no words yet: write them, or compare fewer.")
                % {"name": name}
            )


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
    codes = languages.by_name((drafts & reach.languages.keys()) - {"en"})
    waiting = [languages.get(code).in_a_sentence for code, _name in codes]
    if not waiting:
        return []
    told = ngettext(
        "Words wait for a reader's approval, and are not sent before, in: %(languages)s.",
        "Words in %(count)s languages wait for a reader's approval, and are not sent before: "
        "%(languages)s.",
        len(waiting),
    )
    return [told % {"count": len(waiting), "languages": ", ".join(waiting)}]


def _about_fallbacks(step: Step, reach: Reach) -> list[str]:
    """Which families will read another language than their own, as the sender will choose it."""
    texts = wording.approved_texts([step.pk])
    reading: dict[str, Counter[str]] = defaultdict(Counter)
    for channel, by_language in reach.messages.items():
        written = {code for _step, of, code, variant in texts if (of, variant) == (channel, "")}
        for code, count in by_language.items():
            instead = next((c for c in languages.fallbacks(code) if c in written), code)
            if instead != code:
                reading[instead][code] += count
    return [
        _("%(count)s messages go out in %(instead)s, for want of approved words in: %(languages)s.")
        % {
            "count": found.total(),
            "instead": languages.get(instead).in_a_sentence,
            "languages": ", ".join(
                f"{languages.get(code).in_a_sentence} ({count})"
                for code, count in found.most_common()
            ),
        }
        for instead, found in reading.items()
    ]
