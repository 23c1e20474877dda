"""Who is held out and who reads which wording, drawn once at launch and never again.

The draw is stratified by school × aid status at launch, seeded, and written to the audit record
with its seed and a digest of what came out, so that anyone can derive it again (`holds`).
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from campaigns.models import Arm, Assignment, Campaign
from campaigns.targeting import audience
from schools import audit
from schools.models import AuditEntry, User

DRAWN = "campaign.arms_drawn"


def draw(campaign: Campaign, *, by: User | None = None) -> int:
    """Assigns every household of the audience to an arm; returns how many are held out.

    The unit is the household, so siblings share an arm; strata are school × aid status at launch
    (RULES.md 6). With nobody to hold out and one wording everyone is treated and nothing is
    written. Arms that were drawn once are never drawn again.
    """
    compares = campaign.hold_out_percent or campaign.variants > 1
    if not compares or campaign.assignments.exists():
        return 0
    strata: dict[str, list[UUID]] = defaultdict(list)
    seen: set[UUID] = set()
    rows = audience.students_to_assign(campaign).order_by("household", "pk")
    for household, school, status in rows.values_list("household", "school", "aid_status"):
        if household not in seen:
            seen.add(household)
            strata[f"{school}|{status}"].append(household)
    assignments = [
        Assignment(
            campaign=campaign, household_id=household, arm=arm, variant=variant, stratum=stratum
        )
        for stratum in sorted(strata)
        for household, (arm, variant) in arms_of(campaign, stratum, strata[stratum]).items()
    ]
    Assignment.objects.bulk_create(assignments, batch_size=1000)
    counts = Counter(f"{each.arm} {each.variant}".strip() for each in assignments)
    audit.record(
        by,
        DRAWN,
        f"campaign {campaign.pk}",
        district=campaign.district,
        seed=str(campaign.seed),
        percent=campaign.hold_out_percent,
        variants=campaign.variants,
        households=len(assignments),
        arms=dict(sorted(counts.items())),
        digest=digest(assignments),
    )
    return sum(each.arm == Arm.HELD_OUT for each in assignments)


def arms_of(
    campaign: Campaign, stratum: str, households: Iterable[UUID]
) -> dict[UUID, tuple[str, str]]:
    """Arm and wording of each household of one stratum: the same for the same seed."""
    found = sorted(households)
    held_out = choose(found, percent=campaign.hold_out_percent, seed=f"{campaign.seed}|{stratum}")
    treated = [household for household in found if household not in held_out]
    variants = deal(treated, campaign.variant_names, seed=f"{campaign.seed}|{stratum}|wording")
    return {
        household: (Arm.HELD_OUT.value, "")
        if household in held_out
        else (Arm.TREATED.value, variants.get(household, ""))
        for household in found
    }


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


def deal(households: Iterable[UUID], variants: Sequence[str], *, seed: str) -> dict[UUID, str]:
    """A wording for each household, as many of each as can be; chance decides who has one more."""
    if not variants:
        return {}
    chance = random.Random(seed)
    drawn = sorted(households)
    chance.shuffle(drawn)
    order = list(variants)
    chance.shuffle(order)
    return {household: order[at % len(order)] for at, household in enumerate(drawn)}


def digest(assignments: Iterable[Assignment]) -> str:
    """A fingerprint of a whole draw: any changed, missing or added assignment changes it."""
    lines = sorted(f"{a.household_id} {a.stratum} {a.arm} {a.variant}" for a in assignments)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def holds(campaign: Campaign) -> bool | None:
    """True if what is stored is what the recorded seed draws, household by household.

    None where families were erased since: the draw cannot be derived without them.
    """
    entry = AuditEntry.objects.filter(action=DRAWN, subject=f"campaign {campaign.pk}").first()
    stored = list(campaign.assignments.all())
    if entry is None:
        return not stored
    if entry.details["seed"] != str(campaign.seed) or len(stored) > entry.details["households"]:
        return False
    if len(stored) < entry.details["households"]:
        return None
    strata: dict[str, list[UUID]] = defaultdict(list)
    for each in stored:
        strata[each.stratum].append(each.household_id)
    drawn = {
        household: arm
        for stratum, households in strata.items()
        for household, arm in arms_of(campaign, stratum, households).items()
    }
    as_drawn = all(drawn[each.household_id] == (each.arm, each.variant) for each in stored)
    return as_drawn and digest(stored) == entry.details["digest"]
