"""Which texts go out from which sender.

A district may have several; each serves its own share of the addresses, larger the faster it is,
so a family hears from the same number each time. Where a district has none of its own, the one of
the settings serves it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from django.conf import settings
from django.db.models import Q

from campaigns.models import Sender
from campaigns.sending import daily_caps
from contacts.models import Channel
from schools.models import School

DIGITS = 8  # of an address's blind index: fine enough for any share


@dataclass(frozen=True)
class Lane:
    """A way out: a channel and, for texts, the sender with its limits."""

    channel: str
    address: str = ""
    rate: float = 0  # segments a second; 0: no limit of ours
    daily_cap: int | None = None
    capped_as: str = ""
    district: int | None = None  # whose own sender it is
    elsewhere: frozenset[int] = frozenset()  # districts with senders of their own, for the default
    share: Q = field(default_factory=Q)  # of the addresses there
    only_answers: bool = False  # its day is full

    def serves(self, district: int | None) -> bool:
        """Whether a district's campaigns go this way."""
        if self.only_answers:
            return False
        return self.district == district if self.district else district not in self.elsewhere

    @property
    def messages(self) -> Q:
        """What goes this way."""
        found = self.share
        if self.district:
            found &= _of_schools_in([self.district])
        elif self.elsewhere:
            found &= Q(school=None) | ~_of_schools_in(self.elsewhere)
        return found & Q(campaign=None) if self.only_answers else found


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
        with_room = [s for s in senders if _has_room(s.segments_a_day, used.get(s.capped_as, 0))]
        found += [
            Lane(
                channel,
                address=sender.address,
                rate=sender.segments_a_second,
                daily_cap=sender.segments_a_day,
                capped_as=sender.capped_as,
                district=district,
                share=share,
                only_answers=not with_room,
            )
            for sender, share in _shares(with_room or senders)
        ]
    default = _default(own)
    if not _has_room(default.daily_cap, used.get(default.capped_as, 0)):
        default = replace(default, only_answers=True)
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
    return Lane(
        Channel.SMS,
        address=address,
        rate=settings.TWILIO_MPS,
        daily_cap=settings.TWILIO_DAILY_CAP or None,
        capped_as=address,
        elsewhere=frozenset(others or ()),
    )


def _has_room(cap: int | None, used: int) -> bool:
    return cap is None or used < cap


def _of_schools_in(districts: Iterable[int]) -> Q:
    schools = School.objects.filter(district__in=districts)
    return Q(school__in=schools.order_by().values("pk"))


def _shares(senders: Sequence[Sender]) -> Iterator[tuple[Sender, Q]]:
    """A range of blind indexes for each sender, in proportion to its rate.

    The indexes are evenly spread, and mean nothing; so does, then, who hears from which number.
    """
    total = sum(sender.segments_a_second for sender in senders)
    ends = [0.0, *accumulate(sender.segments_a_second / total for sender in senders)]
    marks = [f"{int(end * 16**DIGITS):0{DIGITS}x}" for end in ends]
    for number, sender in enumerate(senders):
        share = Q(address_index__gte=marks[number]) if number else Q()
        if number < len(senders) - 1:
            share &= Q(address_index__lt=marks[number + 1])
        yield sender, share
