"""`manage.py erase_person`: forgets one person; the wish not to be written to stays."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contacts import erasure
from contacts.management import person


class Command(BaseCommand):
    help = (
        "Deletes a person found by phone, e-mail or SIS id, with addresses and history. "
        "Asks first unless --yes is given. Opt-outs stay, as keyed indexes that name nobody."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        person.add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = person.find(options)
        if not options["yes"]:
            size = f"{len(found.students)} students and {len(found.contacts)} contacts"
            if input(f"Delete {size} for good? [y/N] ").strip().lower() != "y":
                raise CommandError("Nothing was deleted.")
        counts = erasure.erase(found, by=None)
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                f"Deleted: {counts['students']} students, {counts['contacts']} contacts."
            )
