from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import catalogues


class Command(BaseCommand):
    help = "Fail unless every language of the interface says everything that the source says."
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
        for line in lacking:
            self.stderr.write(line)
        if lacking:
            raise CommandError(f"{len(lacking)} messages lack a translation.")
        self.stdout.write(f"All {len(said)} messages are translated.")
