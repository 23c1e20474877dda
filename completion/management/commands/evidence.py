"""`manage.py evidence CAMPAIGN_ID`: what a campaign changed, and what can be said of it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Campaign
from completion import formats
from completion.evidence import report, results, words
from completion.evidence.estimate import Estimate
from completion.evidence.results import Line, Result, Why


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
        if as_json:
            self.stdout.write(json.dumps(report.as_dict(result), ensure_ascii=False, indent=2))
        else:
            self._tell(result)

    def _tell(self, result: Result) -> None:
        self.stdout.write(f"{result.campaign.name}")
        if result.cohort is None:
            self.stdout.write("Everyone was written to alike, so there is nobody to compare with.")
            return
        self.stdout.write(words.design(result))
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


def _told(found: Estimate) -> str:
    return (
        f"{found.done}/{found.of} and {found.other_done}/{found.other_of} to compare with, "
        f"{words.points(found.difference)} points ({words.interval(found)})"
    )
