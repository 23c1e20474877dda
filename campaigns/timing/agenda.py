"""Everything that is to go out, day by day: steps ahead, deadlines, days without messages."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch

from campaigns.models import Campaign, CampaignState, Message, MessageState, Step
from campaigns.models.campaign import OPEN
from campaigns.timing import sequences
from schools.models import Cycle, Deadline, District, School, User

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Sending:
    """One coming of one step."""

    at: dt.datetime  # by the district's clock
    campaign: Campaign
    step: Step
    again: bool  # a repeat

    @property
    def is_draft(self) -> bool:
        return self.campaign.state == CampaignState.DRAFT

    @property
    def is_paused(self) -> bool:
        return self.campaign.state == CampaignState.PAUSED


@dataclass
class Date:
    """What one day holds."""

    day: dt.date
    sendings: list[Sending] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


@dataclass
class Agenda:
    days: list[Date]
    listening: list[Step]  # on an event: no day can be named
    waiting: list[Step]  # for a deadline that is not on record
    under_way: list[tuple[Campaign, int]]  # campaigns with messages made and not yet sent


def of(
    user: User, *, now: dt.datetime, first: dt.date, days: int, school: School | None = None
) -> Agenda:
    """The agenda of the campaigns that a person may see, from `first` on; of one school if given.

    A draft without a date is left out: it would come whenever somebody launches it.
    """
    campaigns = Campaign.objects.visible_to(user).filter(state__in=OPEN)
    if school is not None:
        campaigns = campaigns.filter(pk__in=Campaign.objects.filter(schools=school).values("pk"))
    unsent = Step.objects.filter(expanded_at=None).select_related("campaign__district__state")
    found = list(
        campaigns.select_related("district__state").prefetch_related(
            Prefetch("steps", queryset=unsent, to_attr="unsent"), "schools"
        )
    )
    dates: dict[dt.date, Date] = defaultdict(lambda: Date(first))
    agenda = Agenda([], [], [], _under_way(found))
    for campaign in found:
        for step in campaign.unsent:
            if step.when == Step.When.EVENT:
                agenda.listening += [step] if campaign.state != CampaignState.DRAFT else []
            elif campaign.state == CampaignState.DRAFT and not step.due_at:
                continue
            else:
                coming = sequences.dates_ahead(step, now=now)
                agenda.waiting += [] if coming else [step]
                for sending in _sendings(campaign, step, coming):
                    dates[sending.at.date()].sendings.append(sending)
    districts = _districts(user, school)
    for district in districts:
        for each in Deadline.objects.of_district(district).filter(cycle__gte=_oldest(now)):
            if each not in dates[each.on].deadlines:
                dates[each.on].deadlines.append(each)
        for blackout in district.blackouts.filter(last_on__gte=first):
            for n in range((blackout.last_on - blackout.first_on).days + 1):
                dates[blackout.first_on + n * DAY].silent.append(blackout.name)
    for day in sorted(dates):
        if first <= day < first + days * DAY:
            dates[day].day = day
            dates[day].sendings.sort(key=lambda each: each.at)
            agenda.days.append(dates[day])
    return agenda


def _sendings(campaign: Campaign, step: Step, coming: Iterable[dt.datetime]) -> Iterable[Sending]:
    zone = ZoneInfo(campaign.district.zone)
    for at_number, at in enumerate(coming):
        yield Sending(at.astimezone(zone), campaign, step, again=at_number > 0)


def _under_way(campaigns: Iterable[Campaign]) -> list[tuple[Campaign, int]]:
    by_pk = {campaign.pk: campaign for campaign in campaigns}
    rows = (
        Message.objects.filter(campaign__in=by_pk, state=MessageState.PENDING)
        .order_by()
        .values_list("campaign")
        .annotate(n=Count("pk"))
        .order_by("campaign")
    )
    return [(by_pk[pk], n) for pk, n in rows if pk is not None]


def _districts(user: User, school: School | None) -> list[District]:
    """The districts whose dates belong on the page: those with families on record."""
    if school is not None:
        return [school.district] if school.district else []
    districts = District.objects.whose_families(user).filter(students__isnull=False)
    return list(districts.select_related("state").distinct()[:50])


def _oldest(now: dt.datetime) -> str:
    return Cycle.name_on(now.date() - 365 * DAY)
