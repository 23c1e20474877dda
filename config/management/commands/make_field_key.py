import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand

from contacts.crypto import new_key


class Command(BaseCommand):
    help = "Print a fresh key for FIELD_KEYS; put it in front of those that are there."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--id", default=dt.datetime.now(dt.UTC).strftime("k%y%m%d"), help="up to 8 characters"
        )

    def handle(self, *args: Any, id: str, **options: Any) -> None:
        self.stdout.write(new_key(id))
