"""How much of a day's cap is used. T-Mobile counts segments a brand, until midnight Pacific time
(https://help.twilio.com/articles/1260804800549); the carrier of a number is not known to us, so
all segments count, or the share of them that the district has told us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.db.models import F
from django.db.models.functions import Greatest

from campaigns.models import SenderDay

PACIFIC = ZoneInfo("America/Los_Angeles")


def today(now: dt.datetime) -> dt.date:
    """The day that a cap counts for."""
    return now.astimezone(PACIFIC).date()


def used(capped_as: Iterable[str], now: dt.datetime) -> dict[str, int]:
    """Segments of today, by brand or sender."""
    rows = SenderDay.objects.filter(capped_as__in=set(capped_as), day=today(now))
    return dict(rows.values_list("capped_as", "segments"))


def book(capped_as: str, segments: int, cap: int, now: dt.datetime) -> bool:
    """Counts segments if they still fit under the cap; False, and nothing counted, if not.

    One guarded UPDATE, so that workers together never pass it.
    """
    mine = SenderDay.objects.filter(capped_as=capped_as, day=today(now))
    fits = mine.filter(segments__lte=cap - segments)
    if fits.update(segments=F("segments") + segments):
        return True
    if segments > cap or mine.exists():
        return False
    SenderDay.objects.bulk_create(
        [SenderDay(capped_as=capped_as, day=today(now))], ignore_conflicts=True
    )
    return bool(fits.update(segments=F("segments") + segments))


def count(capped_as: str, segments: int, now: dt.datetime) -> None:
    """Counts segments that go whatever the cap: answers to families."""
    if segments:
        mine = SenderDay.objects.filter(capped_as=capped_as, day=today(now))
        if not mine.update(segments=F("segments") + segments):
            SenderDay.objects.bulk_create(
                [SenderDay(capped_as=capped_as, day=today(now))], ignore_conflicts=True
            )
            mine.update(segments=F("segments") + segments)


def give_back(capped_as: str, segments: int, now: dt.datetime) -> None:
    """Segments that did not go out after all."""
    if segments:
        SenderDay.objects.filter(capped_as=capped_as, day=today(now)).update(
            segments=Greatest(0, F("segments") - segments)
        )
