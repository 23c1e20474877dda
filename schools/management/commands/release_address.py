"""`manage.py release_address`: a host that the wrong district holds is free again."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from schools import web_addresses
from schools.models import User


class Command(BaseCommand):
    help = (
        "Frees the host of a district's links, proved or waiting, so that any district may enter "
        "it. Links sent on it are dead until it is proved again. Asks first unless --yes is given."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("address", help="such as https://aid.example.org")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--by", metavar="EMAIL", help="who asked, for the audit record")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            host = web_addresses.host_of(options["address"])
        except web_addresses.NotAnAddress as problem:
            raise CommandError(str(problem)) from problem
        by = User.objects.filter(email__iexact=options["by"]).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"Nobody signs in as {options['by']}.")
        question = f"Release {host}? Links sent on it die. [y/N] "
        if not options["yes"] and input(question).strip().lower() != "y":
            raise CommandError("Nothing was released.")
        district = web_addresses.release(host, by=by)
        if district is None:
            raise CommandError(f"No district holds {host}.")
        self.stdout.write(f"{host} is free; {district.name} ({district.nces_id}) held it.")
