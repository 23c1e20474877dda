"""Whom a campaign is for: its students, and the addresses that may be written to.

One description, `Audience`, serves the wizard's live counts (choices not saved yet), the launch and
the expansion, so the counts a counselor approved are the messages that are made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from campaigns.models import Arm, Assignment, Campaign, Message, Step, StepText
from campaigns.targeting import conditions
from campaigns.words.forms_named import ALL_PATHS, paths_fitting_all
from contacts import consent
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    Channel,
    ContactPoint,
    Guardianship,
    Student,
)

# The audience that packs begin with: everyone who still has something to do.
NOT_COMPLETED = [status.value for status in AidStatus if status != AidStatus.COMPLETED]

CHANNELS_OF: dict[str, tuple[str, ...]] = {
    Step.Channels.BOTH: (Channel.SMS, Channel.EMAIL),
    Step.Channels.SMS_FIRST: (Channel.SMS, Channel.EMAIL),
    Step.Channels.SMS: (Channel.SMS,),
    Step.Channels.EMAIL: (Channel.EMAIL,),
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
    rule: Mapping[str, Any] | None = None  # further conditions (conditions.py)
    # A status, and since when it must have become known: the audience of a step on an event.
    became: tuple[str, dt.datetime] | None = None
    # Only these students are looked at: a batch needs no more, however large the audience is.
    among: frozenset[UUID] | None = None
    people: frozenset[UUID] | None = None  # only these contacts are written to

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
            rule=chosen.get("rule"),
        )

    @classmethod
    def of_step(cls, step: Step) -> Audience:
        """Whom one step is for: the campaign's audience; on an event, those whom it befell.

        The status of the event takes the place of the statuses that the campaign is for.
        """
        whole = cls.of(step.campaign)
        if step.when != Step.When.EVENT:
            return whole
        begun = step.campaign.launched_at or timezone.now()
        return replace(whole, statuses=frozenset(), became=(step.on_status, begun))

    def chosen_students(self) -> QuerySet[Student]:
        """Students present in the chosen schools and cycle, before the words are looked at."""
        students = Student.objects.present().filter(school__in=self.schools, cycle=self.cycle)
        if self.among is not None:
            students = students.filter(pk__in=self.among)
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
        if self.became:
            status, since = self.became
            told = AidStatusEntry.objects.filter(student=OuterRef("pk"), status=status)
            # A file says the same each week: what stood before is no news.
            stood = Q(aid_status_since__lt=since) & Exists(told.filter(recorded_at__lt=since))
            news = Exists(told.filter(recorded_at__gte=since))
            students = students.filter(news, aid_status=status).exclude(stood)
        if self.rule:
            students = students.filter(conditions.as_q(self.rule, now=timezone.now()))
        return students

    def students(self) -> QuerySet[Student]:
        """The students whose families the campaign writes to."""
        return self.chosen_students().filter(path__in=self.fitting_paths)

    def known_points(self, channel: str) -> QuerySet[ContactPoint]:
        """Every address of the audience's people, whether or not it may be written to."""
        students = self.students()
        # Not `student__in`: SQLite would try a contact with every student of the audience.
        guards = Guardianship.objects.filter(
            Exists(students.filter(pk=OuterRef("student"))),
            contact=OuterRef("contact"),
            may_contact=True,
        )
        points = ContactPoint.objects.filter(
            Q(Exists(guards)) | Q(contact__student__in=students),
            channel=channel,
            contact__left_on=None,
            removed_on=None,
        )
        if self.people is not None:
            points = points.filter(contact__in=self.people)
        if self.languages:
            points = points.filter(contact__language__in=self.languages)
        return points

    def of_people(self, contacts: Collection[UUID]) -> Audience:
        """Those of the audience who are among `contacts`, for the price of these alone."""
        charges = Guardianship.objects.filter(contact__in=contacts).values_list("student")
        own = Student.objects.filter(own_contact__in=contacts).values_list("pk")
        students = frozenset(pk for (pk,) in charges.order_by().union(own.order_by()))
        return replace(self, among=students, people=frozenset(contacts))

    def at(self, channel: str, address_indexes: Sequence[str]) -> QuerySet[ContactPoint]:
        """Those of `points` at some addresses, for the price of those addresses alone."""
        there = ContactPoint.objects.filter(channel=channel, address_index__in=address_indexes)
        few = self.of_people(set(there.values_list("contact", flat=True)))
        return few.points(channel).filter(address_index__in=address_indexes)

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

    def placed(self, points: QuerySet[ContactPoint]) -> QuerySet[ContactPoint, Any]:
        """`points` with the household and the school that each would be written to for."""
        students = self.students()
        own = students.filter(pk=OuterRef("contact__student")).order_by()
        # Asked from the contact's side and in the order of its index: each is one look-up.
        charge = Guardianship.objects.filter(
            Exists(students.filter(pk=OuterRef("student"))),
            contact=OuterRef("contact"),
            may_contact=True,
        ).order_by("student")
        return points.annotate(
            for_household=Coalesce(
                Subquery(own.values("household")[:1]),
                Subquery(charge.values("student__household")[:1]),
            ),
            for_school=Coalesce(
                Subquery(own.values("school")[:1]), Subquery(charge.values("student__school")[:1])
            ),
        )


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


def students_to_assign(campaign: Campaign) -> QuerySet[Student]:
    """Everyone whom the campaign may ever write to, for drawing the arms at launch.

    Where a step waits for a change of status, that is whatever the status is today.
    """
    whole = Audience.of(campaign)
    if campaign.steps.filter(when=Step.When.EVENT).exists():
        whole = replace(whole, statuses=frozenset())
    return whole.students()


def points(campaign: Campaign, channel: str) -> QuerySet[ContactPoint]:
    """Addresses of guardians who may be contacted, and of students, that may be written to now."""
    return Audience.of(campaign).points(channel)


def held_out_at_address(campaign: Campaign) -> QuerySet[Assignment]:
    """Held-out households that would hear through this address, whoever else shares it."""
    family = Student.objects.filter(
        Q(guardianships__contact__points__address_index=OuterRef(OuterRef("address_index")))
        | Q(own_contact__points__address_index=OuterRef(OuterRef("address_index")))
    )
    return Assignment.objects.filter(
        campaign=campaign, arm=Arm.HELD_OUT, household__in=family.values("household")
    )
