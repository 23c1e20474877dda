"""Two records that may be one person, side by side; a person decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import doubles, languages, merging
from contacts.models import Contact, PossibleDouble, Student
from contacts.permissions import families_only, staff
from contacts.views.review import page_of
from schools import audit

ONE_AT_A_TIME = 1


@families_only
def queue(request: HttpRequest) -> HttpResponse:
    """Pairs that nobody has decided on, oldest first, one at a time."""
    pairs = (
        PossibleDouble.objects.visible_to(request.user)
        .open()
        .select_related("student__school", "other__school", "district__state")
        .prefetch_related("student__guardians__points", "other__guardians__points")
        .order_by("found_at", "pk")
    )
    page = Paginator(pairs, ONE_AT_A_TIME).get_page(request.GET.get("page"))
    for pair in page:
        _compare(pair)
    made_up = any(pair.district.state.made_up for pair in page)
    context = page_of(request, "contact-doubles", page, made_up)
    return render(request, "contacts/review/doubles.html", context)


def _compare(pair: Any) -> None:
    """Gives a pair what its two students say of each other, and who would stay."""
    one, other = doubles.Side(pair.student), doubles.Side(pair.other)
    pair.rows = doubles.compared(one, other)
    pair.shared = len(one.addresses & other.addresses)
    pair.kept, pair.gone = doubles.who_stays(pair.student, pair.other)


@families_only
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: merged, whoever is still in the records stays. Two: never asked again."""
    user = staff(request)
    found = get_object_or_404(PossibleDouble.objects.visible_to(user).open(), pk=pk)
    if request.POST.get("answer") == "one":
        keep, gone = doubles.who_stays(found.student, found.other)
        merging.merge_students(keep, gone, by=user)
        messages.success(request, _("They are one student now."))
    elif request.POST.get("answer") == "two":
        with transaction.atomic():
            found.same = False
            found.decide(by=user, at=timezone.now())
            found.save()
            subject = f"student {found.student_id}"
            audit.record(user, "students.told_apart", subject, district=found.district)
        messages.success(request, _("They stay two students."))
    page = request.POST.get("page", "")
    query = f"?page={page}" if page.isdecimal() and page != "1" else ""
    return redirect(reverse("contact-doubles") + query)


@families_only
def merge_student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Students who may be the same person as this one; a POST makes two of them one."""
    user = staff(request)
    visible = Student.objects.visible_to(user)
    found = get_object_or_404(visible.select_related("district__state"), pk=pk)
    alike = visible.filter(pk__in=merging.like_student(found).values("pk"))
    if request.method == "POST":
        gone = get_object_or_404(alike, pk=request.POST.get("other"))
        merging.merge_students(found, gone, by=user)
        messages.success(request, _("They are one student now."))
        return redirect(found)
    context = {
        "student": found,
        "alike": alike.select_related("school").prefetch_related("guardians")[:20],
        "made_up": found.district.state.made_up,
    }
    return render(request, "contacts/merge_student.html", context)


@families_only
def merge_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Contacts who may be the same person as this one; a POST makes two of them one."""
    user = staff(request)
    visible = Contact.objects.visible_to(user)
    found: Any = get_object_or_404(visible.select_related("district__state"), pk=pk)
    if request.method == "POST":
        gone = get_object_or_404(visible, pk=request.POST.get("other"))
        try:
            merging.merge_contacts(found, gone, by=user)
        except merging.CannotMerge as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("They are one contact now."))
        return redirect(found)
    alike: list[Any] = list(
        visible.filter(pk__in=merging.like(found).values("pk")).prefetch_related(
            "points", "students"
        )[:20]
    )
    for person in alike:
        person.language_name = languages.get(person.language).name
    context = {"contact": found, "alike": alike, "made_up": found.district.state.made_up}
    return render(request, "contacts/merge.html", context)
