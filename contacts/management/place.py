"""The district and school that a command was told by their NCES ids."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.core.management.base import CommandError

from schools.models import District, School


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--school NCES_ID | --district NCES_ID`, one of which must be given."""
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--school", metavar="NCES_ID", help="the students' one school")
    place.add_argument(
        "--district",
        metavar="NCES_ID",
        help="the file's school column (NCES id, state code or name) says whose school each is",
    )


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the file, whose it is, how its columns are called and how the report is told."""
    parser.add_argument("file", type=Path)
    add_arguments(parser)
    parser.add_argument("--mapping", type=Path, help="JSON or TOML: our field → the file's header")
    parser.add_argument("--dry-run", action="store_true", help="report, change nothing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def find(school: str | None, district: str | None) -> tuple[District, School | None]:
    """The district, and the school if one was named. Raises CommandError if unknown."""
    if school:
        found = School.objects.select_related("district").filter(nces_id=school).first()
        if found is None:
            raise CommandError(f"No school has the NCES id {school}.")
        if found.district is None:
            raise CommandError(f"{found} belongs to no district; families belong to one.")
        return found.district, found
    kept = District.objects.filter(nces_id=district).first()
    if kept is None:
        raise CommandError(f"No district has the NCES id {district}.")
    return kept, None
