"""When campaigns began, for charts: days and how many, never which families or words."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Min, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from campaigns.models import Campaign
from completion.charts.lines import Mark
from schools.models import School

MOST_MARKS = 12


def campaign_marks(schools: QuerySet[School], cycle: str) -> list[Mark]:
    """The launch days of the campaigns for any of these schools; by week where they are many."""
    launches = (
        Campaign.objects.filter(
            cycle=cycle, launched_at__isnull=False, schools__in=schools.values("pk")
        )
        .values_list("pk", "launched_at")
        .distinct()
    )
    days = Counter(timezone.localdate(at) for _pk, at in launches if at)
    if len(days) > MOST_MARKS:
        weeks: Counter[dt.date] = Counter()
        for day, count in days.items():
            weeks[day - dt.timedelta(days=day.weekday())] += count
        days = weeks
    return [
        Mark(day, ngettext("%(n)s campaign", "%(n)s campaigns", count) % {"n": count})
        for day, count in sorted(days.items())
    ]


def first_starts(schools: QuerySet[School], cycle: str) -> dict[int, dt.date]:
    """The day of the first campaign of each of these schools in a cycle, where there was one."""
    rows = (
        Campaign.schools.through.objects.filter(
            school__in=schools.values("pk"),
            campaign__cycle=cycle,
            campaign__launched_at__isnull=False,
        )
        .order_by()
        .values_list("school")
        .annotate(first=Min("campaign__launched_at"))
    )
    return {school: timezone.localdate(first) for school, first in rows}
