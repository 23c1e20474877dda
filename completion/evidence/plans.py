"""The plan of a campaign: foreseen while it is a draft, fixed in the moment of launch."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.models import Campaign
from campaigns.targeting.reach import reach_of
from completion.evidence import cohort
from completion.evidence.cohort import Outcome
from completion.evidence.estimate import crowding
from completion.evidence.power import smallest_effect
from completion.models import Plan


def plan_of(campaign: Campaign) -> Plan:
    """The stored plan, or the usual one, not stored yet."""
    return Plan.objects.filter(campaign=campaign).first() or Plan(campaign=campaign)


def foresee(plan: Plan) -> Plan:
    """Fills in what a draft's audience and hold-out promise, without storing it."""
    reach = reach_of(plan.campaign)
    held_out = plan.campaign.hold_out_percent / 100
    plan.treated = round(reach.students * (1 - held_out))
    plan.held_out = round(reach.students * held_out)
    if not held_out and plan.campaign.variants > 1:  # one wording against another
        plan.treated = plan.held_out = reach.students // plan.campaign.variants
    # Households of one and of two, as many as give this mean: Σm² / Σm is then 3 − 2 / mean.
    plan.crowding = 3 - 2 * reach.households / reach.students if reach.students else 1.0
    _reckon(plan)
    return plan


def fix(sender: Any, campaign: Campaign, now: dt.datetime, **kwargs: Any) -> None:
    """Stores the plan with what was drawn; called by the launch, before anything is sent."""
    drawn = cohort.of(campaign)
    if drawn is None:
        return
    plan = plan_of(campaign)
    if not drawn.held_out:
        drawn = drawn.between(*drawn.wordings[:2])
    clusters = drawn.clusters(Outcome(plan.outcome), now)
    plan.unit = Plan.Unit.SCHOOL if drawn.by_school else Plan.Unit.HOUSEHOLD
    plan.treated = sum(c.of for c in clusters if c.treated)
    plan.held_out = sum(c.of for c in clusters if not c.treated)
    plan.strata = len({c.stratum for c in clusters})
    plan.crowding = crowding(clusters) if clusters else 1.0
    plan.fixed_at = now
    _reckon(plan)
    plan.save()


def _reckon(plan: Plan) -> None:
    plan.smallest_effect = smallest_effect(
        plan.expected_percent / 100,
        plan.treated,
        plan.held_out,
        crowding=plan.crowding,
        alike=plan.alike_percent / 100,
    )
