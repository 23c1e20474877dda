"""Lists of families as files; what leaves, and what for, is in the audit record."""

from __future__ import annotations

import tempfile
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import exports
from contacts.export_forms import ExportFamilies
from contacts.forms import FindFamilies
from contacts.models import Student
from contacts.permissions import families_only, staff
from contacts.rosters.export import write_zip
from schools import audit
from schools.models import District, User

TYPES = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "oneroster": ("zip", "application/zip"),
}
IN_MEMORY = 5 * 1024 * 1024


@families_only
def export(request: HttpRequest) -> HttpResponseBase:
    """The families that a search found, as a file; asks first what it is for."""
    user = staff(request)
    asked = FindFamilies(user, request.GET)
    students = asked.found()
    filters = asked.cleaned_data
    form = ExportFamilies(request.POST or None)
    districts = list(District.objects.filter(students__in=students).distinct()[:2])
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["kind"] == "oneroster" and len(districts) != 1:
            form.add_error(
                "kind", _("A roster is one district’s: choose a school of it in the list first.")
            )
        elif not students.exists():
            form.add_error(None, _("This search finds nobody."))
        else:
            used = sorted(name for name, value in filters.items() if value)
            _record(user, students, districts[0], form.cleaned_data, used)
            return _file(students, form.cleaned_data)
    context = {
        "form": form,
        "count": students.count(),
        "query": request.GET.urlencode(),
        "said": [(field.label, _told(asked, field)) for field in asked if filters.get(field.name)],
        "made_up": any(district.state.made_up for district in districts),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "contacts/export.html", context, status=status)


def _told(form: FindFamilies, field: Any) -> str:
    """A filter's value as the page's select shows it."""
    value = form.cleaned_data[field.name]
    return str(dict(getattr(form.fields[field.name], "choices", [])).get(value, value))


def _record(
    user: User, students: QuerySet[Student], district: District, asked: Any, filters: list[str]
) -> None:
    audit.record(
        user,
        "families.exported",
        f"{students.count()} students",
        district=district,
        kind=asked["kind"],
        purpose=asked["purpose"],
        aid_status=asked["status"],
        filters=filters,
    )


def _file(students: QuerySet[Student], asked: dict[str, Any]) -> HttpResponseBase:
    kind, status = asked["kind"], asked["status"]
    ending, content_type = TYPES[kind]
    name = f"families-{timezone.localdate():%Y-%m-%d}.{ending}"
    table = chain([exports.header(status=status)], exports.rows(students, status=status))
    if kind == "csv":
        lines = StreamingHttpResponse(exports.csv_lines(table), content_type=content_type)
        lines["Content-Disposition"] = f'attachment; filename="{name}"'
        return lines
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 the response closes it
    if kind == "xlsx":
        exports.write_xlsx(table, file)
    else:
        write_zip(students, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
