"""The words of a district's files that only a person can explain; each is asked once.

What is explained holds for the whole district: a language for the families of whom a file said
it, and every word for each file that comes later.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from contacts import languages
from contacts.imports import bulk
from contacts.models import AidStatus, Contact, ContactImport, FileWord
from schools import audit
from schools.models import District, School, User

Kind = FileWord.Kind

LONGEST = 80
MOST_ASKED = 200  # of a kind in one file: more are no words, but a column that is something else
AT_ONCE = 500
# An address, a number or a date stands in the wrong column; it is nobody's word for anything.
_ADDRESS = re.compile(r"@|(?:\d\D{0,2}){7}")
_NUMBER = re.compile(r"\d{3}|\d[-/.]\d")


def key(text: str) -> str:
    """A word as it is kept: in lower case, with single spaces."""
    return " ".join(text.lower().split())[:LONGEST]


class Vocabulary:
    """What a district's words mean as far as it is known, and a count of those that are not."""

    def __init__(self, district: District | None = None) -> None:
        self.missed: dict[str, Counter[str]] = {kind: Counter() for kind in Kind.values}
        self._known: dict[tuple[str, str], str] = {}
        if district is not None:
            told = FileWord.objects.explained().filter(district=district)
            for kind, word, meaning in told.values_list("kind", "word", "meaning"):
                self._known[kind, word] = meaning

    def meaning(self, kind: str, text: str) -> str:
        """What a person said that a word means; "" if nobody said, or that it is no such thing."""
        return self._known.get((kind, key(text)), "") if self._known else ""

    def miss(self, kind: str, text: str) -> str:
        """Counts a word that was not understood, unless it was answered; returns it as kept."""
        word = key(text)
        misplaced = _ADDRESS.search(word) or (kind != Kind.SCHOOL and _NUMBER.search(word))
        if not word or (kind, word) in self._known or misplaced:
            return ""
        self.missed[kind][word] += 1
        return word


def asked(missed: Mapping[str, Counter[str]]) -> int:
    """How many words of a file wait for an explanation."""
    return sum(min(len(words), MOST_ASKED) for words in missed.values())


def ask(
    district: District,
    missed: Mapping[str, Counter[str]],
    *,
    upload: ContactImport | None,
    today: dt.date,
) -> None:
    """Keeps the words of a file that was read as questions; what it no longer holds is dropped."""
    if upload is not None:
        FileWord.objects.open().filter(upload=upload, contacts=None).delete()
    FileWord.objects.bulk_create(
        [
            FileWord(
                district=district, kind=kind, word=word, rows=rows, seen_on=today, upload=upload
            )
            for kind, words in missed.items()
            for word, rows in words.most_common(MOST_ASKED)
        ],
        update_conflicts=True,
        unique_fields=["district", "kind", "word"],
        update_fields=["rows", "seen_on", "upload"],
    )


class Notes:
    """Keeps of which contacts an import said the words that nobody has explained yet."""

    def __init__(self, district: District, upload: ContactImport, today: dt.date) -> None:
        self._district, self._upload, self._today = district, upload, today
        self._keys: dict[str, int] = {}
        self._any = _said(fileword__district=district).exists()

    def take(self, unexplained: Mapping[str, str], understood: Sequence[str]) -> None:
        """Notes a chunk; of whom the file says a known language, no word is left to explain."""
        if self._any:
            contacts = [*unexplained, *understood]
            for start in range(0, len(contacts), AT_ONCE):
                _said(contact__in=contacts[start : start + AT_ONCE]).delete()
        if unexplained:
            self._any = True
            pairs = [[self._key(word), contact] for contact, word in unexplained.items()]
            bulk.insert(FileWord.contacts.through, ["fileword_id", "contact_id"], pairs)

    def _key(self, word: str) -> int:
        if word not in self._keys:
            kept, _new = FileWord.objects.get_or_create(
                district=self._district,
                kind=Kind.LANGUAGE,
                word=word,
                defaults={"seen_on": self._today, "upload": self._upload},
            )
            self._keys[word] = kept.pk
        return self._keys[word]


def _said(**where: object) -> QuerySet[Any]:
    """Who said which word."""
    return FileWord.contacts.through._default_manager.filter(**where)


def explain(word: FileWord, meaning: str, *, by: User, now: dt.datetime) -> int:
    """Keeps what a word means (empty: no such thing); returns how many families it changed.

    A language becomes that of everybody of whom a file last said the word, except where a
    person or the family chose one. Explained anew, only those follow who had the old meaning.
    """
    with transaction.atomic():
        before = word.meaning if word.decided_at else None
        word.meaning = meaning
        word.decide(by=by, at=now)
        word.save()
        changed = 0
        if word.kind == Kind.LANGUAGE and meaning:
            changed = _speak(word, before)
        audit.record(
            by, "word.explained", f"word {word.pk}", district=word.district, kind=word.kind,
            meaning=meaning, changed=changed,
        )  # fmt: skip
    return changed


def _speak(word: FileWord, before: str | None) -> int:
    spoke = word.contacts.exclude(language=word.meaning)
    if before:
        spoke = spoke.filter(language=before)
    rows = spoke.values_list("pk", "by_hand")
    keys = [pk for pk, by_hand in rows if "language" not in by_hand]
    for start in range(0, len(keys), AT_ONCE):
        some = Contact.objects.filter(pk__in=keys[start : start + AT_ONCE])
        some.update(language=word.meaning)
    return len(keys)


def choices(word: FileWord, schools: list[School]) -> list[tuple[str, str]]:
    """What a word of this kind may mean: value and label."""
    if word.kind == Kind.SCHOOL:
        theirs = (school for school in schools if school.district_id == word.district_id)
        return [(school.nces_id, school.name) for school in theirs]
    if word.kind == Kind.STATUS:
        return [(value, str(label)) for value, label in AidStatus.choices]
    every = sorted(languages.LANGUAGES.values(), key=lambda language: language.name)
    return [(each.code, languages.both_names(each)) for each in every]


def perhaps(word: FileWord) -> list[tuple[str, str]]:
    """The few languages whose names are most like the word."""
    if word.kind != Kind.LANGUAGE:
        return []
    return [(each.code, languages.both_names(each)) for each in languages.alike(word.word)]
