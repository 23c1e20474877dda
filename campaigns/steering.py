"""Launch, pause, resume and cancel from a terminal: the same as the buttons."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns import control
from campaigns.models import Campaign
from schools import audit


class SteeringCommand(BaseCommand):
    """One of the four; exit 1 and a plain sentence if the campaign cannot do it."""

    act: ClassVar[Callable[..., None]]
    done: ClassVar[str]

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("campaign_id", type=int)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, campaign_id: int, as_json: bool, **options: Any) -> None:
        campaign = Campaign.objects.filter(pk=campaign_id).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {campaign_id}.")
        try:
            self.act(campaign, by=None, now=timezone.now())
        except control.CannotLaunch as problem:
            raise CommandError("\n".join(["It is not ready:", *problem.mends])) from None
        except control.ForbiddenMove:
            raise CommandError(
                f"Campaign {campaign_id} is {campaign.get_state_display().lower()}; "
                f"it cannot be {self.done} now."
            ) from None
        audit.record(
            None, f"campaign.{self.done}", f"campaign {campaign.pk}", district=campaign.district
        )
        if as_json:
            self.stdout.write(json.dumps({"campaign": campaign.pk, "state": campaign.state}))
        else:
            self.stdout.write(f"Campaign {campaign.pk} is {self.done}.")
