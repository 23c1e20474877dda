"""`manage.py import_statuses FILE`: where students' aid applications stand."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts.imports import mapping_file, status_file
from contacts.imports.problems import BadFile
from contacts.management import place
from schools import audit


class Command(BaseCommand):
    help = (
        "Records student-level aid statuses from a CSV, XLSX or XLS file: a student id, a state "
        "student id or a name with the date of birth (which a person then decides), a status, and "
        "optionally its date. Exit 1, nothing changed, on a bad file."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        place.add_file_arguments(parser)
        parser.add_argument(
            "--as-of", metavar="YYYY-MM-DD", help="the day that rows without a date speak of"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        district, school = place.find(options["school"], options["district"])
        now = timezone.now()
        as_of = status_file.moment(options["as_of"], now) if options["as_of"] else None
        if options["as_of"] and as_of is None:
            raise CommandError("--as-of wants a day up to today, as YYYY-MM-DD.")
        try:
            mapping = mapping_file.read(options["mapping"]) if options["mapping"] else None
            with options["file"].open("rb") as file:
                report = status_file.run(
                    options["file"].name,
                    file,
                    district=district,
                    school=school,
                    mapping=mapping,
                    dry_run=options["dry_run"],
                    now=now,
                    as_of=as_of,
                )
        except OSError as error:
            raise CommandError(f"The file cannot be opened: {error.strerror}.") from None
        except BadFile as error:
            if options["json"]:
                empty = status_file.StatusReport().as_json()
                self.stdout.write(json.dumps({**empty, "error": str(error)}))
            raise CommandError(f"Nothing was changed. {error}") from None
        counts = report.as_json()
        if not options["dry_run"]:
            audit.record(
                None,
                "statuses.imported",
                f"district {district.nces_id}",
                district=district,
                **report.counts(),
            )
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                f"{report.rows} rows: {report.recorded} statuses recorded, {report.unchanged} "
                f"unchanged, {report.unmatched} unmatched, {report.review} to review, "
                f"{report.problem_count} problems."
            )
