"""`manage.py import_enrolments FILE`: seniors of schools, all of a file or nothing."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from completion.enrolments.intake import bring_in
from completion.enrolments.layouts import Columns
from completion.readers import BadFile


class Command(BaseCommand):
    help = (
        "Imports grade-12 enrolments: NCES's and OSPI's tables, or any table whose columns are "
        "named. What a person typed in stays. The same file again changes nothing."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--school-year", default="", help="for a file that names none: 2023-24")
        parser.add_argument("--source", default="", help="who publishes it; else the file's name")
        parser.add_argument("--school-column", default="")
        parser.add_argument("--seniors-column", default="")
        parser.add_argument("--year-column", default="")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            report = bring_in(
                path.name,
                path.read_bytes(),
                school_year=options["school_year"],
                source=options["source"],
                columns=Columns(
                    options["school_column"], options["seniors_column"], options["year_column"]
                ),
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except BadFile as error:
            for problem in error.problems:
                where = f"row {problem.row}: " if problem.row else ""
                self.stderr.write(where + problem.message)
            raise CommandError("The file was refused; nothing changed.") from error
        told = report.as_dict()
        if options["as_json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for key, value in told.items():
            self.stdout.write(f"{key.replace('_', ' ')}: {value}")
