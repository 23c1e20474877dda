"""The person that a command was told by a phone, an e-mail or a SIS id."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import CommandError

from contacts import erasure
from contacts.emails import BadEmail
from contacts.phones import BadPhone
from schools.models import District


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--phone | --email | --sis-id`, one of which must be given, and `--district`."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--phone")
    who.add_argument("--email")
    who.add_argument("--sis-id")
    parser.add_argument("--district", metavar="NCES_ID", help="only in this district")


def find(options: dict[str, Any]) -> erasure.Person:
    """The person. Raises CommandError if there is none, or one id means several."""
    district = None
    if options["district"]:
        district = District.objects.filter(nces_id=options["district"]).first()
        if district is None:
            raise CommandError(f"No district has the NCES id {options['district']}.")
    try:
        person = erasure.find(
            phone=options["phone"] or "",
            email=options["email"] or "",
            sis_id=options["sis_id"] or "",
            district=district,
        )
    except (BadPhone, BadEmail) as error:
        raise CommandError(str(error)) from None
    if not person:
        raise CommandError("Nobody here has that.")
    districts = {student.district_id for student in person.students}
    districts |= {contact.district_id for contact in person.contacts}
    if options["sis_id"] and len(districts) > 1:
        raise CommandError("Several districts use this id; say which with --district.")
    return person
