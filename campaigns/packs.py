"""Packs: campaigns as files that schools share. Ready ones for the year are in `pack_files/`.

A pack names the `forms` that its texts speak of. A text that names other forms than those, or
only one of two, makes the file invalid: so no shared file can push a single form on everyone
(forms_named.py says why). A pack for one form must restrict its audience to that path.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import pack_steps, toml
from campaigns.models import Campaign, PackVersion, Step, StepText
from campaigns.models.campaign import VARIANTS
from campaigns.pack_steps import PackStep, PackText
from campaigns.targeting import conditions, rule_edits
from campaigns.targeting.audience import NOT_COMPLETED
from campaigns.words import catalogue, reviews
from campaigns.words.forms_named import forms_named
from campaigns.words.placeholders import has_stray_brace, unknown
from contacts import languages
from contacts.models import AidStatus, ApplicationPath, Channel
from schools.models import Cycle, District, School, User

FOLDER = Path(__file__).with_name("pack_files")
FILTERS = ("statuses", "languages", "grades", "paths")


__all__ = ["BadPack", "NoSuchPack", "Pack", "PackStep", "PackText"]


class BadPack(Exception):
    """A pack file that cannot be read or breaks a rule; the message says which."""


class NoSuchPack(BadPack):
    """Neither a ready pack nor a file has this name."""


@dataclass(frozen=True)
class Pack:
    """A campaign without a school: texts, audience and steps."""

    name: str
    title: str
    steps: tuple[PackStep, ...]
    summary: str = ""
    season: str = ""
    invites: bool = False  # asks numbers that have not opted in whether we may text them
    forms: tuple[str, ...] = (ApplicationPath.FAFSA.value, ApplicationPath.WASFA.value)
    audience: Mapping[str, list[str]] = field(default_factory=dict)
    rule: Mapping[str, Any] | None = None  # further conditions (conditions.py)

    def for_staff(self) -> dict[str, str]:
        """Title, summary and season in the reader's language, where they are a ready pack's."""
        said = {"title": self.title, "summary": self.summary, "season": self.season}
        return {name: pgettext("ready campaign", words) for name, words in said.items()}

    @property
    def filters(self) -> dict[str, Any]:
        """The audience as a campaign keeps it."""
        return {**self.audience, **({"rule": dict(self.rule)} if self.rule else {})}

    @property
    def wordings(self) -> int:
        """How many wordings its texts compare; 1 where everyone reads the same."""
        named = {text.variant for step in self.steps for text in step.texts if text.variant}
        return max(1, *(VARIANTS.index(name) + 1 for name in named)) if named else 1

    @property
    def languages(self) -> list[str]:
        """Languages of its texts, English first."""
        found = {text.language for step in self.steps for text in step.texts}
        return sorted(found, key=lambda code: (code != "en", code))

    @property
    def language_names(self) -> list[str]:
        """The same as staff name them."""
        return [languages.get(code).name for code in self.languages]

    @property
    def statuses(self) -> list[str]:
        """The aid statuses it is for, in words."""
        return [str(AidStatus(status).label) for status in self.audience.get("statuses", ())]

    def text(self, channel: str, language: str) -> PackText | None:
        """The first step's text."""
        found = (t for t in self.steps[0].texts if (t.channel, t.language) == (channel, language))
        return next(found, None)


# Reading ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def ready() -> dict[str, Pack]:
    """The packs that come with the product, by name, in the order of the school year."""
    packs = [in_every_language(read(path)) for path in sorted(FOLDER.glob("*.toml"))]
    return {pack.name: pack for pack in packs}


def in_every_language(pack: Pack) -> Pack:
    """The pack with each English text's translations (catalogue.py). Raises BadPack."""
    steps = []
    for step in pack.steps:
        texts = list(step.texts)
        for english in step.texts:
            if english.language == "en":
                found = (_translated(english, code) for code in catalogue.languages_shipped())
                texts += [translated for translated in found if translated]
        steps.append(replace(step, texts=tuple(texts)))
    whole = replace(pack, steps=tuple(steps))
    _check(whole)
    return whole


def _translated(english: PackText, language: str) -> PackText | None:
    body = catalogue.translate(language, english.body)
    subject = catalogue.translate(language, english.subject)
    if body is None or subject is None:
        return None
    reviewed = body.reviewed and subject.reviewed
    return PackText(english.channel, language, body.words, subject.words, reviewed)


def find(name_or_file: str) -> Pack:
    """A ready pack by its name, else the pack in a file. Raises NoSuchPack or BadPack."""
    if name_or_file in ready():
        return ready()[name_or_file]
    path = Path(name_or_file)
    if not path.is_file():
        raise NoSuchPack(
            _("No ready pack and no file is called “%(name)s”.") % {"name": name_or_file}
        )
    return read(path)


def read(path: Path) -> Pack:
    """The pack in a TOML file. Raises BadPack."""
    try:
        return loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadPack(_("The file cannot be read as UTF-8 text.")) from error


def loads(content: str) -> Pack:
    """The pack written in TOML. Raises BadPack."""
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise BadPack(_("This is not TOML: %(why)s") % {"why": error}) from error
    try:
        pack = _from_data(data)
    except conditions.BadRule as error:
        raise BadPack(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadPack(_("Something is missing or misspelt: %(why)s") % {"why": error}) from error
    _check(pack)
    return pack


def _from_data(data: dict[str, Any]) -> Pack:
    audience = {key: [str(v) for v in data.get("audience", {}).get(key, ())] for key in FILTERS}
    audience["statuses"] = [AidStatus(v).value for v in audience["statuses"] or NOT_COMPLETED]
    rule = data.get("audience", {}).get("rule")
    audience["paths"] = [ApplicationPath(v).value for v in audience["paths"]]
    return Pack(
        name=str(data["name"])[:60],
        title=str(data["title"])[:120],
        summary=str(data.get("summary", "")),
        season=str(data.get("season", "")),
        invites=data.get("invites", False) is True,
        forms=tuple(ApplicationPath(v).value for v in data.get("forms", Pack.forms)),
        audience={key: values for key, values in audience.items() if values},
        rule=conditions.check(json.loads(rule)) if rule else None,
        steps=tuple(pack_steps.read(step) for step in data["steps"]),
    )


def _check(pack: Pack) -> None:
    """Raises BadPack where a text breaks a rule."""
    if not pack.steps or not all(step.texts for step in pack.steps):
        raise BadPack(_("A pack needs at least one step with texts."))
    for problem in filter(None, (step.problem() for step in pack.steps)):
        raise BadPack(problem)
    if pack.invites and (len(pack.steps) > 1 or pack.steps[0].channels != Step.Channels.SMS):
        raise BadPack(_("A pack that asks whether we may text has one step, by text only."))
    forms = set(pack.forms)
    if len(forms) == 1 and set(pack.audience.get("paths", ())) != forms:
        raise BadPack(_("A pack for one form must restrict its audience to that path."))
    for step in pack.steps:
        for text in step.texts:
            where = f"{text.channel}, {text.language}"
            words = f"{text.subject}\n{text.body}"
            if not text.body or (text.channel == Channel.EMAIL and not text.subject):
                raise BadPack(_("A text is empty or lacks its subject: %s") % where)
            if unknown(words) or has_stray_brace(words):
                names = ", ".join(f"{{{name}}}" for name in unknown(words)) or "{ }"
                raise BadPack(
                    _("Unknown placeholder %(names)s in %(where)s")
                    % {"names": names, "where": where}
                )
            if pack.invites and not asks_for_a_yes(words):
                raise BadPack(_("It must say how to answer: YES to get texts, STOP to stop."))
            if forms_named(words) not in (frozenset(), forms):
                raise BadPack(_("A text must name every form of the pack or none: %s") % where)


def asks_for_a_yes(words: str) -> bool:
    """True where a text says both how to say yes and how to stop."""
    # Not \b: other scripts write "and STOP" as one word.
    said = re.findall(r"(?<![A-Za-z])(?:YES|STOP)(?![A-Za-z])", words)
    return {"YES", "STOP"} <= set(said)


# Writing ------------------------------------------------------------------------------------


def dumps(pack: Pack) -> str:
    """The pack as TOML that `loads` reads back to an equal pack."""
    lines = [f"{key} = {toml.text(getattr(pack, key))}" for key in ("name", "title")]
    lines += [
        f"{key} = {toml.text(getattr(pack, key))}"
        for key in ("summary", "season")
        if getattr(pack, key)
    ]
    lines += ["invites = true"] if pack.invites else []
    lines.append(f"forms = {toml.texts(pack.forms)}")
    if pack.audience or pack.rule:
        lines += ["", "[audience]"]
        lines += [f"{key} = {toml.texts(values)}" for key, values in pack.audience.items()]
        lines += [f"rule = {toml.text(json.dumps(pack.rule))}"] if pack.rule else []
    for step in pack.steps:
        lines += ["", *pack_steps.lines(step)]
    return "\n".join(lines) + "\n"


def of_campaign(campaign: Campaign) -> Pack:
    """A campaign as a pack: no school, no person, no dates but the days between its steps."""
    steps = list(campaign.steps.filter(for_held_out=False).prefetch_related("texts"))
    start = steps[0].due_at if steps and steps[0].due_at else campaign.launched_at
    packed = [pack_steps.of_step(step, start=start) for step in steps]
    named: set[str] = set()
    for text in (text for step in packed for text in step.texts):
        named |= forms_named(f"{text.subject}\n{text.body}")
    audience = {key: values for key in FILTERS if (values := campaign.audience.get(key))}
    audience.setdefault("statuses", list(AidStatus.values))
    if len(named) == 1:
        audience["paths"] = sorted(named)
    return Pack(
        invites=campaign.invites,
        name=campaign.pack or f"campaign-{campaign.pk}",
        title=campaign.name,
        forms=tuple(sorted(named)) or Pack.forms,
        audience=audience,
        rule=rule_edits.portable(campaign.audience.get("rule") or {"all": []}),
        steps=tuple(packed),
    )


# Adopting -----------------------------------------------------------------------------------


@transaction.atomic
def adopt(
    pack: Pack,
    *,
    district: District,
    schools: list[School],
    cycle: Cycle,
    by: User | None,
    now: dt.datetime,
    version: PackVersion | None = None,
) -> Campaign:
    """A draft campaign of `district` made from the pack. Texts marked reviewed are approved."""
    campaign = Campaign.objects.create(
        name=pack.for_staff()["title"],
        district=district,
        cycle=cycle,
        pack=pack.name,
        invites=pack.invites,
        audience=pack.filters,
        seed=secrets.randbelow(2**62),
        created_by=by,
        pack_version=version,
        variants=pack.wordings,
    )
    campaign.schools.set(schools)
    fill_steps(campaign, pack, now=now)
    return campaign


def fill_steps(campaign: Campaign, pack: Pack, *, now: dt.datetime) -> None:
    """Gives a draft the steps and texts of a pack, in place of any that it had."""
    campaign.steps.all().delete()
    for position, packed in enumerate(pack.steps, start=1):
        step = pack_steps.to_step(packed, campaign, position)
        texts = pack_steps.to_texts(packed, step, now=now)
        StepText.objects.bulk_create(reviews.recall(campaign, texts) if texts else [])
