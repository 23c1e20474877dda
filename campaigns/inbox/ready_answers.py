"""Answers that are ready to be picked: some that we ship, and those that a district keeps."""

from __future__ import annotations

from campaigns.models import ReadyAnswer
from campaigns.words.family_words import Words, family_text, for_message
from contacts.models import Contact
from schools.models import District, User

SHIPPED = (
    family_text("Thank you for writing. I will find out and answer you soon."),
    family_text("Please call us at %(phone)s or come to the school. An interpreter is free."),
    family_text("Tell us a day and a time that suit you, and we will help you with the form."),
    family_text("Thank you for telling us. We have noted it."),
)


def for_family(contact: Contact, phone: str) -> list[tuple[str, str]]:
    """The answers for a family's language, each with its English where that is another.

    The district's own come first. Of ours, only what a person has read: else it is in English.
    """
    own = ReadyAnswer.objects.filter(district=contact.district, language=contact.language)
    found = [(answer.words, "") for answer in own]
    words, english = for_message(contact.language), Words("en", drafts=False)
    for text in SHIPPED:
        if "%(phone)s" in text and not phone:
            continue
        said, plain = words.say(text, phone=phone), english.say(text, phone=phone)
        found.append((said, "" if said == plain else plain))
    return found


def keep(words: str, *, language: str, district: District, by: User) -> None:
    """Keeps an answer for the next family that reads its language; once."""
    ReadyAnswer.objects.get_or_create(
        district=district, language=language, words=words, defaults={"made_by": by}
    )
