"""One pass of the scheduler in this process, for cron and tests."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from campaigns.sending import tick


class Command(BaseCommand):
    help = "Expand what is due, look up what was lost, and send what may go out now."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="Go on until nothing can be sent now."
        )

    def handle(self, *args: Any, until_idle: bool = False, **options: Any) -> None:
        report = tick.run(timezone.now(), until_idle=until_idle)
        self.stdout.write(json.dumps(report.as_json()))
