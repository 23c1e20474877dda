"""`manage.py export_person`: everything kept about one person, as JSON."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from contacts import erasure
from contacts.management import person


class Command(BaseCommand):
    help = "Prints everything kept about a person, found by phone, e-mail or SIS id, as JSON."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        person.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(erasure.hand_over(person.find(options), by=None))
