"""The file says one thing about a student's form and the family another: a person decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import statuses
from contacts.models import AidStatus, AidStatusEntry, Student
from contacts.permissions import families_only, staff
from contacts.views.review import page_of
from schools import audit

PAGE = 20


@families_only
def queue(request: HttpRequest) -> HttpResponse:
    """Students about whom the words differ, the longest open first."""
    students = Student.objects.visible_to(request.user).present()
    found: Any = statuses.conflicts(students).select_related("school", "district__state")
    page = Paginator(found.order_by("family_as_of", "pk"), PAGE).get_page(request.GET.get("page"))
    for student in page:
        described(student)
    made_up = any(student.district.state.made_up for student in page)
    context = page_of(request, "status-conflicts", page, made_up)
    return render(request, "contacts/review/conflicts.html", context)


def described(student: Any) -> None:
    """Names the two statuses and the verified source for the page."""
    student.verified_label = AidStatus(student.verified_status).label
    student.family_label = AidStatus(student.family_status).label
    student.verified_by = AidStatusEntry.Source(student.verified_source).label


@families_only
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of the two words, said again by staff; then there is nothing to decide any more."""
    user = staff(request)
    visible = statuses.conflicts(Student.objects.visible_to(user))
    found: Any = get_object_or_404(visible.select_related("district"), pk=pk)
    said = {"file": found.verified_status, "family": found.family_status}
    status = said.get(request.POST.get("right", ""))
    if status:
        source = AidStatusEntry.Source.STAFF
        statuses.record(found, status, source=source, as_of=timezone.now(), by=user)
        subject = f"student {found.pk}"
        audit.record(user, "status.decided", subject, district=found.district, status=status)
        told = _("%(name)s: the aid status is now “%(status)s”.")
        messages.success(request, told % {"name": found, "status": AidStatus(status).label})
    back = found.get_absolute_url() if request.POST.get("back") == "student" else None
    return redirect(back or "status-conflicts")
