"""Arms follow families: whoever moves to another household stays in the arm that was drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from campaigns.models import Arm, Assignment, Campaign
from campaigns.targeting import arms
from schools import audit

AT_ONCE = 1_000


def carry(*, homes: Mapping[UUID, UUID], **_signal: Any) -> int:
    """Gives households (the values) the arms of those whose students moved to them (the keys), in
    each campaign for which they have none; returns how many. The caller holds the transaction.

    What a household drew itself stays, as it may have heard already. Of several arms that come
    together held out wins, for nobody is told by accident, and then what was drawn at launch.
    """
    best: dict[tuple[int, UUID], Assignment] = {}
    for each in sorted(_of(homes), key=_precedence):
        best.setdefault((each.campaign_id, homes[each.household_id]), each)
    taken = {(each.campaign_id, each.household_id) for each in _of({home for _c, home in best})}
    carried: dict[int, list[Assignment]] = defaultdict(list)
    for (campaign, home), each in best.items():
        if (campaign, home) not in taken:
            carried[campaign].append(
                Assignment(
                    campaign_id=campaign,
                    household_id=home,
                    arm=each.arm,
                    variant=each.variant,
                    stratum=each.stratum,
                    joined_at=each.joined_at,
                    drawn_as=each.drawn_as or each.household_id,
                )
            )
    for running in Campaign.objects.filter(pk__in=carried).select_related("district"):
        # One that draws at this moment keeps what it draws.
        Assignment.objects.bulk_create(carried[running.pk], 1000, ignore_conflicts=True)
        _record(running, carried[running.pk])
    return sum(map(len, carried.values()))


def _of(homes: Iterable[UUID]) -> list[Assignment]:
    every, found = list(homes), list[Assignment]()
    for start in range(0, len(every), AT_ONCE):
        found += Assignment.objects.filter(household__in=every[start : start + AT_ONCE])
    return found


def _precedence(each: Assignment) -> tuple[bool, bool, UUID]:
    return each.arm != Arm.HELD_OUT, each.joined_at is not None, each.household_id


def _record(campaign: Campaign, carried: Sequence[Assignment]) -> None:
    audit.record(
        None,
        arms.CARRIED,
        f"campaign {campaign.pk}",
        district=campaign.district,
        households=len(carried),
        arms=dict(
            sorted(Counter(f"{each.arm} {each.variant}".strip() for each in carried).items())
        ),
        digest=arms.digest(carried),
    )
