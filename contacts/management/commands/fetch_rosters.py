"""`manage.py fetch_rosters`: the districts' rosters from their OneRoster services."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts.models import RosterService
from contacts.rosters.fetch import fetch
from contacts.rosters.problems import RosterError


class Command(BaseCommand):
    help = (
        "Fetches the rosters of all districts that asked for it every night, or of one district, "
        "and imports each in one transaction. Exit 1 if one of them failed; nothing of that "
        "district was changed then."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--district", metavar="NCES_ID", help="only this district's")
        parser.add_argument("--dry-run", action="store_true", help="report, change nothing")
        parser.add_argument("--json", action="store_true", help="print the reports as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        services = RosterService.objects.select_related("district").order_by("district__nces_id")
        if options["district"]:
            services = services.filter(district__nces_id=options["district"])
            if not services.exists():
                raise CommandError(f"No district {options['district']} has a roster service.")
        else:
            services = services.filter(nightly=True)
        results = [self._one(service, options) for service in services]
        if options["json"]:
            self.stdout.write(json.dumps({"districts": results}))
        else:
            for result in results:
                self.stdout.write(_line(result, options["dry_run"]))
        failed = sum("error" in result for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} rosters could not be fetched.")

    def _one(self, service: RosterService, options: dict[str, Any]) -> dict[str, Any]:
        place = {"district": service.district.nces_id}
        try:
            report = fetch(service, now=timezone.now(), dry_run=options["dry_run"])
        except RosterError as error:
            return {**place, "error": str(error)}
        return {**place, **report.counts()}


def _line(result: dict[str, Any], dry_run: bool) -> str:
    if "error" in result:
        return f"{result['district']}: nothing was changed. {result['error']}"
    what = "would change" if dry_run else "fetched"
    return (
        f"{result['district']}: {what}; students: {result['created']} new, {result['updated']} "
        f"changed, {result['unchanged']} unchanged, {result['left']} left."
    )
