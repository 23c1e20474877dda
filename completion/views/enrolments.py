"""Bringing an enrolment file in: the seniors that rates are divided by."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from completion import sources
from completion.enrolments.intake import Report, bring_in
from completion.forms import EnrolmentFileForm, refused
from completion.models import LayoutKind
from completion.permissions import may_import, staff
from completion.readers import BadFile, UnknownLayout
from completion.views import columns
from schools import audit


def new(request: HttpRequest) -> HttpResponse:
    """The form, and below it what became of the file; a bad one changes nothing and says why."""
    if not may_import(request.user):
        raise PermissionDenied
    form, report = EnrolmentFileForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        try:
            report = _bring_in(request, form.cleaned_data)
        except UnknownLayout as error:
            held = columns.begin(request, LayoutKind.ENROLMENTS, form, error)
            if held:
                return held
        except BadFile as error:
            refused(form, error.problems)
        else:
            messages.success(request, _("The enrolments are in."))
            form = EnrolmentFileForm()
    context = {
        "form": form,
        "report": report,
        "facts": sources.of_seniors(report) if report else [],
    }
    return render(request, "completion/enrolments.html", context)


def _bring_in(request: HttpRequest, data: dict[str, Any]) -> Report:
    user = staff(request)
    if data["columns"]:
        raise UnknownLayout
    name = data["file"].name
    report = bring_in(
        name,
        data["file"].read(),
        school_year=data["school_year"],
        source=data["source"],
        remembered=False,
        allowed_states=None if user.is_superuser else user.scope.states,
    )
    audit.record(
        user,
        "enrolments.imported",
        "enrolments",
        created=report.created,
        updated=report.updated,
        school_years=report.school_years,
    )
    return report
