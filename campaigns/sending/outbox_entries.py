"""Sent messages as a person reads them on the outbox page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import Truncator

from campaigns.models import Message
from campaigns.words import segments
from contacts import languages
from contacts.models import Channel


@dataclass(frozen=True)
class Entry:
    message: Message
    sender: str
    language: languages.Language  # of the words
    subject: str
    body: str
    cost: segments.Segments | None

    @property
    def direction(self) -> str:
        """By its own letters: of an older message only the family's language is known."""
        return "auto"

    @property
    def begins(self) -> str:
        """What tells it from the others in a list: an e-mail's subject, or a text's first words."""
        return self.subject or Truncator(self.body.removeprefix(f"{self.sender}: ")).chars(110)

    @property
    def reads(self) -> languages.Language | None:
        """The family's own language, if it had to read another."""
        own = languages.get(self.message.language)
        return own if own != self.language else None


def entries(messages: Iterable[Message]) -> list[Entry]:
    """Each message opened: its words, its language, and what it cost."""
    opened = []
    for message in messages:
        words = message.body
        opened.append(
            Entry(
                message=message,
                sender=message.school.name if message.school else "",
                language=languages.get(message.worded_in or message.language),
                subject=message.subject,
                body=words,
                cost=segments.count(words) if message.channel == Channel.SMS else None,
            )
        )
    return opened
