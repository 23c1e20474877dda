"""The list of families."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contacts import directory, languages
from contacts.forms import FindFamilies
from contacts.models import Student
from contacts.permissions import families_only, staff
from schools.models import School

PAGE = 50


@families_only
def show(request: HttpRequest) -> HttpResponse:
    """Students with their guardians, found and filtered; a constant number of queries."""
    visible = Student.objects.visible_to(request.user)
    form = FindFamilies(staff(request), request.GET or None)
    students = directory.with_reach(visible.present())
    if form.is_valid():
        asked = form.cleaned_data
        students = directory.search(students, asked["q"])
        if asked["school"]:
            students = students.filter(school=asked["school"])
        if asked["status"]:
            students = students.filter(aid_status=asked["status"])
        if asked["language"]:
            students = directory.speaking(students, asked["language"])
        students = directory.reachable(students, asked["reachable"])
    students = students.select_related("school").order_by("last_name", "first_name", "pk")
    page = Paginator(directory.with_guardians(students), PAGE).get_page(request.GET.get("page"))
    student: Any  # wears what the page needs
    for student in page:
        codes = {tie.contact.language for tie in student.ties}
        student.languages = [languages.get(code).name for code in sorted(codes)]
    schools = School.objects.whose_families(request.user)
    context = {
        "form": form,
        "page_obj": page,
        "searching": any(request.GET.get(name) for name in form.fields),
        "made_up": schools.filter(state__made_up=True).exists(),
    }
    return render(request, "contacts/list.html", context)
