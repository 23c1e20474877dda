"""Where the messages of each campaign would go, and which of these places is open now."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from campaigns.models import Campaign, Message, MessageState
from campaigns.sending.senders import Lane
from campaigns.sending.waiting import SENDS, due
from campaigns.timing import family_hours, quiet_hours
from contacts.models import ContactPoint
from schools.models import District


class Place(NamedTuple):
    """A school's families in one set of time zones."""

    zones: str
    school: int | None
    state: str | None
    district: int | None


class Places:
    """Which campaigns may send by a channel at a given moment, and where.

    Which campaigns send is asked at every claim, by one step into the index for each, so that a
    pause holds at once and what waits of a paused one costs nothing. Where a campaign's messages
    would go is looked up once a minute, because that reads all that is due of it. They take turns:
    a small one does not wait until a large one has sent all.
    """

    REFRESH = dt.timedelta(minutes=1)

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._known: dict[int, set[Place]] = {}
        self._districts: dict[int, District] = {}
        self._looked_at: dict[int, dt.datetime] = {}
        self._closings: dict[tuple[str, str, int | None], dt.datetime] = {}
        self._turns = itertools.count(1)
        self._last_turn: dict[int, int] = {}

    def open_at(self, now: dt.datetime, lane: Lane) -> Iterator[tuple[int, Q]]:
        """Campaigns that may send something by this lane, each with the condition that its messages
        are in places whose hours are open; first whose turn it is, and of these the one whose
        messages have waited longest."""
        sending = sorted(self._sending(now), key=lambda pk: self._last_turn.get(pk, 0))
        self._look([pk for pk in sending if self._is_stale(pk, now)], now)
        hours: dict[tuple[str, str, int | None], tuple[str, ...] | None] = {}
        for campaign in sending:
            schools: dict[tuple[str, tuple[str, ...]], list[int | None]] = defaultdict(list)
            for place in self._known[campaign]:
                if not lane.serves(place.district):
                    continue
                key = (place.zones, place.state or "", place.district)
                if key not in hours:
                    hours[key] = self._waiting_parts(now, *key)
                waits = hours[key]
                if waits is not None:
                    schools[place.zones, waits].append(place.school)
            if schools:
                yield campaign, _in(schools)

    def took_its_turn(self, campaign: int) -> None:
        """The campaign has filled seats; the others come before it next time."""
        self._last_turn[campaign] = next(self._turns)

    def closing(self, message: Message, now: dt.datetime) -> dt.datetime | None:
        """When the lawful hours end in which a message goes out; None for an answer, which may go
        at any hour."""
        if message.campaign_id is None:
            return None
        state = message.school.state_id if message.school else ""
        district = message.school.district_id if message.school else None
        place = (message.time_zones, state, district)
        if self._closings.get(place, now) <= now:
            own = self._districts.get(district) if district else None
            self._closings[place] = quiet_hours.next_close(
                now, state=state, zone=message.time_zones, district=own
            )
        return self._closings[place]

    def _sending(self, now: dt.datetime) -> list[int]:
        """Campaigns that send and have something due, the longest waiting first."""
        first = (
            Message.objects.filter(
                campaign=OuterRef("pk"),
                state=MessageState.PENDING,
                channel=self.channel,
                not_before__lte=now,
            )
            .order_by("not_before")
            .values("not_before")[:1]
        )
        return list(
            Campaign.objects.filter(state__in=SENDS)
            .annotate(waits_since=Subquery(first))
            .filter(waits_since__isnull=False)
            .order_by("waits_since", "pk")
            .values_list("pk", flat=True)
        )

    def _is_stale(self, campaign: int, now: dt.datetime) -> bool:
        looked_at = self._looked_at.get(campaign)
        return looked_at is None or now - looked_at > self.REFRESH

    def _look(self, campaigns: list[int], now: dt.datetime) -> None:
        if not campaigns:
            return
        self._known.update({pk: set() for pk in campaigns})
        self._looked_at.update(dict.fromkeys(campaigns, now))
        found = (
            due(self.channel, now)
            .filter(campaign__in=campaigns)
            .order_by()
            .values_list("campaign", "time_zones", "school", "school__state", "school__district")
            .distinct()
        )
        for campaign, zones, school, state, district in found:
            self._known[campaign].add(Place(zones, school, state, district))
        named = {place.district for pk in campaigns for place in self._known[pk] if place.district}
        self._districts.update(District.objects.in_bulk(named))

    def _waiting_parts(
        self, now: dt.datetime, zones: str, state: str, district: int | None
    ) -> tuple[str, ...] | None:
        """The families' own parts of the day that `now` is not in; None where it is unlawful."""
        own = self._districts.get(district) if district else None
        if not quiet_hours.is_open(now, state=state, zone=zones, district=own):
            return None
        return family_hours.waiting(now, state=state, zone=zones, district=own)


def _in(schools: dict[tuple[str, tuple[str, ...]], list[int | None]]) -> Q:
    """Messages to these schools' families, but for those who asked for another part of the day."""
    condition = Q()
    for (zones, waits), found in schools.items():
        here = Q(time_zones=zones, school__in=found)
        condition |= here & ~Q(contact_point__in=_points_with(waits))
    return condition


def _points_with(hours: Iterable[str]) -> QuerySet[ContactPoint, Any]:
    """Addresses of families who asked to be written to in one of these parts of the day."""
    return ContactPoint.objects.filter(contact__hours__in=hours).order_by().values("pk")
