"""The few fixed sentences around a school's own words, in each language.

English is here; the translations are in the catalogues (catalogue.py), or approved by a reader on
this install (reviews.py). Drafts are never said: the next language that the family reads stands in.
"""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.models import ReviewedText
from campaigns.words import catalogue
from contacts import languages

PHRASES: dict[str, str] = {
    "stop": "Reply STOP to stop.",
    "student": "your student",
    "guardian": "family",
    "deadline": "coming soon",
    "days_left": "a short time",
    "today": "less than a day",
    "help_phone": "your school",
    "why": "You receive this because {school} has this address for {student}.",
    "page": "Your page: next steps, questions, and how we write to you",
    "unsubscribe": "Stop these e-mails",
}


class PhraseBook:
    """The sentences as this install may say them; what its readers decided is asked for once.

    No words stand for those that a reader wants changed.
    """

    def __init__(self, approved: Mapping[tuple[str, str], str] | None = None) -> None:
        self._approved = approved or {}

    @classmethod
    def load(cls) -> PhraseBook:
        rows = ReviewedText.objects.filter(district=None, channel=ReviewedText.PHRASE)
        return cls(
            {
                (language, source): "" if note else body
                for language, source, body, note in rows.values_list(
                    "language", "source", "body", "note"
                )
            }
        )

    def say(self, name: str, language: str) -> str:
        """The sentence `name` in `language`, or in the next one that its readers read."""
        return self.spoken(name, language)[0]

    def spoken(self, name: str, language: str) -> tuple[str, str]:
        """The sentence `name`, and the language that it is in: values in it belong to that one."""
        english = PHRASES[name]
        for code in [language, *languages.fallbacks(language)]:
            if code == "en":
                break
            words = self._approved.get((code, english))
            if words:
                return words, code
            if words == "":  # changes are asked for, so what we shipped is not said either
                continue
            found = catalogue.look_up(code, english, catalogue.PHRASE)
            if found and found.reviewed:
                return found.words, code
        return english, "en"


def phrase(name: str, language: str) -> str:
    """One sentence, for a single use; whoever says many loads one PhraseBook."""
    return PhraseBook.load().say(name, language)
