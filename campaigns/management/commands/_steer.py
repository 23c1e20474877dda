"""What `launch`, `pause`, `resume` and `cancel` have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns import control
from campaigns.models import Campaign
from campaigns.models.campaign import ForbiddenMove
from schools import audit


class SteerCommand(BaseCommand):
    """Does one thing to one campaign, and writes it into the audit trail."""

    action: str
    done: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(pk=options["campaign_id"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign {options['campaign_id']}.")
        try:
            getattr(control, self.action)(campaign, by=None, now=timezone.now())
        except control.CannotLaunch as problem:
            raise CommandError("Not ready: " + " ".join(problem.mends)) from problem
        except ForbiddenMove as problem:
            raise CommandError(str(problem)) from problem
        audit.record(
            None, f"campaign.{self.done}", f"campaign {campaign.pk}", district=campaign.district
        )
        self.stdout.write(f"Campaign {campaign.pk} is {campaign.state}.")
