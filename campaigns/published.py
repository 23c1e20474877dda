"""Packs that a region or state offers to its schools, and what changed in them since.

A published pack is a line of versions, each kept as it was published. A campaign made from one
remembers which; later versions are shown to it as a difference that it may take over.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q

from campaigns import pack_steps, packs
from campaigns.models import Campaign, PackVersion, PublishedPack, Step, StepText
from campaigns.pack_steps import PackStep, PackText
from campaigns.packs import Pack
from campaigns.words.word_diff import Piece, word_diff
from contacts import languages
from schools.models import Region, State, User

Key = tuple[int, str, str, str]  # step, channel, language, wording


@dataclass(frozen=True)
class TextChange:
    """One text that differs between two versions; `old` or `new` is None where there is none."""

    step: int
    channel: str
    language: str
    variant: str
    old: PackText | None
    new: PackText | None

    @property
    def language_name(self) -> str:
        return languages.get(self.language).name

    @property
    def pieces(self) -> list[Piece]:
        """The text with what came and went marked, word by word."""
        return word_diff(_said(self.old), _said(self.new))


@dataclass(frozen=True)
class Taken:
    """What came of taking a version over: texts changed, and own words that were left alone."""

    changed: int
    kept: int


def publish(
    content: str,
    *,
    place: Region | State,
    by: User,
    now: dt.datetime,
    note: str = "",
) -> PackVersion:
    """A new version of the pack that a TOML file describes; the first one offers it.

    The same words again make no new version. Translations count as reviewed only in languages
    that the publisher reads: nobody approves for others. Raises packs.BadPack.
    """
    pack = as_read_by(packs.loads(content), by)
    where = {"region": place} if isinstance(place, Region) else {"state": place}
    with transaction.atomic():
        offered, _new = PublishedPack.objects.select_for_update().get_or_create(
            name=_slug(pack.name), **where, defaults={"title": pack.title}
        )
        newest = offered.versions.first()
        written = packs.dumps(pack)
        PublishedPack.objects.filter(pk=offered.pk).update(title=pack.title, withdrawn_at=None)
        if newest and newest.content == written:
            return newest
        return PackVersion.objects.create(
            pack=offered,
            number=newest.number + 1 if newest else 1,
            content=written,
            note=note[:200],
            published_by=by,
            published_at=now,
        )


def as_read_by(pack: Pack, user: User) -> Pack:
    """The pack with only those texts reviewed that this person can answer for: English, and the
    languages that they read."""
    if user.is_superuser:
        return pack
    reads = {"en", *user.scope.languages}
    steps = [
        replace(
            step,
            texts=tuple(
                replace(text, reviewed=text.reviewed and text.language in reads)
                for text in step.texts
            ),
        )
        for step in pack.steps
    ]
    return replace(pack, steps=tuple(steps))


def offered_to(user: User) -> list[PackVersion]:
    """The newest version of each pack that is offered where this person works."""
    found = PublishedPack.objects.visible_to(user).filter(withdrawn_at=None).distinct()
    newest = [pack.versions.select_related("pack__region", "pack__state").first() for pack in found]
    return [version for version in newest if version]


def newer(campaign: Campaign) -> PackVersion | None:
    """The version that came after the one a campaign was made from; None if that is the newest."""
    if campaign.pack_version is None:
        return None
    later = Q(number__gt=campaign.pack_version.number)
    return campaign.pack_version.pack.versions.filter(later).first()


def changes(old: Pack, new: Pack) -> list[TextChange]:
    """The texts that differ between two versions, in order."""
    before, after = _by_key(old), _by_key(new)
    keys = sorted({*before, *after}, key=lambda key: (key[0], key[2] != "en", key))
    return [
        TextChange(*key, before.get(key), after.get(key))
        for key in keys
        if _said(before.get(key)) != _said(after.get(key))
    ]


@transaction.atomic
def take(campaign: Campaign, version: PackVersion, *, now: dt.datetime) -> Taken:
    """Takes a newer version's words for the steps that have not gone out.

    A text that somebody here has changed since is left as it is. Audience, times and channels
    stay the campaign's own.
    """
    assert campaign.pack_version is not None
    old = packs.loads(campaign.pack_version.content)
    new = packs.loads(version.content)
    unsent = {
        step.position: step for step in campaign.steps.filter(expanded_at=None, for_held_out=False)
    }
    changed = kept = 0
    for change in changes(old, new):
        step = unsent.get(change.step)
        if step is None:
            continue
        here = step.texts.filter(
            channel=change.channel, language=change.language, variant=change.variant
        ).first()
        ours = f"{here.subject}\n\n{here.body.strip()}".strip() if here else ""
        if ours != _said(change.old):
            kept += 1
            continue
        changed += 1
        if here:
            here.delete()
        if change.new:
            step.texts.bulk_create(_as_text(change.new, step, now))
    campaign.pack_version = version
    campaign.save(update_fields=["pack_version"])
    return Taken(changed, kept)


def _as_text(text: PackText, step: Step, now: dt.datetime) -> list[StepText]:
    """The text for a step, not saved, with the English that it translates noted."""
    (made,) = pack_steps.to_texts(PackStep(texts=(text,)), step, now=now)
    if text.language != "en":
        made.source = made.english_words()
    return [made]


def _by_key(pack: Pack) -> dict[Key, PackText]:
    return {
        (position, text.channel, text.language, text.variant): text
        for position, step in enumerate(pack.steps, start=1)
        for text in step.texts
    }


def _said(text: PackText | None) -> str:
    return f"{text.subject}\n\n{text.body}".strip() if text else ""


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "pack"
