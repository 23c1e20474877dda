"""Who is held out, drawn once at launch so that a campaign's effect can be measured."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from campaigns import audience
from campaigns.models import Arm, Assignment, Campaign


def draw(campaign: Campaign) -> int:
    """Assigns every household of the audience to an arm; returns how many are held out.

    The unit is the household, so siblings share an arm; strata are school × aid status at launch
    (RULES.md 6). With nobody to hold out everyone is treated and nothing is written. Arms that
    were drawn once are never drawn again.
    """
    if not campaign.hold_out_percent or campaign.assignments.exists():
        return 0
    strata: dict[str, list[UUID]] = defaultdict(list)
    seen: set[UUID] = set()
    rows = audience.students(campaign).order_by("household", "pk")
    for household, school, status in rows.values_list("household", "school", "aid_status"):
        if household not in seen:
            seen.add(household)
            strata[f"{school}|{status}"].append(household)
    assignments = []
    for stratum in sorted(strata):
        held_out = choose(
            strata[stratum],
            percent=campaign.hold_out_percent,
            seed=f"{campaign.seed}|{stratum}",
        )
        assignments += [
            Assignment(
                campaign=campaign,
                household_id=household,
                arm=Arm.HELD_OUT if household in held_out else Arm.TREATED,
                stratum=stratum,
            )
            for household in strata[stratum]
        ]
    Assignment.objects.bulk_create(assignments, batch_size=1000)
    return sum(each.arm == Arm.HELD_OUT for each in assignments)


def choose(households: Iterable[UUID], *, percent: int, seed: str) -> set[UUID]:
    """The held-out part of one stratum: the same for the same seed, in whatever order given.

    Where the share is no whole number, chance decides on the last one, so small strata are not
    rounded to nobody.
    """
    chance = random.Random(seed)
    drawn = sorted(households)
    chance.shuffle(drawn)
    share = len(drawn) * percent / 100
    count = int(share) + (chance.random() < share % 1)
    return set(drawn[:count])
