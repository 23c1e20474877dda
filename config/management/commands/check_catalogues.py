from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns.words import catalogue_upkeep, family_words
from config import catalogues


class Command(BaseCommand):
    help = "Fail unless the interface and the packs are complete in every language that they need."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        said = catalogues.messages(settings.BASE_DIR)
        paths = {path.parent.parent.name: path for path in catalogues.catalogue_files()}
        lacking = []
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            path = paths.get(language)
            if path is None:
                raise CommandError(f"locale/{language}/LC_MESSAGES/django.po is not there.")
            lacking += [f"{language} {gap}" for gap in catalogues.gaps(path, said)]
        for language in catalogue_upkeep.REQUIRED:
            lacking += [f"{language} packs {gap}" for gap in catalogue_upkeep.gaps(language)]
        told = family_words.texts(settings.BASE_DIR)
        for language in family_words.shipped()[1:]:
            lacking += [f"{language} families {gap}" for gap in family_words.gaps(language, told)]
        for line in lacking:
            self.stderr.write(line)
        if lacking:
            raise CommandError(f"{len(lacking)} messages lack a translation.")
        packed = len(catalogue_upkeep.sources())
        self.stdout.write(
            f"All {len(said)} messages, {packed} of the packs and {len(told)} for families are "
            "translated."
        )
