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
        return students.filter(pk__in=_of(at))
    if any(c.isdigit() for c in text):
        every = Student.objects.order_by().values("pk")
        known = every.filter(sis_id=text).union(every.filter(state_student_id=text))
        by_id = students.filter(pk__in=known)
        if by_id.exists():
            return by_id
    for word in words_of(text):
        words = _beginning(word)  # each is a student's or a guardian's
        theirs = Guardianship.objects.filter(contact__in=words.values("contact"))
        named = theirs.values("student").union(words.values("student"))
        students = students.filter(pk__in=named)
    return students


def _of(contacts: QuerySet[Any, Any], **tie: Any) -> QuerySet[Any, Any]:
    """The students whom these contacts care for (by such a `tie`), or who these contacts are.

    A union and no OR: each half finds its rows by an index, an OR would read every student.
    """
    ties = Guardianship.objects.filter(contact__in=contacts, **tie).values("student")
    own = Contact.objects.order_by().filter(pk__in=contacts).exclude(student=None)
    return ties.union(own.values("student"))


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
    return students.annotate(by_sms=reach(Channel.SMS), by_email=reach(Channel.EMAIL))


def reach(*channels: str) -> Q:
    """Students of whose family someone may be written to now, through one of the channels."""
    points = ContactPoint.objects.filter(channel__in=channels or Channel.values)
    return _held(consent.allowed(points), may_contact=True)


def _held(points: QuerySet[ContactPoint], **tie: Any) -> Q:
    """Students with one of these points in the family: a guardian's by such a tie, or their own.

    From the student to the tie to the address: each step is one look into an index.
    """
    ties = Guardianship.objects.filter(student=OuterRef("pk"), left_on=None, **tie)
    theirs = points.filter(contact=OuterRef("contact_id"))
    own = Contact.objects.filter(student=OuterRef("pk"))
    return Q(
        Exists(ties.filter(Exists(theirs)))
        | Exists(own.filter(Exists(points.filter(contact=OuterRef("pk")))))
    )


def reachable(students: QuerySet[Student], how: str) -> QuerySet[Student]:
    """Students who can be reached by "sms", by "email", in "any" way or by "none"."""
    if how in Channel.values:
        return students.filter(reach(how))
    if how == "any":
        return students.filter(reach())
    return students.exclude(reach()) if how == "none" else students


def texting(students: QuerySet[Student], word: str) -> QuerySet[Student]:
    """Students with a phone in the family whose consent to texts is this (a key of Consent)."""
    points = ContactPoint.objects.filter(channel=Channel.SMS, removed_on=None)
    silent = Suppression.objects.active().filter(channel=Channel.SMS)
    if word == Consent.WITHDRAWN:
        # Few addresses are silent, and each has a suppression: the way begins at those.
        at = points.filter(address_index__in=silent.values("address_index")).values("contact")
        return students.filter(pk__in=_of(at, left_on=None))
    points = points.filter(consent=word).exclude(
        Exists(silent.filter(address_index=OuterRef("address_index")))
    )
    return students.filter(_held(points))


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
