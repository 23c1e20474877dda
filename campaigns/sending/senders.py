"""Which texts go out from which sender.

A district may have several; each serves its own share of the addresses, larger the faster it is,
so a family hears from the same number each time. Where a district has none of its own, the one of
the settings serves it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from django.conf import settings
from django.db.models import Q

from campaigns.models import Sender
from campaigns.sending import daily_caps
from contacts.models import Channel
from schools.models import School

ANSWERS = Q(campaign=None)
DIGITS = 8  # of an address's blind index: fine enough for any share


@dataclass(frozen=True)
class Lane:
    """A way out: a channel and, for texts, the sender with its limits."""

    channel: str
    address: str = ""
    rate: float = 0  # segments a second; 0: no limit of ours
    daily_cap: int | None = None
    capped_as: str = ""
    messages: Q = field(default_factory=Q)  # what goes this way


def lanes(channel: str, now: dt.datetime) -> list[Lane]:
    """Every way out of a channel that is open today; of senders, those with room under a cap.

    When one is full for today, the district's others take over its share; where all are, answers to
    families still go out.
    """
    if channel != Channel.SMS or settings.TRANSPORT == "sandbox":
        return [Lane(channel)]
    own: dict[int, list[Sender]] = defaultdict(list)
    for sender in Sender.objects.active():
        own[sender.district_id].append(sender)
    capped = [sender.capped_as for group in own.values() for sender in group]
    used = daily_caps.used([*capped, _default().capped_as], now)
    found = []
    for district, senders in own.items():
        here = Q(school__in=School.objects.filter(district=district).order_by().values("pk"))
        with_room = [s for s in senders if _has_room(s.segments_a_day, used.get(s.capped_as, 0))]
        if not with_room:
            with_room, here = senders, here & ANSWERS
        found += [
            Lane(
                channel,
                address=sender.address,
                rate=sender.segments_a_second,
                daily_cap=sender.segments_a_day,
                capped_as=sender.capped_as,
                messages=here & share,
            )
            for sender, share in zip(with_room, _shares(with_room), strict=True)
        ]
    default = _default(own)
    if not _has_room(default.daily_cap, used.get(default.capped_as, 0)):
        default = replace(default, messages=default.messages & ANSWERS)
    return [*found, default]


def for_district(district: int | None) -> Lane:
    """The way out for a text that a person sends by hand: the district's first sender."""
    own = Sender.objects.active().filter(district=district).first() if district else None
    if own is None:
        return _default()
    return Lane(Channel.SMS, own.address, own.segments_a_second, own.segments_a_day, own.capped_as)


def _default(others: dict[int, list[Sender]] | None = None) -> Lane:
    """The sender of the settings, for all districts without one of their own."""
    address = settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM
    elsewhere = School.objects.filter(district__in=list(others or ())).order_by().values("pk")
    return Lane(
        Channel.SMS,
        address=address,
        rate=settings.TWILIO_MPS,
        daily_cap=settings.TWILIO_DAILY_CAP or None,
        capped_as=address,
        messages=Q(school=None) | ~Q(school__in=elsewhere) if others else Q(),
    )


def _has_room(cap: int | None, used: int) -> bool:
    return cap is None or used < cap


def _shares(senders: Sequence[Sender]) -> Iterator[Q]:
    """A range of blind indexes for each sender, in proportion to its rate.

    The indexes are evenly spread, and mean nothing; so does, then, who hears from which number.
    """
    total = sum(sender.segments_a_second for sender in senders)
    ends = [0.0, *accumulate(sender.segments_a_second / total for sender in senders)]
    marks = [f"{int(end * 16**DIGITS):0{DIGITS}x}" for end in ends]
    for number in range(len(senders)):
        share = Q(address_index__gte=marks[number]) if number else Q()
        if number < len(senders) - 1:
            share &= Q(address_index__lt=marks[number + 1])
        yield share
