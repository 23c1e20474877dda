"""Everything that a first look needs, in one command; a second time it changes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from completion.intake import bring_in
from completion.models import SourceFile
from config import catalogues
from config.quickstart import world
from schools.models import School

PUBLIC_FILES = settings.BASE_DIR / "completion" / "data" / "fafsa"


class Command(BaseCommand):
    help = "Prepare the database with real public figures and a made-up district of families."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        logging.disable(logging.INFO)  # the progress below says it shorter
        self._do("Preparing the database", self._prepare)
        if School.objects.filter(state="WA").count() < 100:
            self._do("Loading Washington's and Florida's schools", self._load_reference)
        new = [path for path in sorted(PUBLIC_FILES.glob("*.xls")) if not self._was_read(path)]
        if new:
            self._do("Reading Florida's and Wyoming's completion files", self._read, new)
        if not world.is_made():
            self._do("Making up a district of families", world.make, timezone.now())

    def _do(self, what: str, step: Callable[..., None], *arguments: Any) -> None:
        self.stdout.write(f"{what} ...", ending=" ")
        self.stdout.flush()
        began = time.monotonic()
        step(*arguments)
        self.stdout.write(f"{time.monotonic() - began:.1f} s")

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        catalogues.compile_all()
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)

    def _load_reference(self) -> None:
        call_command("load_reference", verbosity=0)

    @staticmethod
    def _was_read(path: Path) -> bool:
        return SourceFile.objects.filter(name=path.name).exists()

    @staticmethod
    def _read(paths: list[Path]) -> None:
        for path in paths:
            bring_in(path.name, path.read_bytes())
