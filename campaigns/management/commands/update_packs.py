from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from campaigns.words import catalogue, catalogue_upkeep, family_upkeep, family_words


class Command(BaseCommand):
    help = "Bring every language's packs.po and families.po in step with their English."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        said = family_words.texts(settings.BASE_DIR)
        for language in sorted({*catalogue_upkeep.REQUIRED, *catalogue.languages_shipped()}):
            entries = [*catalogue_upkeep.update(language), *family_upkeep.update(language, said)]
            empty = sum(not entry.string for entry in entries if entry.id)
            drafts = sum(entry.fuzzy for entry in entries if entry.id)
            self.stdout.write(f"{language:8} {empty} to translate, {drafts} to review")
