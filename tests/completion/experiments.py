"""Launched campaigns with families in both arms."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from campaigns.models import Arm, Assignment, Campaign, CampaignState
from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, Household, Student
from contacts.statuses import Finding
from schools.models import Cycle, School

BEGAN = timezone.now() - dt.timedelta(days=100)
_numbers = itertools.count(1)


def a_campaign(*schools: School, began: dt.datetime = BEGAN, **values: Any) -> Campaign:
    """One that was launched and has sent all it had to send."""
    cycle = Cycle.objects.get_or_create(name=Cycle.name_on(began.date()))[0]
    defaults: dict[str, Any] = {
        "name": "A reminder",
        "district": schools[0].district,
        "cycle": cycle,
        "state": CampaignState.FINISHED,
        "launched_at": began,
        "hold_out_percent": 20,
    }
    campaign = Campaign.objects.create(**defaults | values)
    campaign.schools.set(schools)
    return campaign


def an_arm(
    campaign: Campaign,
    school: School,
    arm: Arm,
    *,
    of: int,
    done: int,
    days: int = 5,
    size: int = 1,
    status: AidStatus = AidStatus.COMPLETED,
    source: AidStatusEntry.Source = AidStatusEntry.Source.FILE,
    stratum: str = "",
    wording: str = "",
) -> list[Student]:
    """`of` households of `size` students, of which in `done` all reach `status` after `days`."""
    assert school.district is not None and campaign.launched_at is not None
    households = Household.objects.bulk_create(
        Household(district=school.district) for _ in range(of)
    )
    Assignment.objects.bulk_create(
        Assignment(
            campaign=campaign,
            household=h,
            arm=arm,
            variant=wording,
            stratum=stratum or f"{school.pk}|not_started",
        )
        for h in households
    )
    students = Student.objects.bulk_create(
        Student(
            district=school.district,
            school=school,
            household=household,
            cycle=campaign.cycle,
            sis_id=f"E{next(_numbers)}",
            first_name="Ana",
            last_name="Lopez",
        )
        for household in households
        for _ in range(size)
    )
    moment = campaign.launched_at + dt.timedelta(days=days)
    reached = [Finding(student, status, moment) for student in students[: done * size]]
    statuses.record_many(reached, source=source)
    return students


def known_until(campaign: Campaign, student: Student, *, days: int = 90) -> None:
    """A status file that speaks of one student, so much later: what came before is known."""
    assert campaign.launched_at is not None
    moment = campaign.launched_at + dt.timedelta(days=days)
    statuses.record_many([Finding(student, AidStatus.IN_PROGRESS, moment)])
