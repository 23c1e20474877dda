"""A school's page, and the enrolment that its rate needs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from completion import changes, exports, figures, own_records, revisions, similar, visible
from completion.exports import pdf_response
from completion.forms import EnrolmentForm
from completion.marks import campaign_marks
from completion.onepage import one_page
from completion.permissions import may_import, may_set_enrolment, staff
from completion.views.places import crumbs
from schools import audit
from schools.models import Cycle, District, Enrolment, Region, School


def _school(request: HttpRequest, nces_id: str) -> School:
    schools = School.objects.visible_to(request.user).select_related(
        "state", "region", "district__region", "district__state"
    )
    return get_object_or_404(schools, nces_id=nces_id)


def show(request: HttpRequest, nces_id: str) -> HttpResponse:
    return _page(request, _school(request, nces_id))


def _page(request: HttpRequest, school: School, form: EnrolmentForm | None = None) -> HttpResponse:
    seen = visible.in_cycle(school, request.GET.get("cycle", ""))
    here, cycle = seen.standing, seen.cycle
    row = figures.row(here)
    this = School.objects.filter(pk=school.pk)
    marks = campaign_marks(this, cycle) if cycle else []
    rank = similar.in_words(here, ready=seen.ready)
    among = visible.whole_state(school.state, cycle) if cycle else None
    moved = changes.of(here, school.state, among)
    if request.GET.get("format") == "pdf":
        today = timezone.localdate()
        made_up = school.state.made_up
        sheet = one_page(
            school, here, today=today, changes=moved, marks=marks, rank=rank, made_up=made_up
        )
        return pdf_response(f"completion-{school.nces_id}", sheet)
    charts = figures.charts(here, cycle, marks) if cycle else []
    tables = [
        exports.schools_table([exports.line(row)]),
        *([exports.changes_table(moved)] if moved else []),
    ]
    tables += [exports.chart_table(f"weeks-{n}", chart) for n, chart in enumerate(charts, start=1)]
    name, file_form = f"completion-{school.nces_id}", request.GET.get("format", "")
    if file := exports.download(name, tables, file_form, request.GET.get("table", "")):
        return file
    senior_year = Cycle(name=cycle or Cycle.name_on(timezone.localdate())).senior_year
    now = timezone.now()
    number = here.seniors.number if here.seniors else None
    context: dict[str, Any] = {
        "school": school,
        "standing": here,
        "row": row,
        "crumbs": crumbs(_above(request, school), school),
        "cycle": cycle,
        "cycles": seen.cycles,
        "tiles": figures.tiles(here),
        "charts": charts,
        "own": own_records.of(school, cycle or Cycle.name_on(now.date()), staff(request), now=now),
        "changes": moved,
        "rank": rank,
        "origins": revisions.of_school(school, cycle) if cycle else [],
        "needs_enrolment": not number,
        "senior_year": senior_year,
        "may_import": may_import(request.user),
        "made_up": school.state.made_up,
    }
    if may_set_enrolment(request.user, school):
        context["form"] = form or EnrolmentForm(
            initial={"school_year": senior_year, "grade12": number if cycle else None}
        )
    return render(request, "completion/school.html", context)


def _above(request: HttpRequest, school: School) -> list[Any]:
    """The places above the school that this person may open."""
    places: list[Any] = list(visible.states(request.user).filter(pk=school.state_id))
    region, district = school.effective_region, school.district
    if region and Region.objects.visible_to(request.user).filter(pk=region.pk).exists():
        places.append(region)
    if district and District.objects.visible_to(request.user).filter(pk=district.pk).exists():
        places.append(district)
    return places


@require_POST
def enrolment(request: HttpRequest, nces_id: str) -> HttpResponse:
    """Takes the seniors of one school year; who entered it, and when, stays with it."""
    school = _school(request, nces_id)
    user = staff(request)
    if not may_set_enrolment(user, school):
        raise PermissionDenied
    form = EnrolmentForm(request.POST)
    if not form.is_valid():
        return _page(request, school, form)
    year, number = form.cleaned_data["school_year"], form.cleaned_data["grade12"]
    with transaction.atomic():
        Enrolment.objects.update_or_create(
            school=school,
            school_year=year,
            defaults={
                "grade12": number,
                "suppressed": False,
                "source": form.cleaned_data["source"],
                "entered_by": user,
            },
        )
        audit.record(
            user,
            "enrolment.set",
            f"school:{school.nces_id}",
            district=school.district,
            school_year=year,
            grade12=number,
        )
    messages.success(request, _("The enrolment of %(year)s is saved.") % {"year": year})
    return redirect(school)
