"""Who is held out and who reads which wording: drawn once for each household, never again.

At launch the whole audience draws, stratified by school × aid status. A household that joins later
draws by itself before it is first written to, so that a hold-out stays one. Both draws are seeded
and written to the audit record with a digest of what came out, so that anyone can derive them again
(`holds`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef

from campaigns.models import Arm, Assignment, Campaign, Message, Step
from campaigns.targeting import audience
from schools import audit
from schools.models import AuditEntry, User

DRAWN = "campaign.arms_drawn"
JOINED = "campaign.arms_joined"
CARRIED = "campaign.arms_carried"  # carrying.py


def draw(campaign: Campaign, *, by: User | None = None) -> int:
    """Assigns every household of the audience to an arm; returns how many are held out.

    The unit is the household, so siblings share an arm; strata are school × aid status at launch
    (RULES.md 6). With nobody to hold out and one wording everyone is treated and nothing is
    written. Arms that were drawn once are never drawn again.
    """
    if not _compares(campaign) or campaign.assignments.exists():
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
    _record(DRAWN, campaign, assignments, percent=campaign.hold_out_percent, by=by)
    return sum(each.arm == Arm.HELD_OUT for each in assignments)


def join(step: Step, *, now: dt.datetime, whole: audience.Audience | None = None) -> int:
    """Assigns the households that the step would write to and that have not drawn, because they
    joined after the launch; returns how many. Of all or, if it is given, of a part of its audience.

    Nobody knows how many more will join, so there are no shares to deal out: each draws by itself,
    with the campaign's chance. Whoever has heard already (before this rule was) goes on hearing.
    """
    campaign = step.campaign
    if not _compares(campaign) or step.for_held_out:
        return 0
    drawn = campaign.assignments.filter(household=OuterRef("household"))
    heard = Message.objects.filter(campaign=campaign, household=OuterRef("household"))
    rows = (
        (whole or audience.Audience.of_step(step))
        .students()
        .exclude(Exists(drawn))
        .exclude(Exists(heard))
        .order_by("household", "-pk")
    )
    percent = _percent_at(campaign, now)
    assignments = []
    found = rows.values_list("household", "school", "aid_status")
    strata = {household: f"{school}|{status}" for household, school, status in found}
    for household, stratum in strata.items():
        arm, variant = arm_of_joining(campaign, household, percent=percent)
        assignments.append(
            Assignment(
                campaign=campaign,
                household_id=household,
                arm=arm,
                variant=variant,
                stratum=stratum,
                joined_at=now,
            )
        )
    if assignments:
        Assignment.objects.bulk_create(assignments, batch_size=1000)
        _record(JOINED, campaign, assignments, percent=percent)
    return len(assignments)


def arm_of_joining(campaign: Campaign, household: UUID, *, percent: int) -> tuple[str, str]:
    """Arm and wording of a household that joined after the launch: by seed and household alone."""
    chance = random.Random(f"{campaign.seed}|joined|{household}")
    if chance.random() * 100 < percent:
        return Arm.HELD_OUT.value, ""
    names = campaign.variant_names
    return Arm.TREATED.value, names[int(chance.random() * len(names))] if names else ""


def _compares(campaign: Campaign) -> bool:
    return campaign.hold_out_percent > 0 or campaign.variants > 1


def _percent_at(campaign: Campaign, moment: dt.datetime) -> int:
    """How many of a hundred joining then are held out: nobody once the held-out are released."""
    return campaign.hold_out_percent if campaign.holds_back(moment) else 0


def _record(
    action: str,
    campaign: Campaign,
    assignments: Sequence[Assignment],
    *,
    percent: int,
    by: User | None = None,
) -> None:
    counts = Counter(f"{each.arm} {each.variant}".strip() for each in assignments)
    audit.record(
        by,
        action,
        f"campaign {campaign.pk}",
        district=campaign.district,
        seed=str(campaign.seed),
        percent=percent,
        variants=campaign.variants,
        households=len(assignments),
        arms=dict(sorted(counts.items())),
        digest=digest(assignments),
    )


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

    None where families were erased since: the draw at launch cannot be derived without them. An
    arm that came with a family from another household is no draw of its own: it must be that
    household's, and there may be no more of these than were recorded.
    """
    entries = AuditEntry.objects.filter(subject=f"campaign {campaign.pk}")
    entry = entries.filter(action=DRAWN).first()
    every = list(campaign.assignments.all())
    own = {each.household_id: each for each in every if each.drawn_as is None}
    carried = {each: own.get(each.drawn_as) for each in every if each.drawn_as is not None}
    stored = [each for each in own.values() if each.joined_at is None]
    later = [each for each in own.values() if each.joined_at is not None]
    joined, moved = (
        sum(each.details["households"] for each in entries.filter(action=action))
        for action in (JOINED, CARRIED)
    )
    if len(later) > joined or not all(_as_joined(campaign, each) for each in later):
        return False
    if len(carried) > moved or not all(_as_carried(*pair) for pair in carried.items()):
        return False
    if entry is None:
        return not stored
    if entry.details["seed"] != str(campaign.seed) or len(stored) > entry.details["households"]:
        return False
    if len(stored) < entry.details["households"] or len(later) < joined:
        return None
    if len(carried) < moved or None in carried.values():
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


def _as_joined(campaign: Campaign, each: Assignment) -> bool:
    assert each.joined_at is not None
    percent = _percent_at(campaign, each.joined_at)
    return (each.arm, each.variant) == arm_of_joining(campaign, each.household_id, percent=percent)


def _as_carried(each: Assignment, drawn: Assignment | None) -> bool:
    """False if it is not what the household drew from which it came, as far as that is known."""
    return drawn is None or _what(each) == _what(drawn)


def _what(each: Assignment) -> tuple[str, str, str, dt.datetime | None]:
    return each.arm, each.variant, each.stratum, each.joined_at
