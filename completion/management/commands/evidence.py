"""`manage.py evidence CAMPAIGN_ID`: what a campaign changed, and what can be said of it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.targeting import arms
from completion import formats
from completion.evidence import report, results, starts, words
from completion.evidence.estimate import Estimate
from completion.evidence.results import Line, Result, Why
from schools.models import School

DRAW = {
    True: "The arms are what the recorded seed draws, family by family.",
    False: "THE ARMS ARE NOT WHAT THE RECORDED SEED DRAWS: do not trust what follows.",
    None: "The draw cannot be derived again: families that drew were erased.",
}


class Command(BaseCommand):
    help = "What a campaign changed: the difference between its arms, with a 95 % interval."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("campaign_id", type=int)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, campaign_id: int, as_json: bool, **options: Any) -> None:
        campaign = Campaign.objects.filter(pk=campaign_id).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {campaign_id}.")
        if campaign.launched_at is None:
            raise CommandError(f"Campaign {campaign_id} has not been launched.")
        result = results.of(campaign, now=timezone.now())
        weaker = [] if result.cohort else _staggered(campaign)
        if as_json:
            told = report.as_dict(result) | {"draw_holds": arms.holds(campaign)}
            if weaker:
                told["staggered"] = [starts.as_dict(found) for found in weaker]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            self._tell(result)
            for found in weaker:
                if found.study:
                    self.stdout.write(starts.verdict(found.outcome, found.study))
                    self.stdout.write("  " + starts.interval(found.study.overall))

    def _tell(self, result: Result) -> None:
        self.stdout.write(f"{result.campaign.name}")
        if result.cohort is None:
            self.stdout.write("Everyone was written to alike, so there is nobody to compare with.")
            return
        self.stdout.write(words.design(result))
        self.stdout.write(DRAW[arms.holds(result.campaign)])
        plan = result.plan
        fixed = f"fixed {plan.fixed_at:%Y-%m-%d %H:%M}" if plan.fixed_at else "not fixed"
        effect = plan.smallest_effect
        self.stdout.write(
            f"Plan ({fixed}): {plan.get_outcome_display()}, {plan.horizon_days} days"
            + (f", finds {formats.number(100 * effect, 1)} points and more" if effect else "")
        )
        for line in result.lines:
            self.stdout.write(self._line(line))
        for each in result.wordings:
            self.stdout.write(
                f"  Wording {each.wording} against {each.other}: "
                + (_told(each.estimate) if each.estimate else str(words.WHY[Why.ONE_ARM]))
            )
        if result.primary and result.primary.estimate:
            self.stdout.write(f"Method: {words.method(result, result.primary.estimate)}")
        for title, sentences in (
            ("It can be said:", words.can_say(result)),
            ("It cannot be said:", words.cannot_say(result)),
        ):
            if sentences:
                self.stdout.write("\n".join([title, *(f"  - {each}" for each in sentences)]))

    def _line(self, line: Line) -> str:
        mark = "*" if line.planned else " "
        head = f"{mark} {words.OUTCOMES[line.outcome]}, {line.days} days: "
        found = line.estimate
        if not found:
            return head + str(words.WHY[line.why] if line.why else "")
        return head + (
            f"{_told(found)}"
            + (" until release" if line.censored else "")
            + (" provisional" if line.provisional else "")
        )


def _staggered(campaign: Campaign) -> list[starts.Found]:
    """What the starts of all campaigns of the cycle suggest, over the schools of the state."""
    state = campaign.district.state_id
    return starts.studies(School.objects.filter(state=state), campaign.cycle_id, key=state)


def _told(found: Estimate) -> str:
    return (
        f"{found.done}/{found.of} and {found.other_done}/{found.other_of} to compare with, "
        f"{words.points(found.difference)} points ({words.interval(found)})"
    )
