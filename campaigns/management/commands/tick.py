"""`manage.py tick`: one pass of the scheduler in this process, for cron and tests."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from campaigns import tick


class Command(BaseCommand):
    help = "Makes, sends, looks into and lets go what is due; prints what it did as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="go on until nothing more can go out now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = tick.run(timezone.now(), until_idle=options["until_idle"])
        self.stdout.write(json.dumps(report.as_dict()))
