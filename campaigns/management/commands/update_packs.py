from typing import Any

from django.core.management.base import BaseCommand

from campaigns import catalogue, catalogue_upkeep


class Command(BaseCommand):
    help = "Bring every language's packs.po in step with the English of the packs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for language in sorted({*catalogue_upkeep.REQUIRED, *catalogue.languages_shipped()}):
            entries = catalogue_upkeep.update(language)
            empty = sum(not entry.string for entry in entries if entry.id)
            drafts = sum(entry.fuzzy for entry in entries if entry.id)
            self.stdout.write(f"{language:8} {empty} to translate, {drafts} to review")
