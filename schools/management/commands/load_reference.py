"""`manage.py load_reference`: states, regions, districts, schools and enrolments from files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schools import reference


class Command(BaseCommand):
    help = "Loads a state's reference data; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("states", nargs="*", help="such as WA; all that are shipped if none")
        parser.add_argument("--state", action="append", default=[], help="the same as an option")

    def handle(self, *args: Any, **options: Any) -> None:
        for code in [*options["states"], *options["state"]] or reference.shipped_states():
            try:
                counts = reference.load(code.upper())
            except reference.NoReferenceData as problem:
                raise CommandError(str(problem)) from problem
            if options["verbosity"]:
                told = ", ".join(
                    f"{counts[kind]} {kind}" for kind in ("created", "updated", "unchanged")
                )
                self.stdout.write(f"{code.upper()}: {told}")
