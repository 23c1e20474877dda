"""What the product says by itself, as a reader of one language reviews it, kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import auto_answers, catalogue, family_words, ready_answers
from campaigns.models import ReviewedText
from campaigns.models.review import digest
from campaigns.phrases import PHRASES

ANSWERS = (*auto_answers.SAID, *ready_answers.SHIPPED)


@dataclass(frozen=True)
class Sentence:
    """A fixed sentence in a language."""

    name: str
    source: str
    words: str
    approved: bool


@dataclass(frozen=True)
class Kind:
    """Sentences that are reviewed together."""

    slug: str
    channel: str  # as a ReviewedText keeps it
    title: Promise
    about: Promise

    def sentences(self, language: str) -> list[Sentence]:
        """Each of them; what readers of this install approved comes before the draft."""
        rows = ReviewedText.objects.filter(district=None, channel=self.channel, language=language)
        approved = dict(rows.values_list("source", "body"))
        return [
            Sentence(name, source, approved.get(source, words), source in approved or reviewed)
            for name, source, words, reviewed in self._shipped(language)
        ]

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
