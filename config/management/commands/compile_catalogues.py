from typing import Any

from django.core.management.base import BaseCommand

from config import catalogues


class Command(BaseCommand):
    help = "Compile the interface's catalogues (locale/*/LC_MESSAGES/django.po) where they changed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        catalogues.compile_all()
