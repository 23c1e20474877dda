"""For whose sake we write to someone."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from contacts.models import Contact, Student


def students_of(contact: Contact) -> QuerySet[Student]:
    """The students for whose sake we write to a contact."""
    return (
        Student.objects.present()
        .filter(
            Q(
                guardianships__contact=contact,
                guardianships__may_contact=True,
                guardianships__left_on=None,
            )
            | Q(own_contact=contact)
        )
        .distinct()
    )
