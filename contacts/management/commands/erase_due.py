"""`manage.py erase_due`: erases the families whose time is over, as the worker does every night."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from contacts import retention
from schools.models import District


class Command(BaseCommand):
    help = "Erases the families that their district's rule keeps no longer; the worker does it too."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            day = timezone.localdate(now)
            districts = District.objects.filter(keep_months__isnull=False).order_by("nces_id")
            for district in districts:
                count = retention.due(district, day).count()
                self.stdout.write(f"{district.nces_id}: {count} students")
            return
        self.stdout.write(f"Erased: {retention.run(now)} students.")
