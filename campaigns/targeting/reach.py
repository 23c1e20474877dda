"""How many a campaign would reach, and who is left out of it and why: counts, never names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Step
from campaigns.sending import weekly_cap
from campaigns.targeting.audience import CHANNELS_OF, Audience
from contacts.models import Channel, Consent, Contact, ContactPoint, Guardianship, Suppression

LEFT_OUT = {
    "withdrawn": _("Asked not to be written to"),
    "suppressed": _("Stopped, unsubscribed or bounced"),
    "no_opt_in": _("Not opted in, as the district requires"),
    "invited": _("Already asked whether we may text them, or has said yes"),
    "unusable": _("The number or address does not work"),
    "landline": _("A landline takes no texts"),
    "other": _("Not allowed at present"),
    "text_first": _("Reached by a text instead"),
    "held_out": _("Held out, so that the effect can be measured"),
    "weekly_cap": _("Heard enough from the district this week"),
    "no_address": _("Students with nobody to write to"),
    "form": _("Students whose form these words do not name"),
}


@dataclass(frozen=True)
class Reach:
    """How many a campaign reaches, and who is left out and why (counts, never names).

    Of each channel: `known` addresses = messages + those `apart`, by reason.
    """

    students: int = 0
    households: int = 0
    messages: dict[str, dict[str, int]] = field(default_factory=dict)  # channel → language → n
    known: dict[str, int] = field(default_factory=dict)  # channel → addresses of its people
    apart: dict[str, dict[str, int]] = field(default_factory=dict)  # channel → reason → n
    left_out: dict[str, int] = field(default_factory=dict)  # key of LEFT_OUT → n, all channels

    def total(self, channel: str) -> int:
        return sum(self.messages.get(channel, {}).values())

    @property
    def all_messages(self) -> int:
        return sum(self.total(channel) for channel in self.messages)

    @property
    def languages(self) -> dict[str, int]:
        """Messages by language, most spoken first."""
        together: Counter[str] = Counter()
        for by_language in self.messages.values():
            together.update(by_language)
        return dict(together.most_common())


def reach_of(campaign: Campaign) -> Reach:
    """What one sending of the campaign's first step reaches, as expansion would make it."""
    step = campaign.steps.first()
    channels = step.channels if step else Step.Channels.BOTH
    return reach_of_choices(Audience.of(campaign), channels, campaign=campaign)


def reach_of_choices(audience: Audience, channels: str, *, campaign: Campaign) -> Reach:
    """The reach of these choices for a campaign, sent by `channels` (one of Step.Channels)."""
    students = audience.students()
    messages: dict[str, dict[str, int]] = {}
    apart: dict[str, dict[str, int]] = {}
    known: dict[str, int] = {}
    full = weekly_cap.reached(campaign.district, now=timezone.now())
    for channel in CHANNELS_OF[channels]:
        addressed: Any = audience.addresses(channels, channel)
        reasons = _why_not_open(audience, channel)
        if full is not None:
            enough = Q(("for_household__in", full))
            placed = audience.placed(addressed)
            addressed = placed.exclude(enough)
            reasons["weekly_cap"] = placed.filter(enough).count()
        found = addressed.order_by().values_list("contact__language")
        messages[channel] = dict(Counter(language for (language,) in found).most_common())
        known[channel] = audience.known_points(channel).aggregate(
            n=Count("address_index", distinct=True)
        )["n"]
        rest = known[channel] - sum(messages[channel].values()) - sum(reasons.values())
        reasons["text_first"] = rest if channels == Step.Channels.SMS_FIRST else 0
        apart[channel] = {reason: reasons[reason] for reason in LEFT_OUT if reasons[reason]}
    totals = students.aggregate(students=Count("pk"), households=Count("household", distinct=True))
    left_out: Counter[str] = Counter()
    for by_reason in apart.values():
        left_out.update(by_reason)
    left_out["no_address"] = _students_without_address(audience, CHANNELS_OF[channels])
    left_out["form"] = audience.chosen_students().count() - totals["students"]
    return Reach(
        students=totals["students"],
        households=totals["households"],
        messages=messages,
        known=known,
        apart=apart,
        left_out={reason: left_out[reason] for reason in LEFT_OUT if left_out[reason]},
    )


def _why_not_open(audience: Audience, channel: str) -> Counter[str]:
    """Distinct addresses of `channel` that may not be written to, by the first reason that fits.

    Counted in the database: a state's audience has more addresses than one wants to read.
    """
    opt_in = Q(contact__district__sms_needs_opt_in=True)
    text = Q(channel=Channel.SMS)
    inviting = text if audience.invites else Q(pk=None)
    suppressed = Suppression.objects.active().filter(
        channel=channel, address_index=OuterRef("address_index")
    )
    reasons = [
        ("suppressed", Q(Exists(suppressed))),
        ("invited", inviting & Q(consent=Consent.EXPLICIT)),
        ("withdrawn", Q(consent=Consent.WITHDRAWN)),
        ("no_opt_in", Q(consent=Consent.NONE)),
        ("unusable", ~Q(unusable="")),
        ("landline", text & Q(line=ContactPoint.Line.LANDLINE)),
        ("invited", inviting & opt_in),
        ("other", inviting),
        ("no_opt_in", text & opt_in & ~Q(consent=Consent.EXPLICIT)),
    ]
    why = Case(
        *(When(condition, then=Value(at)) for at, (_name, condition) in enumerate(reasons)),
        default=Value(len(reasons)),
        output_field=IntegerField(),
    )
    closed = (
        audience.known_points(channel)
        .exclude(address_index__in=audience.open_points(channel).values("address_index"))
        .order_by()
        .values("address_index")
        .annotate(why=Min(why))
    )
    select, parameters = closed.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT why, COUNT(*) FROM ({select}) AS closed GROUP BY why",
            parameters,
        )
        rows = cursor.fetchall()
    counted: Counter[str] = Counter()
    for at, count in rows:
        counted[reasons[at][0] if at < len(reasons) else "other"] += count
    return counted


def _students_without_address(audience: Audience, channels: Iterable[str]) -> int:
    """Students of the audience whom none of its addresses speaks for."""
    # Lists asked once, not a look-up a student: without statistics that is row by row.
    reachable = Q()
    for channel in channels:
        contacts = audience.open_points(channel).order_by().values("contact")
        guarded = Guardianship.objects.filter(may_contact=True, contact__in=contacts)
        own = Contact.objects.filter(student__isnull=False, pk__in=contacts)
        reachable |= Q(pk__in=guarded.values("student")) | Q(pk__in=own.values("student"))
    return audience.students().exclude(reachable).count()
