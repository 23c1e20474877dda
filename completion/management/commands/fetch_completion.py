"""`manage.py fetch_completion`: new files from the addresses and folder of the settings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from completion import fetching
from completion.models import Watched


class Command(BaseCommand):
    help = (
        "Looks for new completion files at COMPLETION_URLS and in COMPLETION_FOLDER, and imports "
        "each, all of it or nothing. Exit 1 if one was refused."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not fetching.addresses():
            self.stdout.write(
                "COMPLETION_URLS and COMPLETION_FOLDER are empty: nothing to look at."
            )
            return
        now = timezone.now()
        found = fetching.look(now=now)
        self.stdout.write(
            ", ".join(f"{count} {what}" for what, count in found.items()) or "0 files"
        )
        for seen in Watched.objects.filter(looked_at=now).exclude(problem=""):
            self.stderr.write(f"{seen.address}: {seen.problem}")
        if found["refused"]:
            raise CommandError("Not every file could be read; nothing of those was changed.")
