"""Corrections by hand: a student, a contact, its addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import editing, emails, phones
from contacts.edit_forms import AddAddress, EditContact, EditStudent, SetLine
from contacts.models import Contact, ContactPoint, Student
from contacts.permissions import families_only, staff


@families_only
def student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Corrects a student; what changed is left alone by imports from now on."""
    user = staff(request)
    found = get_object_or_404(Student.objects.visible_to(user), pk=pk)
    # The form writes into the instance it is given; the rules want the row as it was.
    form = EditStudent(user, request.POST or None, instance=Student.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid():
        editing.edit_student(found, form.cleaned_data, by=user)
        messages.success(request, _("Saved. Imports leave what you changed alone."))
        return redirect(found)
    return _page(request, form, found)


@families_only
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Corrects a contact's name or language."""
    user = staff(request)
    found = get_object_or_404(Contact.objects.visible_to(user), pk=pk)
    form = EditContact(request.POST or None, instance=Contact.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid():
        editing.edit_contact(found, form.cleaned_data, by=user)
        messages.success(request, _("Saved. Imports leave what you changed alone."))
        return redirect(found)
    return _page(request, form, found)


def _page(request: HttpRequest, form: Any, row: Student | Contact) -> HttpResponse:
    by_hand = [(name, form.fields[name].label) for name in row.by_hand if name in form.fields]
    kind = "student" if isinstance(row, Student) else "contact"
    context = {
        "form": form,
        "row": row,
        "by_hand": by_hand,
        "give_back": f"{kind}-give-back",
        "made_up": row.district.state.made_up,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "contacts/edit.html", context, status=status)


@families_only
@require_POST
def give_back_student(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lets imports set a student's field again."""
    found = get_object_or_404(Student.objects.visible_to(request.user), pk=pk)
    editing.give_back(found, request.POST.get("field", ""), by=staff(request))
    return redirect("student-edit", pk)


@families_only
@require_POST
def give_back_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lets imports set a contact's field again."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    editing.give_back(found, request.POST.get("field", ""), by=staff(request))
    return redirect("contact-edit", pk)


@families_only
def add_address(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Adds a phone or an e-mail to a contact, with its consent."""
    user = staff(request)
    found = get_object_or_404(Contact.objects.visible_to(user), pk=pk)
    form = AddAddress(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            point = editing.add_address(
                found,
                asked["channel"],
                asked["address"],
                basis=asked["basis"],
                at=form.at(),
                source=asked["source"],
                by=user,
            )
        except (phones.BadPhone, emails.BadEmail, editing.CannotEdit) as error:
            form.add_error("address", str(error))
        else:
            if point.consent == "withdrawn":
                messages.warning(
                    request,
                    _("Added, but this address asked for silence: only the family can end that."),
                )
            else:
                messages.success(request, _("Added."))
            return redirect(found)
    return _page(request, form, found)


@families_only
@require_POST
def take_away(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a wrong address out of use."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk)
    editing.take_away(point, today=timezone.localdate(), by=staff(request))
    messages.success(request, _("This address is not used any more, whatever files say."))
    return redirect(point.contact)


@families_only
@require_POST
def set_line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says whether a phone is mobile or a landline."""
    point = get_object_or_404(ContactPoint.objects.visible_to(request.user), pk=pk)
    form = SetLine(request.POST)
    if form.is_valid():
        editing.set_line(point, form.cleaned_data["line"], by=staff(request))
    return redirect(point.contact)
