"""When somebody at a school answers families, and how long the law gives them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from campaigns.timing import holidays
from schools.models import District

BUSINESS_DAYS = 10  # to honour an opt-out, 47 CFR 64.1200(a)(10)
DAY = dt.timedelta(days=1)


def is_school_day(day: dt.date) -> bool:
    """True on weekdays that are no federal holiday."""
    return day.weekday() < 5 and not holidays.is_kept(day, holidays.FEDERAL)


def closed_since(now: dt.datetime, district: District) -> dt.datetime | None:
    """When the last person went home, if nobody is there at `now`; None while somebody is."""
    zone = ZoneInfo(district.zone)
    local = now.astimezone(zone)
    begins, ends = district.answers_from, district.answers_until
    if is_school_day(local.date()) and begins <= local.time() < ends:
        return None
    day = local.date()
    while not is_school_day(day) or dt.datetime.combine(day, ends, zone) > local:
        day -= DAY
    return dt.datetime.combine(day, ends, zone)


def next_opening(now: dt.datetime, district: District) -> dt.datetime:
    """When somebody is there again: the next beginning of a school day's hours after `now`."""
    zone = ZoneInfo(district.zone)
    day = now.astimezone(zone).date()
    while not is_school_day(day) or dt.datetime.combine(day, district.answers_from, zone) <= now:
        day += DAY
    return dt.datetime.combine(day, district.answers_from, zone)


def honour_by(received: dt.date) -> dt.date:
    """The last day on which a wish to hear no more may be honoured: ten business days later."""
    day = received
    for _business_day in range(BUSINESS_DAYS):
        day += DAY
        while not is_school_day(day):
            day += DAY
    return day
