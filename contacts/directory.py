"""Finding families: by name, by exact phone or e-mail, by what a counselor asks."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from contacts import consent, emails, phones
from contacts.crypto import blind_index
from contacts.models import Channel, Contact, ContactPoint, Guardianship, Student


def search(students: QuerySet[Student], text: str) -> QuerySet[Student]:
    """Students whose family fits: a whole phone or e-mail, else names that begin so.

    An address is found through its blind index: only the whole of it, never a part.
    """
    text = " ".join(text.split())
    if not text:
        return students
    key = _address(text)
    if key is not None:
        channel, address = key
        at = ContactPoint.objects.filter(
            channel=channel, address_index=blind_index(channel, address)
        )
        return students.filter(
            Exists(at.filter(contact__guardianships__student=OuterRef("pk")))
            | Exists(at.filter(contact__student=OuterRef("pk")))
        )
    for word in text.split():
        guardian = Guardianship.objects.filter(student=OuterRef("pk")).filter(
            Q(contact__first_name__istartswith=word) | Q(contact__last_name__istartswith=word)
        )
        students = students.filter(
            Q(first_name__istartswith=word)
            | Q(last_name__istartswith=word)
            | Q(sis_id__iexact=word)
            | Exists(guardian)
        )
    return students


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

    def reach(channel: str) -> Q:
        points = consent.allowed(ContactPoint.objects.filter(channel=channel))
        ties = Guardianship.objects.filter(may_contact=True, left_on=None)
        guardians = points.filter(
            Exists(ties.filter(contact=OuterRef("contact"), student=OuterRef(OuterRef("pk"))))
        )
        own = points.filter(contact__student=OuterRef("pk"))
        return Q(Exists(guardians) | Exists(own))

    return students.annotate(by_sms=reach(Channel.SMS), by_email=reach(Channel.EMAIL))


def speaking(students: QuerySet[Student], language: str) -> QuerySet[Student]:
    """Students with a guardian, or a contact of their own, who reads this language."""
    tie = Guardianship.objects.filter(student=OuterRef("pk"), contact__language=language)
    own = Contact.objects.filter(student=OuterRef("pk"), language=language)
    return students.filter(Exists(tie) | Exists(own))


def reachable(students: QuerySet[Student], how: str) -> QuerySet[Student]:
    """Students `with_reach` who can be reached by "sms", by "email", "any" way or "none"."""
    wanted = {
        "sms": Q(by_sms=True),
        "email": Q(by_email=True),
        "any": Q(by_sms=True) | Q(by_email=True),
        "none": Q(by_sms=False, by_email=False),
    }
    return students.filter(wanted[how]) if how in wanted else students


def with_guardians(students: QuerySet[Student]) -> QuerySet[Student]:
    """Adds `ties`, the guardians whom the district names today."""
    ties = Guardianship.objects.filter(left_on=None).select_related("contact")
    return students.prefetch_related(Prefetch("guardianships", ties, to_attr="ties"))
