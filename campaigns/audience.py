"""Whom a campaign is for: its students, the addresses that may be written to, and who is left out.

One description, `Audience`, serves the wizard's live counts (choices not saved yet), the launch and
the expansion, so the counts a counselor approved are the messages that are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from campaigns.forms_named import ALL_PATHS, paths_fitting_all
from campaigns.models import Campaign, Message, Step, StepText
from contacts import consent
from contacts.models import (
    AidStatus,
    Channel,
    Consent,
    Contact,
    ContactPoint,
    Guardianship,
    Student,
    Suppression,
)

# The audience that packs begin with: everyone who still has something to do.
NOT_COMPLETED = [status.value for status in AidStatus if status != AidStatus.COMPLETED]

CHANNELS_OF: dict[str, tuple[str, ...]] = {
    Step.Channels.BOTH: (Channel.SMS, Channel.EMAIL),
    Step.Channels.SMS_FIRST: (Channel.SMS, Channel.EMAIL),
    Step.Channels.SMS: (Channel.SMS,),
    Step.Channels.EMAIL: (Channel.EMAIL,),
}

LEFT_OUT = {
    "withdrawn": _("Asked not to be written to"),
    "suppressed": _("Stopped, unsubscribed or bounced"),
    "no_opt_in": _("Not opted in, as the district requires"),
    "invited": _("Already asked whether we may text them, or has said yes"),
    "unusable": _("The number or address does not work"),
    "landline": _("A landline takes no texts"),
    "other": _("Not allowed at present"),
    "no_address": _("Students with nobody to write to"),
    "form": _("Students whose form these words do not name"),
}


@dataclass(frozen=True)
class Audience:
    """The choices that make an audience, saved or not. An empty choice leaves a question open."""

    schools: frozenset[int]
    cycle: str
    statuses: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    # Paths whose families the campaign's words fit (forms_named.py).
    fitting_paths: frozenset[str] = ALL_PATHS
    invites: bool = False  # asks whom we may not text yet whether we may

    @classmethod
    def of(cls, campaign: Campaign) -> Audience:
        """The saved choices of a campaign, narrowed to families whom its words fit."""
        chosen = campaign.audience
        return cls(
            schools=frozenset(campaign.schools.values_list("pk", flat=True)),
            cycle=campaign.cycle_id,
            statuses=frozenset(chosen.get("statuses", ())),
            languages=frozenset(chosen.get("languages", ())),
            grades=frozenset(chosen.get("grades", ())),
            paths=frozenset(chosen.get("paths", ())),
            fitting_paths=fitting_paths(campaign),
            invites=campaign.invites,
        )

    def chosen_students(self) -> QuerySet[Student]:
        """Students present in the chosen schools and cycle, before the words are looked at."""
        students = Student.objects.present().filter(school__in=self.schools, cycle=self.cycle)
        for column, values in (
            ("aid_status", self.statuses),
            ("grade", self.grades),
            ("path", self.paths),
        ):
            if values:
                students = students.filter(**{f"{column}__in": values})
        if self.languages:
            readers = Guardianship.objects.filter(
                student=OuterRef("pk"), may_contact=True, contact__language__in=self.languages
            )
            students = students.filter(
                Q(Exists(readers)) | Q(own_contact__language__in=self.languages)
            )
        return students

    def students(self) -> QuerySet[Student]:
        """The students whose families the campaign writes to."""
        return self.chosen_students().filter(path__in=self.fitting_paths)

    def known_points(self, channel: str) -> QuerySet[ContactPoint]:
        """Every address of the audience's people, whether or not it may be written to."""
        students = self.students()
        guards = Guardianship.objects.filter(
            contact=OuterRef("contact"), may_contact=True, student__in=students
        )
        points = ContactPoint.objects.filter(
            Q(Exists(guards)) | Q(contact__student__in=students),
            channel=channel,
            contact__left_on=None,
            removed_on=None,
        )
        if self.languages:
            points = points.filter(contact__language__in=self.languages)
        return points

    def points(self, channel: str) -> QuerySet[ContactPoint]:
        """Addresses of `channel` that may be written to now; one address may appear twice."""
        if self.invites:
            return consent.may_be_invited(self.known_points(channel))
        return consent.allowed(self.known_points(channel))

    def open_points(self, channel: str) -> QuerySet[ContactPoint]:
        """Addresses for which a message can be made: without those that were invited before."""
        points = self.points(channel)
        if not self.invites:
            return points
        asked = Message.objects.invitations().filter(
            channel=channel, address_index=OuterRef("address_index")
        )
        return points.exclude(Exists(asked))

    def addresses(self, channels: str, channel: str) -> QuerySet[ContactPoint]:
        """One point for each address of `channel` that a step with `channels` writes to.

        `sms_first` writes an e-mail only to people for whom no text can go. Where several people
        share an address, a guardian comes before a student, and the oldest record first.
        """
        if channel not in CHANNELS_OF[channels]:
            return ContactPoint.objects.none()
        points = self.open_points(channel)
        if channels == Step.Channels.SMS_FIRST and channel == Channel.EMAIL:
            points = points.exclude(contact__in=self.points(Channel.SMS).values("contact"))
        first = Window(
            RowNumber(),
            partition_by=[F("address_index")],
            order_by=[F("contact__student").asc(nulls_first=True), "created_at", "pk"],
        )
        return points.annotate(place_at_address=first).filter(place_at_address=1)


def channels_used(campaign: Campaign) -> list[str]:
    """The channels that any step of the campaign writes by, in a steady order."""
    used = {channel for step in campaign.steps.all() for channel in CHANNELS_OF[step.channels]}
    return [channel for channel in Channel.values if channel in used]


def fitting_paths(campaign: Campaign) -> frozenset[str]:
    """Application paths of the families whom every text of the campaign fits."""
    if campaign.pk is None:
        return ALL_PATHS
    texts = StepText.objects.filter(step__campaign=campaign).select_related("step")
    return paths_fitting_all(
        f"{text.subject}\n{text.body}"
        for text in texts
        if text.channel in CHANNELS_OF[text.step.channels]
    )


def students(campaign: Campaign) -> QuerySet[Student]:
    """Students present of the campaign's schools and cycle who match its saved filter."""
    return Audience.of(campaign).students()


def points(campaign: Campaign, channel: str) -> QuerySet[ContactPoint]:
    """Addresses of guardians who may be contacted, and of students, that may be written to now."""
    return Audience.of(campaign).points(channel)


def addresses(step: Step, channel: str) -> QuerySet[ContactPoint]:
    """One point an address: exactly whom `step` writes to by `channel`, hold-out aside."""
    return Audience.of(step.campaign).addresses(step.channels, channel)


@dataclass(frozen=True)
class Reach:
    """How many a campaign reaches, and who is left out and why (counts, never names)."""

    students: int = 0
    households: int = 0
    messages: dict[str, dict[str, int]] = field(default_factory=dict)  # channel → language → n
    left_out: dict[str, int] = field(default_factory=dict)  # key of LEFT_OUT → n

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


def reach(campaign: Campaign) -> Reach:
    """What one sending of the campaign's first step reaches, as expansion would make it."""
    step = campaign.steps.first()
    channels = step.channels if step else Step.Channels.BOTH
    return reach_of(Audience.of(campaign), channels)


def reach_of(audience: Audience, channels: str) -> Reach:
    """The reach of these choices when sent by `channels` (a value of Step.Channels)."""
    students = audience.students()
    messages: dict[str, dict[str, int]] = {}
    left_out: Counter[str] = Counter()
    for channel in CHANNELS_OF[channels]:
        addressed = audience.addresses(channels, channel).values_list("contact__language")
        messages[channel] = dict(Counter(language for (language,) in addressed).most_common())
        left_out.update(_why_left_out(audience, channel))
    totals = students.aggregate(students=Count("pk"), households=Count("household", distinct=True))
    left_out["no_address"] = _students_without_address(audience, CHANNELS_OF[channels])
    left_out["form"] = audience.chosen_students().count() - totals["students"]
    return Reach(
        students=totals["students"],
        households=totals["households"],
        messages=messages,
        left_out={reason: left_out[reason] for reason in LEFT_OUT if left_out[reason]},
    )


def _why_left_out(audience: Audience, channel: str) -> Counter[str]:
    """Distinct addresses of `channel` that may not be written to, by the first reason found."""
    allowed = audience.open_points(channel).values("address_index")
    suppressed = Suppression.objects.active().filter(
        channel=channel, address_index=OuterRef("address_index")
    )
    rows = (
        audience.known_points(channel)
        .exclude(address_index__in=allowed)
        .annotate(is_suppressed=Exists(suppressed))
        .values_list(
            "address_index",
            "consent",
            "is_suppressed",
            "unusable",
            "line",
            "contact__district__sms_needs_opt_in",
        )
    )
    reasons: dict[str, str] = {}
    for address, given, is_suppressed, unusable, line, opt_in in rows:
        if is_suppressed:
            reason = "suppressed"
        elif audience.invites and channel == Channel.SMS and given == Consent.EXPLICIT:
            reason = "invited"
        elif given in (Consent.WITHDRAWN, Consent.NONE):
            reason = "withdrawn" if given == Consent.WITHDRAWN else "no_opt_in"
        elif unusable:
            reason = "unusable"
        elif channel == Channel.SMS and line == ContactPoint.Line.LANDLINE:
            reason = "landline"
        elif audience.invites and channel == Channel.SMS:
            reason = "invited" if opt_in else "other"
        elif channel == Channel.SMS and opt_in and given != Consent.EXPLICIT:
            reason = "no_opt_in"
        else:
            reason = "other"
        reasons.setdefault(address, reason)
    return Counter(reasons.values())


def _students_without_address(audience: Audience, channels: Iterable[str]) -> int:
    """Students of the audience whom none of its addresses speaks for."""
    reachable = Q()
    for channel in channels:
        contacts = Contact.objects.filter(points__in=audience.open_points(channel))
        guarded = Guardianship.objects.filter(
            student=OuterRef("pk"), may_contact=True, contact__in=contacts
        )
        own = contacts.filter(student=OuterRef("pk"))
        reachable |= Q(Exists(guarded)) | Q(Exists(own))
    return audience.students().exclude(reachable).count()
