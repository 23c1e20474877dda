"""A person's right to see and to be forgotten, on their page; for district administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import erasure
from contacts.models import Contact, Student
from schools.models import District
from schools.permissions import administrator


def _find(request: HttpRequest, model: Any, pk: UUID) -> Any:
    """The row, if its district is one that this person administers."""
    districts = District.objects.administered_by(administrator(request))
    rows = model.objects.visible_to(request.user).filter(district__in=districts)
    return get_object_or_404(rows.select_related("district__state"), pk=pk)


@require_POST
def hand_over_student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All that is kept about a student, as a file."""
    return _hand_over(request, _find(request, Student, pk))


@require_POST
def hand_over_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All that is kept about a guardian, as a file."""
    return _hand_over(request, _find(request, Contact, pk))


def erase_student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says what would go with a student; a POST that says yes erases it."""
    return _erase(request, _find(request, Student, pk))


def erase_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says what would go with a guardian; a POST that says yes erases it."""
    return _erase(request, _find(request, Contact, pk))


def _hand_over(request: HttpRequest, row: Student | Contact) -> HttpResponse:
    text = erasure.hand_over(erasure.of(row), by=administrator(request))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"person-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _erase(request: HttpRequest, row: Student | Contact) -> HttpResponse:
    person = erasure.of(row)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        erasure.erase(person, by=administrator(request))
        messages.success(request, _("Erased for good. Opt-outs stay in force."))
        return redirect("contacts")
    going = erasure.leaving(person)
    staying = Contact.objects.filter(guardianships__student__in=person.students)
    context = {
        "row": row,
        "unsure": request.method == "POST",
        "students": person.students,
        "guardians": [contact for contact in going if contact.student_id is None],
        "staying": staying.exclude(pk__in=[contact.pk for contact in going]).distinct(),
        "made_up": row.district.state.made_up,
    }
    return render(request, "contacts/erase.html", context, status=422 if context["unsure"] else 200)
