"""What the product says by itself, as a reader of one language reviews it, kind by kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.family_pages import new_mailbox
from campaigns.inbox import auto_answers, ready_answers
from campaigns.models import ReviewedText
from campaigns.models.review import digest
from campaigns.words import catalogue, family_words, library, placeholders, previews, reviews
from campaigns.words.family_values import values
from campaigns.words.phrases import PHRASES, PhraseBook
from schools.models import User

ANSWERS = (*auto_answers.SAID, *new_mailbox.SAID, *ready_answers.SHIPPED)


# What stands for the values of a sentence where a reader looks at it.
SAMPLE = {
    "school": previews.SAMPLE_SCHOOL,
    "phone": "(360) 555-0100",
    "names": "Ana",
    "form": "FAFSA",
}


@dataclass(frozen=True)
class Sentence:
    """A fixed sentence in a language."""

    name: str
    source: str
    words: str
    approved: bool
    note: str = ""  # what a reader asked to change
    noted_by: User | None = None
    before: ReviewedText | None = None  # words approved for English that was like this

    @property
    def review(self) -> str:
        return library.review_of(self.approved, self.note)


@dataclass(frozen=True)
class Kind:
    """Sentences that are reviewed together."""

    slug: str
    channel: str  # as a ReviewedText keeps it
    title: Promise
    about: Promise

    def sentences(self, language: str) -> list[Sentence]:
        """Each of them; what readers of this install decided comes before the draft."""
        rows = ReviewedText.objects.filter(district=None, channel=self.channel, language=language)
        decided = {row.source: row for row in rows.select_related("noted_by")}
        said = {*PHRASES.values(), *family_words.read(language), *ANSWERS}
        old = [row for source, row in decided.items() if source not in said and not row.note]
        found = []
        for name, source, words, reviewed in self._shipped(language):
            row = decided.get(source)
            note = row.note if row else ""
            approved = not note and bool(row or reviewed)
            found.append(
                Sentence(
                    name,
                    source,
                    row.body if row else words,
                    approved,
                    note,
                    row.noted_by if row else None,
                    None if approved else reviews.forerunner(source, old),
                )
            )
        return found

    def counted(self, language: str) -> dict[str, Any]:
        """How far its review is, with the sentences."""
        sentences = self.sentences(language)
        return {
            "kind": self,
            "sentences": sentences,
            "approved": sum(each.approved for each in sentences),
            "asked": sum(bool(each.note) for each in sentences),
        }

    def as_read(self, words: str, language: str, today: dt.date) -> str:
        """Words with values in place, as a family that does not exist reads them."""
        if self.channel == ReviewedText.PHRASE:
            family = previews.made_up_family(None, today=today)
            return placeholders.fill(words, values(family, language, PhraseBook.load()))
        try:
            return family_words.put_in(words, language, SAMPLE)
        except (KeyError, ValueError, TypeError):  # a stray % while it is written
            return words

    def is_a_text(self, name: str) -> bool:
        """True for what a phone shows as a text, whose length is paid for."""
        return self.slug == "answers" or name == "stop"

    def _shipped(self, language: str) -> Iterator[tuple[str, str, str, bool]]:
        if self.channel == ReviewedText.PHRASE:
            for name, source in PHRASES.items():
                found = catalogue.look_up(language, source, catalogue.PHRASE)
                yield name, source, found.words if found else "", bool(found and found.reviewed)
            return
        known = family_words.read(language)
        for source in self._texts(known):
            words, draft = known.get(source, ("", True))
            yield f"s{digest(source)[:12]}", source, words, not draft

    def _texts(self, known: Iterable[str]) -> Iterable[str]:
        if self.slug == "answers":
            return ANSWERS
        return [text for text in known if text not in ANSWERS]


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "sentences",
            ReviewedText.PHRASE,
            _("Fixed sentences"),
            _(
                "How to stop, why an e-mail came, and what stands in for a missing name. Drafts "
                "are said in English."
            ),
        ),
        Kind(
            "answers",
            ReviewedText.FAMILY,
            _("Answers to families"),
            _(
                "What a family hears back at once, and answers ready to be picked. Drafts are said "
                "in English."
            ),
        ),
        Kind(
            "pages",
            ReviewedText.FAMILY,
            _("Families’ own page"),
            _("Drafts are shown, and the page says that a machine wrote them."),
        ),
    )
}
