"""What a reader of a language decides on a translation, and what is remembered of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import F, Q

from campaigns.models import Campaign, ReviewedText, StepText
from campaigns.models.campaign import OPEN
from campaigns.models.review import digest
from schools.models import District, User

Key = tuple[str, str, str]  # channel, language, the English words


def approve(text: StepText, *, by: User, now: dt.datetime) -> None:
    """Lets words be sent; a translation is remembered for campaigns with the same English."""
    text.source = "" if text.language == "en" else text.english_words()
    text.review, text.note = StepText.Review.APPROVED, ""
    text.reviewed_by, text.reviewed_at = by, now
    text.save()
    remember(text, by=by, now=now)


def ask_for_changes(text: StepText, note: str, *, by: User, now: dt.datetime) -> None:
    """Keeps a translation from being sent, and says what should be better."""
    text.review, text.note = StepText.Review.CHANGES, note
    text.reviewed_by, text.reviewed_at = by, now
    text.save()
    ReviewedText.objects.filter(
        Q(district=text.step.campaign.district) | Q(district=None, reviewed_by=by),
        channel=text.channel,
        language=text.language,
        source_digest=digest(text.english_words()),
        body=text.body,
    ).delete()


def save_draft(text: StepText) -> None:
    """Keeps changed words that nobody has approved."""
    text.review, text.note = StepText.Review.DRAFT, ""
    text.reviewed_by = text.reviewed_at = None
    text.save()


def remember(text: StepText, *, by: User, now: dt.datetime) -> None:
    """Keeps an approved translation for whom its reader speaks for."""
    if not text.source:
        return
    district = by.home
    if district is None and not (by.is_superuser or text.language in by.scope.languages):
        district = text.step.campaign.district  # a counselor's word counts in the own district
    keep(
        Words(text.channel, text.language, text.source, text.subject, text.body),
        district=district,
        by=by,
        now=now,
    )


@dataclass(frozen=True)
class Words:
    """A translation, and the English that it translates."""

    channel: str
    language: str
    source: str
    subject: str
    body: str


def keep(words: Words, *, district: District | None, by: User, now: dt.datetime) -> None:
    """Remembers approved words, of a district or of the install.

    The same draft of the same English, waiting in open campaigns there, is approved as well.
    """
    ReviewedText.objects.update_or_create(
        district=district,
        channel=words.channel,
        language=words.language,
        source_digest=digest(words.source),
        defaults={
            "source": words.source,
            "subject": words.subject,
            "body": words.body,
            "reviewed_by": by,
            "reviewed_at": now,
            "note": "",
            "noted_by": None,
        },
    )
    waiting = StepText.objects.filter(
        channel=words.channel,
        language=words.language,
        source=words.source,
        subject=words.subject,
        body=words.body,
        review=StepText.Review.DRAFT,
        step__campaign__state__in=OPEN,
    )
    if district:
        waiting = waiting.filter(step__campaign__district=district)
    waiting.update(review=StepText.Review.APPROVED, reviewed_by=by, reviewed_at=now)


def object_to(
    words: Words, note: str, *, district: District | None, by: User, now: dt.datetime
) -> None:
    """Keeps words from being sent, approved or not, and says what should be better.

    What campaigns under way have approved stays: each has a page of its own.
    """
    said = {"source": words.source, "note": note, "noted_by": by}
    ReviewedText.objects.update_or_create(
        district=district,
        channel=words.channel,
        language=words.language,
        source_digest=digest(words.source),
        defaults=said,
        create_defaults=said | {"subject": words.subject, "body": words.body, "reviewed_at": now},
    )


ALIKE = 0.6  # of two English texts; less than that and nothing of a translation can be kept


def forerunner(source: str, rows: Iterable[ReviewedText]) -> ReviewedText | None:
    """Of words approved for other English, those whose English is most like `source`; or None."""
    matcher = SequenceMatcher(b=source, autojunk=False)
    best, nearest = None, ALIKE
    for row in rows:
        matcher.set_seq1(row.source)
        if matcher.real_quick_ratio() > nearest and (ratio := matcher.ratio()) > nearest:
            best, nearest = row, ratio
    return best


def forget(channel: str, language: str, sources: Iterable[str]) -> None:
    """Makes sentences of the whole install drafts again; what is asked to change stays asked."""
    ReviewedText.objects.filter(
        note="",
        district=None,
        channel=channel,
        language=language,
        source_digest__in={digest(source) for source in sources},
    ).delete()


def remembered(district: District | None, sources: Iterable[str]) -> dict[Key, ReviewedText]:
    """What was decided on these English words, by channel and language; the district's first."""
    rows = ReviewedText.objects.filter(
        Q(district=district) | Q(district=None),
        source_digest__in={digest(source) for source in sources},
    ).order_by(F("district").asc(nulls_last=True))
    found: dict[Key, ReviewedText] = {}
    for row in rows:
        found.setdefault((row.channel, row.language, row.source), row)
    return found


def recall(campaign: Campaign, texts: list[StepText]) -> list[StepText]:
    """`texts` of one step, not saved yet, each with its source and what was decided on it before.

    A language that only the memory knows is added.
    """
    english = {(text.channel, text.variant): text.words for text in texts if text.language == "en"}
    for text in texts:
        if text.language != "en":
            text.source = english.get((text.channel, text.variant), "")
    by_key = {(text.channel, text.language, text.variant): text for text in texts}
    memory = remembered(campaign.district, english.values())
    for (channel, variant), words in english.items():
        for (of_channel, language, source), row in memory.items():
            if (of_channel, source) != (channel, words):
                continue
            known = by_key.get((channel, language, variant))
            text = known or StepText(
                step=texts[0].step, channel=channel, language=language, variant=variant
            )
            text.subject, text.body, text.source = row.subject, row.body, source
            text.review = StepText.Review.CHANGES if row.note else StepText.Review.APPROVED
            text.note = row.note
            text.reviewed_by_id, text.reviewed_at = row.reviewed_by_id, row.reviewed_at
            if known is None:
                texts.append(text)
    return texts
