"""Two records that are one person made into one; nothing that either knew is lost.

Files may go on naming both: the id of the one that goes is kept as another id of the one that
stays, so that the next import finds the same person and does not make the second one again.
"""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contacts import names, status_reviews, statuses
from contacts.models import (
    AidStatusEntry,
    ApplicationPath,
    Consent,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    NameWord,
    OtherId,
    Student,
)
from contacts.signals import merging, rehoming
from schools import audit
from schools.models import User

# Of two consents to one address: a no wins, then a clear yes.
_STRICTEST = (Consent.WITHDRAWN, Consent.EXPLICIT, Consent.NONE, Consent.IMPLIED)


class CannotMerge(ValueError):
    """The two cannot be one person; the message says why."""


def merge_students(keep: Student, gone: Student, *, by: User | None) -> None:
    """Makes two students one, in one transaction. Raises CannotMerge."""
    if keep.pk == gone.pk or keep.district_id != gone.district_id:
        raise CannotMerge(_("Only two students of one district can be one person."))
    with transaction.atomic():
        for tie in gone.guardianships.all():
            _move_tie(tie, keep.guardianships.filter(contact=tie.contact_id).first(), student=keep)
        own = Contact.objects.filter(student__in=[keep, gone])
        kept_own, gone_own = own.filter(student=keep).first(), own.filter(student=gone).first()
        if gone_own is not None and kept_own is not None:
            _merge_contacts(kept_own, gone_own)
        elif gone_own is not None:
            gone_own.student = keep
            gone_own.save(update_fields=["student"])
        _repoint(AidStatusEntry, {"student": gone}, student=keep)
        status_reviews.repoint(gone, keep)
        keep.tags.add(*gone.tags.all())
        keep.state_student_id = keep.state_student_id or gone.state_student_id
        keep.birth_date = keep.birth_date or gone.birth_date
        if keep.path == ApplicationPath.UNSPECIFIED:
            keep.path = gone.path
        if keep.left_on and not gone.left_on:
            keep.left_on = None
        keep.save()
        if gone.household_id != keep.household_id:
            Student.objects.filter(household=gone.household_id).update(household=keep.household_id)
            rehoming.send(sender=Student, homes={gone.household_id: keep.household_id})
        _keep_ids(keep, gone, student=keep)
        merging.send(sender=Student, kept=keep, gone=gone)
        audit.record(
            by, "student.merged", f"student {keep.pk}", district=keep.district, gone=str(gone.pk)
        )
        gone.delete()
        statuses.recompute(Student.objects.filter(pk=keep.pk))


def merge_contacts(keep: Contact, gone: Contact, *, by: User | None) -> None:
    """Makes two contacts one, in one transaction. Raises CannotMerge."""
    if keep.pk == gone.pk or keep.district_id != gone.district_id:
        raise CannotMerge(_("Only two contacts of one district can be one person."))
    if keep.student_id or gone.student_id:
        raise CannotMerge(_("A student in person and a guardian are two people."))
    gone_key = gone.pk
    with transaction.atomic():
        _merge_contacts(keep, gone)
        audit.record(
            by, "contact.merged", f"contact {keep.pk}", district=keep.district, gone=str(gone_key)
        )


def like(contact: Contact) -> QuerySet[Contact]:
    """Other contacts who may be the same person: at one address, or of one name at one home."""
    indexes = list(contact.points.values_list("address_index", flat=True))
    at_address = ContactPoint.objects.filter(address_index__in=indexes).values("contact")
    homes = Student.objects.filter(guardianships__contact=contact).values("household")
    at_home = Guardianship.objects.filter(student__household__in=homes).values("contact")
    alike = at_address.union(at_home)
    if contact.last_name:
        named = Contact.objects.filter(
            first_name__iexact=contact.first_name, last_name__iexact=contact.last_name
        )
        for word in names.words_of(str(contact)):
            written = NameWord.objects.filter(word=word).exclude(contact=None)
            named = named.filter(pk__in=written.values("contact"))
        alike = alike.union(named.order_by().values("pk"))
    return (
        Contact.objects.filter(district=contact.district_id, student=None, pk__in=alike)
        .exclude(pk=contact.pk)
        .order_by("last_name", "first_name", "pk")
    )


def like_student(student: Student) -> QuerySet[Student]:
    """Other students who may be the same person: of one name, or born on one day in one home."""
    at_home = Student.objects.filter(household=student.household_id).exclude(birth_date=None)
    alike = at_home.filter(birth_date=student.birth_date).order_by().values("pk")
    if words := names.words_of(str(student)):
        named = Student.objects.all()
        for word in words:
            written = NameWord.objects.filter(word=word).exclude(student=None)
            named = named.filter(pk__in=written.values("student"))
        alike = alike.union(named.order_by().values("pk"))
    return (
        Student.objects.filter(district=student.district_id, pk__in=alike)
        .exclude(pk=student.pk)
        .order_by("last_name", "first_name", "pk")
    )


def _merge_contacts(keep: Contact, gone: Contact) -> None:
    held = {(point.channel, point.address_index): point for point in keep.points.all()}
    for point in gone.points.all():
        known = held.get((point.channel, point.address_index))
        if known is None:
            point.contact = keep
            point.save(update_fields=["contact"])
            continue
        known.consent = min(known.consent, point.consent, key=_STRICTEST.index)
        known.unusable = known.unusable or point.unusable
        if point.removed_on is None:
            known.removed_on = None
        known.save(update_fields=["consent", "unusable", "removed_on"])
        _repoint(ConsentEntry, {"contact_point": point}, contact_point=known)
        merging.send(sender=ContactPoint, kept=known, gone=point)
        point.delete()
    for tie in gone.guardianships.all():
        _move_tie(tie, keep.guardianships.filter(student=tie.student_id).first(), contact=keep)
    keep.sis_id, other = keep.sis_id or gone.sis_id, gone.sis_id
    if not keep.first_name and not keep.last_name:
        keep.first_name, keep.last_name = gone.first_name, gone.last_name
    if keep.left_on and not gone.left_on:
        keep.left_on = None
    keep.save()
    if other and other != keep.sis_id:
        _keep_ids(keep, gone, contact=keep)
    merging.send(sender=Contact, kept=keep, gone=gone)
    gone.delete()
    names.reindex(contacts=[keep.pk])


def _move_tie(tie: Guardianship, known: Guardianship | None, **to: Any) -> None:
    """Moves a tie to the one who stays; where there is one already, the stricter word counts."""
    if known is None:
        for name, value in to.items():
            setattr(tie, name, value)
        tie.save(update_fields=list(to))
        return
    both_present = known.left_on is None and tie.left_on is None
    if both_present:
        known.may_contact = known.may_contact and tie.may_contact
    elif known.left_on is not None:
        known.left_on, known.may_contact = tie.left_on, tie.may_contact and not known.barred
    else:
        known.may_contact = known.may_contact and not tie.barred
    known.barred = known.left_on is not None and (known.barred or tie.barred)
    known.relationship = known.relationship or tie.relationship
    known.by_hand = known.by_hand or tie.by_hand
    known.save()
    tie.delete()


def _keep_ids(keep: Student | Contact, gone: Student | Contact, **owner: Any) -> None:
    gone.other_ids.update(**owner)
    OtherId.objects.create(district_id=keep.district_id, sis_id=gone.sis_id, **owner)


def _repoint(model: type[models.Model], of: dict[str, Any], **to: Any) -> None:
    """Ledgers refuse updates; whose entry it is may change when two records were one person."""
    models.QuerySet(model).filter(**of).update(**to)
