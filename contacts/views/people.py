"""The page of a student, the page of a contact, and what staff may do there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import (
    bulk_edit,
    consent,
    editing,
    languages,
    panels,
    phones,
    retention,
    signals,
    statuses,
    timeline,
)
from contacts.export_forms import KeepUntil
from contacts.forms import StatusByHand
from contacts.models import (
    AidStatusEntry,
    Channel,
    ConsentEntry,
    Contact,
    ContactPoint,
    Guardianship,
    Hold,
    Student,
    Suppression,
    Tag,
)
from contacts.permissions import families_only, staff
from contacts.views import conflicts
from schools import audit

TAG_LENGTH = Tag._meta.get_field("name").max_length
ASKED_THE_SCHOOL = "asked the school"


@families_only
def student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A student with the adults who care for them and where the application stands."""
    signals.looking.send(sender=Student)
    found = get_object_or_404(
        Student.objects.visible_to(request.user).select_related("school", "district__state"), pk=pk
    )
    points = Prefetch("points", ContactPoint.objects.order_by("channel", "created_at"))
    ties = list(
        found.guardianships.select_related("contact").prefetch_related(
            Prefetch("contact", Contact.objects.prefetch_related(points))
        )
    )
    ties.sort(key=lambda tie: (tie.left_on is not None, tie.pk))
    own = Contact.objects.filter(student=found).prefetch_related(points).first()
    people = [tie.contact for tie in ties] + ([own] if own else [])
    _describe(people)
    siblings = Student.objects.visible_to(request.user).present()
    context = {
        "student": found,
        "ties": ties,
        "own": own,
        "siblings": siblings.filter(household=found.household_id).exclude(pk=found.pk),
        "conflict": _conflict(found),
        "history": found.aid_status_entries.select_related("recorded_by")[:20],
        "form": StatusByHand(initial={"status": found.aid_status}),
        "tags": found.tags.all(),
        "known_tags": Tag.objects.filter(district=found.district_id).values_list("name", flat=True),
        "panels": panels.of(request, [found], people),
        **_history(request, [found], people),
        "administers": _administers(request, found),
        "hold": Hold.objects.filter(student=found).first(),
        "erased_on": retention.erased_on(found.district, found.left_on, found.cycle_id),
        "keep_form": KeepUntil(),
        "made_up": found.district.state.made_up,
    }
    return render(request, "contacts/student.html", context)


def _conflict(student: Student) -> Student | None:
    """The student with the two words that contradict each other, if they do."""
    found = statuses.conflicts(Student.objects.filter(pk=student.pk)).first()
    if found is not None:
        conflicts.described(found)
    return found


@families_only
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Someone we write to: full addresses, what each may be used for, and whose family it is."""
    signals.looking.send(sender=Contact)
    found = get_object_or_404(
        Contact.objects.visible_to(request.user).select_related("district__state", "student"),
        pk=pk,
    )
    _describe([found])
    students = Student.objects.visible_to(request.user)
    ties = found.guardianships.filter(student__in=students).select_related("student__school")
    context = {
        "contact": found,
        "language": languages.get(found.language),
        "ties": ties,
        "panels": panels.of(request, [tie.student for tie in ties], [found]),
        **_history(request, [], [found]),
        "administers": _administers(request, found),
        "made_up": found.district.state.made_up,
    }
    return render(request, "contacts/contact.html", context)


def _history(
    request: HttpRequest, students: list[Student], contacts: list[Contact]
) -> dict[str, Any]:
    """The newest moments, or all if the address asks for them, and how many are left out."""
    moments = timeline.of(staff(request), students, contacts)
    shown = None if request.GET.get("history") == "all" else timeline.SHOWN
    return {"moments": moments[:shown], "earlier": len(moments) - len(moments[:shown])}


def _administers(request: HttpRequest, row: Student | Contact) -> bool:
    """True for those who answer for the district that the row belongs to."""
    user = staff(request)
    return user.is_superuser or row.district_id in user.scope.districts


def _describe(people: list[Any]) -> None:
    """Gives each contact `addresses`: its points with what they look like and may be used for."""
    points = [point for person in people for point in person.points.all()]
    usable = set(
        consent.allowed(ContactPoint.objects.filter(pk__in=[p.pk for p in points])).values_list(
            "pk", flat=True
        )
    )
    indexes = [point.address_index for point in points]
    silenced = {
        (s.channel, s.address_index): s
        for s in Suppression.objects.active().filter(address_index__in=indexes)
    }
    ledger: dict[tuple[str, str], list[Any]] = {}
    entries: Any = ConsentEntry.objects.filter(address_index__in=indexes)
    for entry in entries.select_related("recorded_by", "brought_by"):
        entry.how = consent.how(entry)
        ledger.setdefault((entry.channel, entry.address_index), []).append(entry)
    for person in people:
        person.language_name = languages.get(person.language).name
        person.addresses = [
            {
                "point": point,
                "shown": _shown(point),
                "usable": point.pk in usable,
                "silenced": silenced.get((point.channel, point.address_index)),
                "ledger": ledger.get((point.channel, point.address_index), []),
            }
            for point in person.points.all()
        ]


def _shown(point: ContactPoint) -> str:
    return phones.shown(point.address) if point.channel == Channel.SMS else point.address


@families_only
@require_POST
def set_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Records what a counselor knows of a student's application."""
    found: Any = get_object_or_404(Student.objects.visible_to(request.user), pk=pk)
    form = StatusByHand(request.POST)
    if form.is_valid():
        status = form.cleaned_data["status"]
        source = AidStatusEntry.Source.STAFF
        statuses.record(found, status, source=source, as_of=timezone.now(), by=staff(request))
        audit.record(
            staff(request),
            "student.status",
            f"student {found.pk}",
            district=found.district,
            status=status,
        )
        messages.success(request, _("The aid status is now “%s”.") % found.get_aid_status_display())
    return redirect(found)


@families_only
@require_POST
def set_tags(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Gives a student a tag, new or known in the district, or takes one away."""
    user = staff(request)
    found = get_object_or_404(Student.objects.visible_to(user), pk=pk)
    one = Student.objects.filter(pk=pk)
    name = " ".join(request.POST.get("tag", "").split())[:TAG_LENGTH]
    if taken := request.POST.get("take"):
        bulk_edit.change(one, "untag", taken, by=user, now=timezone.now())
    elif name:
        bulk_edit.change(one, "tag", name, by=user, now=timezone.now())
    return redirect(found)


@families_only
@require_POST
def opt_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Silences an address because the family asked the school; only the family can undo it."""
    point: Any = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk)
    consent.withdraw(
        point.channel,
        point.address_index,
        reason=Suppression.Reason.STAFF,
        basis=ASKED_THE_SCHOOL,
        at=timezone.now(),
        by=staff(request),
    )
    audit.record(
        staff(request),
        "contact.opted_out",
        f"contact point {point.pk}",
        district=point.contact.district,
        channel=point.channel,
    )
    messages.success(request, _("Nothing more will be sent to this address."))
    return redirect(point.contact)


@families_only
@require_POST
def permission(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks whether an adult may be contacted about a student."""
    tie: Any = get_object_or_404(
        Guardianship.objects.filter(student__in=Student.objects.visible_to(request.user)), pk=pk
    )
    may_contact = request.POST.get("may_contact") == "yes"
    editing.set_permission(tie, may_contact=may_contact, by=staff(request))
    return redirect(tie.student)
