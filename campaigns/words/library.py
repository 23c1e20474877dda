"""The ready packs as a reader of one language reviews them, before any campaign uses them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from campaigns import packs
from campaigns.models import ReviewedText, StepText
from campaigns.models.review import digest
from campaigns.words import reviews
from contacts.models import Channel
from schools.models import District


@dataclass(frozen=True)
class LibraryText:
    """One message of a pack: in English, and as far as it is in another language."""

    pack: packs.Pack
    step: int  # its position in the pack, from 1
    english: packs.PackText
    language: str
    subject: str
    body: str
    approved: bool
    note: str = ""  # what a reader asked to change

    @property
    def channel(self) -> str:
        return self.english.channel

    @property
    def channel_label(self) -> str:
        return str(Channel(self.channel).label)

    @property
    def source(self) -> str:
        """The English words as one, the key of what is remembered."""
        return "\n\n".join(part for part in (self.english.subject, self.english.body) if part)

    @property
    def review(self) -> str:
        return review_of(self.approved, self.note)


def review_of(approved: bool, note: str) -> str:
    """The state of a text that belongs to no campaign, as a badge shows it."""
    if note:
        return StepText.Review.CHANGES.value
    return (StepText.Review.APPROVED if approved else StepText.Review.DRAFT).value


def texts(language: str, district: District | None) -> list[LibraryText]:
    """Each message of the ready packs in a language; what was approved comes before the draft."""
    found = [
        (pack, position, text)
        for pack in packs.ready().values()
        for position, step in enumerate(pack.steps, start=1)
        for text in step.texts
        if text.language == "en"
    ]
    sources = ["\n\n".join(p for p in (t.subject, t.body) if p) for _pack, _at, t in found]
    memory = reviews.remembered(district, sources)
    return [
        _text(pack, position, english, language, memory.get((english.channel, language, source)))
        for (pack, position, english), source in zip(found, sources, strict=True)
    ]


def before(
    text: LibraryText, every: list[LibraryText], home: District | None
) -> ReviewedText | None:
    """What was approved, for the reader's district or the install, of English like a text's.

    The English of every text of today is left out: its words belong to that one.
    """
    rows = ReviewedText.objects.filter(
        Q(district=home) | Q(district=None), note="", channel=text.channel, language=text.language
    ).exclude(source_digest__in={digest(each.source) for each in every})
    return reviews.forerunner(text.source, rows)


def _text(
    pack: packs.Pack,
    step: int,
    english: packs.PackText,
    language: str,
    known: ReviewedText | None,
) -> LibraryText:
    if known:
        return LibraryText(
            pack, step, english, language, known.subject, known.body, not known.note, known.note
        )
    draft = next(
        (
            text
            for text in pack.steps[step - 1].texts
            if (text.channel, text.language) == (english.channel, language)
        ),
        None,
    )
    return LibraryText(
        pack,
        step,
        english,
        language,
        draft.subject if draft else "",
        draft.body if draft else "",
        bool(draft and draft.reviewed),
    )
