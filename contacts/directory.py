"""Finding families: by name, by exact phone or e-mail, by what a counselor asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from contacts import consent, emails, phones
from contacts.crypto import blind_index
from contacts.models import (
    Channel,
    Consent,
    Contact,
    ContactPoint,
    Guardianship,
    NameWord,
    Student,
    Suppression,
)
from contacts.names import words_of
from schools.models import User

LAST_LETTER = "\U0010ffff"


def found(user: User | AnonymousUser, asked: Mapping[str, Any]) -> QuerySet[Student]:
    """The students whom a person may see and who fit what is asked, unordered.

    `asked` may hold q, school, grade, language, status, reachable, consent, tag, brought (an
    import) and gone ("yes": those who have left); texts as a page's address holds them, or
    the cleaned data of forms.FindFamilies.
    """
    visible = Student.objects.visible_to(user)
    gone = asked.get("gone") == "yes"
    there: QuerySet[Student] = visible.exclude(left_on=None) if gone else visible.present()
    students = search(there, asked.get("q") or "")
    for name, lookup in _PLAIN.items():
        if asked.get(name):
            students = students.filter(**{lookup: asked[name]})
    if asked.get("language"):
        students = speaking(students, asked["language"])
    if asked.get("reachable"):
        students = reachable(students, asked["reachable"])
    if asked.get("consent"):
        students = texting(students, asked["consent"])
    return students


_PLAIN = {
    "school": "school",
    "grade": "grade",
    "status": "aid_status",
    "tag": "tags",
    "brought": "brought_by",
}


def search(students: QuerySet[Student], text: str) -> QuerySet[Student]:
    """Students whose family fits: a whole phone or e-mail, else names that begin so.

    An address is found through its blind index: only the whole of it, never a part. Each word
    must begin a word of the student's name or of one guardian's, or be the student's id.
    """
    text = " ".join(text.split())
    if not text:
        return students
    key = _address(text)
    if key is not None:
        channel, address = key
        at = ContactPoint.objects.filter(
            channel=channel, address_index=blind_index(channel, address)
        ).values("contact")
        ties = Guardianship.objects.filter(contact__in=at).values("student")
        return students.filter(Q(pk__in=ties) | Q(own_contact__in=at))
    by_id = students.filter(Q(sis_id=text) | Q(state_student_id=text))
    if any(c.isdigit() for c in text) and by_id.exists():
        return by_id
    for word in words_of(text):
        words = _beginning(word)
        own = words.exclude(student=None).values("student")
        guardians = words.exclude(contact=None).values("contact")
        theirs = Guardianship.objects.filter(contact__in=guardians).values("student")
        students = students.filter(Q(pk__in=own) | Q(pk__in=theirs))
    return students


def _beginning(word: str) -> QuerySet[NameWord]:
    """The words that begin so, by the index: SQLite's LIKE would not use it, a range does."""
    if connection.vendor == "postgresql":
        return NameWord.objects.filter(word__startswith=word)
    return NameWord.objects.filter(word__gte=word, word__lt=word + LAST_LETTER)


def _address(text: str) -> tuple[str, str] | None:
    if "@" in text:
        try:
            return Channel.EMAIL, emails.read(text)
        except emails.BadEmail:
            return None
    if sum(c.isdigit() for c in text) < 7:
        return None
    try:
        return Channel.SMS, phones.read(text).e164
    except phones.BadPhone:
        return None


def with_reach(students: QuerySet[Student]) -> QuerySet[Student]:
    """Adds `by_sms` and `by_email`: whether someone of the family can be written to so."""
    return students.annotate(by_sms=_reach(Channel.SMS), by_email=_reach(Channel.EMAIL))


def _reach(*channels: str) -> Q:
    # From the student to the tie to the address: each step is one look into an index.
    points = ContactPoint.objects.filter(channel__in=channels)
    held = consent.allowed(points.filter(contact=OuterRef("contact_id")))
    ties = Guardianship.objects.filter(student=OuterRef("pk"), may_contact=True, left_on=None)
    own = consent.allowed(points.filter(contact__student=OuterRef("pk")))
    return Q(Exists(ties.filter(Exists(held))) | Exists(own))


def reachable(students: QuerySet[Student], how: str) -> QuerySet[Student]:
    """Students who can be reached by "sms", by "email", in "any" way or by "none"."""
    if how in Channel.values:
        return students.filter(_reach(how))
    if how == "any":
        return students.filter(_reach(*Channel.values))
    return students.exclude(_reach(*Channel.values)) if how == "none" else students


def texting(students: QuerySet[Student], word: str) -> QuerySet[Student]:
    """Students with a phone in the family whose consent to texts is this (a key of Consent)."""
    points = ContactPoint.objects.filter(channel=Channel.SMS, removed_on=None)
    silent = Suppression.objects.active().filter(
        channel=Channel.SMS, address_index=OuterRef("address_index")
    )
    if word == Consent.WITHDRAWN:
        points = points.filter(Q(consent=word) | Q(Exists(silent)))
    else:
        points = points.filter(consent=word).exclude(Exists(silent))
    ties = Guardianship.objects.filter(student=OuterRef("pk"), left_on=None)
    held = points.filter(contact=OuterRef("contact_id"))
    own = points.filter(contact__student=OuterRef("pk"))
    return students.filter(Exists(ties.filter(Exists(held))) | Exists(own))


def speaking(students: QuerySet[Student], language: str) -> QuerySet[Student]:
    """Students with a guardian, or a contact of their own, who reads this language."""
    tie = Guardianship.objects.filter(
        student=OuterRef("pk"), contact__language=language, left_on=None
    )
    own = Contact.objects.filter(student=OuterRef("pk"), language=language)
    return students.filter(Exists(tie) | Exists(own))


def in_order(students: QuerySet[Student]) -> QuerySet[Student, UUID]:
    """The keys of students in the order of their names: what is counted and cut into pages."""
    ordered = students.order_by("last_name", "first_name", "pk")
    return ordered.values_list("pk", flat=True)


def dressed(keys: Iterable[UUID]) -> list[Student]:
    """One page's students with what the list shows: reach is asked of them and nobody else."""
    ties = Guardianship.objects.filter(left_on=None).select_related("contact")
    rows = (
        with_reach(Student.objects.filter(pk__in=list(keys)))
        .select_related("school")
        .prefetch_related(Prefetch("guardianships", ties, to_attr="ties"), "tags")
        .order_by("last_name", "first_name", "pk")
    )
    return list(rows)
