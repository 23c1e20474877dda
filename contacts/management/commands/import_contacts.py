"""`manage.py import_contacts FILE`: students and their guardians from a district's own file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts.imports import mapping_file
from contacts.imports.problems import BadFile
from contacts.imports.report import problems_csv
from contacts.imports.run import Report, run
from contacts.management import place
from schools import audit


class Command(BaseCommand):
    help = (
        "Imports students, guardians, phones and e-mails from a CSV, XLSX or XLS file, in one "
        "transaction. `created`, `updated`, `unchanged`, `left` and `unreachable` count students: "
        "one counts as updated when anything of it, its guardians or their addresses changed. "
        "A problem in a cell leaves out that cell only. Exit 1, and nothing changed, on a bad file."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        place.add_file_arguments(parser)
        parser.add_argument("--report", type=Path, help="write the problems to this CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._run(options)
        except BadFile as error:
            if options["json"]:
                self.stdout.write(json.dumps({**Report().as_json(), "error": str(error)}))
            raise CommandError(f"Nothing was changed. {error}") from None
        if options["report"]:
            text = problems_csv(problem.as_dict() for problem in report.problems)
            options["report"].write_text(text, encoding="utf-8", newline="")
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
            return
        what = "Would change" if options["dry_run"] else "Imported"
        self.stdout.write(
            f"{what}: {report.rows} rows; students: {report.created} new, {report.updated} "
            f"changed, {report.unchanged} unchanged, {report.left} left, "
            f"{report.unreachable} unreachable; {report.problem_count} problems."
        )

    def _run(self, options: dict[str, Any]) -> Report:
        district, school = place.find(options["school"], options["district"])
        mapping = mapping_file.read(options["mapping"]) if options["mapping"] else None
        try:
            file = options["file"].open("rb")
        except OSError as error:
            raise BadFile(f"The file cannot be opened: {error.strerror}.") from None
        with file:
            report = run(
                options["file"].name,
                file,
                district=district,
                school=school,
                mapping=mapping,
                dry_run=options["dry_run"],
                now=timezone.now(),
            )
        if not options["dry_run"]:
            audit.record(
                None,
                "contacts.imported",
                f"district {district.nces_id}",
                district=district,
                **report.counts(),
            )
        return report
