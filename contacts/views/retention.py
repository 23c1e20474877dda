"""What a district's rule will erase next, and keeping somebody longer."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import retention
from contacts.export_forms import KeepUntil
from contacts.ids import keys_in
from contacts.models import Hold, Student
from schools.models import District, User
from schools.permissions import administrator

PAGE = 50
AHEAD = 12  # days on which somebody is erased that the page shows


def choose(request: HttpRequest) -> HttpResponse:
    """The districts whose rule one may set up, with what each erases next."""
    user = administrator(request)
    found = list(_districts(user))
    if len(found) == 1:
        return redirect("retention-district", found[0].nces_id)
    today = timezone.localdate()
    soon = {district.pk: (day, count) for district, day, count in retention.soon(found, today)}
    context = {
        "districts": [(district, soon.get(district.pk)) for district in found],
        "made_up": any(district.state.made_up for district in found),
    }
    return render(request, "contacts/retention/list.html", context)


def show(request: HttpRequest, nces_id: str) -> HttpResponse:
    """What one district's rule erases and when, and whom somebody holds back."""
    user = administrator(request)
    district = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    students = Student.objects.filter(district=district)
    form = KeepUntil(request.POST or None)
    if request.method == "POST":
        ticked = students.filter(pk__in=keys_in(request.POST.getlist("student")))
        if request.POST.get("action") == "release":
            _tell_released(request, retention.release(ticked, by=user))
            return redirect(request.get_full_path())
        if form.is_valid():
            now = timezone.now()
            _tell_held(
                request, retention.hold(ticked, form.cleaned_data["until"], by=user, now=now)
            )
            return redirect(request.get_full_path())
    days = retention.calendar_of(district)
    shown = days[:AHEAD]
    asked = request.GET.get("day", "")
    chosen = next((day for day, _count in days if day.isoformat() == asked), None)
    chosen = chosen or (days[0][0] if days else None)
    going = retention.going_on(district, chosen) if chosen else Student.objects.none()
    page = Paginator(going.select_related("school", "cycle"), PAGE).get_page(
        request.GET.get("page")
    )
    holds = Hold.objects.filter(student__in=students).select_related("student", "placed_by")
    context = {
        "district": district,
        "form": form,
        "first": retention.first_night(district),
        "days": shown,
        "later": sum(count for _day, count in days[AHEAD:]),
        "chosen": chosen,
        "page_obj": page,
        "holds": holds.order_by("until", "student__last_name", "student__first_name")[:200],
        "made_up": district.state.made_up,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "contacts/retention/district.html", context, status=status)


def _districts(user: User) -> Iterable[District]:
    districts = District.objects.administered_by(user).select_related("state")
    if user.is_superuser:
        districts = districts.filter(students__isnull=False).distinct()
    return districts.order_by("name")


def _tell_held(request: HttpRequest, count: int) -> None:
    if not count:
        messages.error(request, _("Nobody was chosen: tick the students first."))
        return
    told = ngettext("%(count)s student is kept.", "%(count)s students are kept.", count)
    messages.success(request, told % {"count": count})


def _tell_released(request: HttpRequest, count: int) -> None:
    told = ngettext(
        "The rule counts again for %(count)s student.",
        "The rule counts again for %(count)s students.",
        count,
    )
    messages.success(request, told % {"count": count})


def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Holds one student back, or lets the rule count again; from the student's own page."""
    user = administrator(request)
    districts = District.objects.administered_by(user)
    students = Student.objects.filter(district__in=districts)
    found = get_object_or_404(students, pk=pk)
    if request.method == "POST":
        one = students.filter(pk=found.pk)
        form = KeepUntil(request.POST)
        if request.POST.get("action") == "release":
            _tell_released(request, retention.release(one, by=user))
        elif form.is_valid():
            until = form.cleaned_data["until"]
            _tell_held(request, retention.hold(one, until, by=user, now=timezone.now()))
        else:
            messages.error(request, " ".join(map(str, form.errors["until"])))
    return redirect(found)
