"""`manage.py import_completion FILE`: a completion file, all of it or nothing."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from completion.intake import REPORTED, bring_in
from completion.models import Layout, LayoutKind
from completion.readers import BadFile
from contacts.imports import mapping_file
from contacts.imports.problems import BadFile as BadMapping
from schools.models import District, State
from schools.models.cycles import check_cycle_name


def _cycle(text: str) -> str:
    try:
        check_cycle_name(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(" ".join(error.messages)) from error
    return text


def _layout(options: dict[str, Any]) -> Layout | None:
    """How a file of an unknown layout is read. Raises BadFile."""
    if not options["mapping"]:
        return None
    district = None
    if options["district"]:
        district = District.objects.filter(nces_id=options["district"]).first()
        if district is None:
            raise BadFile(f"There is no district {options['district']}.")
    code = district.state_id if district else options["state"]
    state = State.objects.filter(pk=code).first()
    if state is None:
        raise BadFile("Whose schools are these? Say --state or --district.")
    try:
        mapping = mapping_file.read(options["mapping"])
    except BadMapping as error:
        raise BadFile(str(error)) from error
    return Layout(kind=LayoutKind.COMPLETION, state=state, district=district, mapping=mapping)


class Command(BaseCommand):
    help = "Imports a completion file; the same file a second time changes nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--state", default="", type=str.upper, help="only this state's rows")
        parser.add_argument("--cycle", type=_cycle, help="for a file that names none")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, help="for a file without dates, YYYY-MM-DD"
        )
        parser.add_argument(
            "--mapping", type=Path, help="JSON or TOML: our field → the file's header"
        )
        parser.add_argument(
            "--district", default="", help="NCES id: whose schools a mapped file means"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            intake = bring_in(
                path.name,
                path.read_bytes(),
                state=options["state"],
                cycle=options["cycle"] or "",
                as_of=options["as_of"],
                layout=_layout(options),
            )
        except OSError as error:
            self._refuse(options, BadFile(f"{path}: {error.strerror}"))
        except BadFile as error:
            self._refuse(options, error)
        else:
            self._print(intake.report(), options)

    def _refuse(self, options: dict[str, Any], error: BadFile) -> None:
        report: dict[str, Any] = dict.fromkeys(REPORTED, 0) | {"as_of": None, "cycle": None}
        report["problems"] = [problem.as_dict() for problem in error.problems]
        self._print(report, options)
        raise CommandError("The file was refused; nothing changed.", returncode=1)

    def _print(self, report: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        for key, value in report.items():
            if key != "problems":
                self.stdout.write(f"{key.replace('_', ' ')}: {value}")
        for problem in report["problems"]:
            place = [problem["sheet"], problem["row"] and f"row {problem['row']}"]
            where = ", ".join(part for part in place if part)
            self.stdout.write(f"! {where + ': ' if where else ''}{problem['message']}")
