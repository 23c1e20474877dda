"""Campaigns as shareable files: list the ready ones, export a campaign, adopt a file."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from campaigns import packs
from campaigns.models import Campaign
from schools.models import Cycle, School


class Command(BaseCommand):
    help = "List, export or adopt packs: campaigns as shareable TOML files."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="the ready packs")
        export = verbs.add_parser("export", help="a campaign as TOML, without school or people")
        export.add_argument("campaign", type=int)
        adopt = verbs.add_parser("adopt", help="make a draft campaign of a pack")
        adopt.add_argument("pack", metavar="NAME_OR_FILE.toml")
        adopt.add_argument("--school", required=True, metavar="NCES_ID")
        for verb in (listing, adopt):
            verb.add_argument("--json", action="store_true")
            verb.add_argument(
                "--language",
                choices=[code for code, _name in settings.LANGUAGES],
                help="of titles and descriptions, and of the draft's name",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options.get("language") or settings.LANGUAGE_CODE):
            getattr(self, f"_{options['verb']}")(**options)

    def _list(self, json: bool, **_options: Any) -> None:
        ready = packs.ready().values()
        if json:
            self._print_json(
                [
                    {"name": pack.name, **pack.for_staff(), "languages": pack.languages}
                    for pack in ready
                ]
            )
            return
        for pack in ready:
            said = pack.for_staff()
            self.stdout.write(f"{pack.name:22} {said['title']} ({said['season']})")
            self.stdout.write(f"{'':22} {said['summary']}")
            self.stdout.write(f"{'':22} {', '.join(pack.language_names)}")

    def _export(self, campaign: int, **_options: Any) -> None:
        found = Campaign.objects.filter(pk=campaign).first()
        if found is None:
            raise CommandError(f"There is no campaign {campaign}.")
        self.stdout.write(packs.dumps(packs.of_campaign(found)), ending="")

    def _adopt(self, pack: str, school: str, json: bool, **_options: Any) -> None:
        found = School.objects.filter(nces_id=school).select_related("district").first()
        if found is None:
            raise CommandError(f"No school has the NCES id {school}.")
        if found.district is None:
            raise CommandError(f"{found} belongs to no district, and so has no families here.")
        try:
            adopted = packs.find(pack)
        except packs.BadPack as error:
            raise CommandError(str(error)) from error
        now = timezone.now()
        cycle, _made = Cycle.objects.get_or_create(name=Cycle.name_on(now.date()))
        campaign = packs.adopt(
            adopted, district=found.district, schools=[found], cycle=cycle, by=None, now=now
        )
        if json:
            self._print_json({"campaign": campaign.pk})
        else:
            self.stdout.write(str(campaign.pk))

    def _print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value))
