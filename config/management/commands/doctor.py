"""`manage.py doctor`: every setting that can be wrong, with the mend."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from schools import checks


class Command(BaseCommand):
    help = "Looks at the settings and says what is wrong and how to mend it; exit 1 if serious."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = checks.run()
        if options["json"]:
            told = [{**asdict(each), "mend": "" if each.ok else str(each.mend)} for each in found]
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for each in found:
                word = "WRONG" if each.serious else "note "
                self.stdout.write(
                    f"ok    {each.name}" if each.ok else f"{word} {each.name}: {each.mend}"
                )
        if any(each.serious and not each.ok for each in found):
            raise SystemExit(1)
