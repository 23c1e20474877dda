"""The list of families, and one change for many of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts import bulk_edit, directory, languages, review
from contacts.edit_forms import BulkChange
from contacts.forms import FindFamilies
from contacts.ids import keys_in
from contacts.models import Student
from contacts.permissions import families_only, staff
from schools.models import School
from schools.paging import CappedPaginator

PAGE = 25
NOBODY = _("Nobody was chosen: tick the students first.")


@families_only
def show(request: HttpRequest) -> HttpResponse:
    """Students with their guardians, found and filtered; a constant number of queries."""
    user = staff(request)
    form = FindFamilies(user, request.GET)
    page = CappedPaginator(directory.in_order(form.found()), PAGE).get_page(request.GET.get("page"))
    students: list[Any] = directory.dressed(page.object_list)
    for student in students:  # wears what the page needs
        codes = {tie.contact.language for tie in student.ties}
        student.languages = [languages.get(code).name for code in sorted(codes)]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "bulk": BulkChange(user),
        "page_obj": page,
        "students": students,
        "query": query.urlencode(),
        "searching": any(request.GET.get(name) for name in form.fields),
        "waiting": review.waiting(user),
        "made_up": School.objects.whose_families(user).filter(state__made_up=True).exists(),
    }
    return render(request, "contacts/list.html", context)


@families_only
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """One change for the ticked students, or for all that a search found; those asked about first.

    A change of more than one page of students is shown with its count before it is done.
    """
    user = staff(request)
    back = f"{reverse('contacts')}?{request.POST.get('query', '')}"
    students = chosen(request)
    count = students.count()
    form = BulkChange(user, request.POST)
    if not form.is_valid() or not count:
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        if form.is_valid():
            messages.error(request, str(NOBODY))
        return redirect(back)
    asked = form.cleaned_data
    if count > PAGE and request.POST.get("sure") != "yes":
        context = {"asked": asked, "count": count, "posted": request.POST, "back": back,
                   "label": bulk_edit.ACTIONS[asked["action"]],
                   "value": bulk_edit.in_words(asked["action"], asked["value"])}  # fmt: skip
        return render(request, "contacts/change.html", context)
    now = timezone.now()
    done = bulk_edit.change(students, asked["action"], asked["value"], by=user, now=now)
    told = ngettext("%(count)s student was changed.", "%(count)s students were changed.", done)
    messages.success(request, told % {"count": done})
    return redirect(back)


def chosen(request: HttpRequest) -> QuerySet[Student]:
    """The students of the ticked rows, or everyone whom the page's search finds."""
    user = staff(request)
    if request.POST.get("everyone") == "yes":
        return FindFamilies(user, QueryDict(request.POST.get("query", ""))).found()
    ticked = keys_in(request.POST.getlist("student"))
    return Student.objects.visible_to(user).filter(pk__in=ticked)
