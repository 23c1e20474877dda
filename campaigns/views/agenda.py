"""The calendar: everything that is to go out, per school."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.timing import agenda
from campaigns.views.common import crumbs, staff
from contacts.models import Student
from schools.models import School

DAYS = 56


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Eight weeks from a day on, of all one's schools or of one."""
    user = staff(request)
    now = timezone.now()
    today = timezone.localdate(now)
    first = _day(request.GET.get("from", "")) or today
    schools = School.objects.whose_families(user).filter(
        pk__in=Student.objects.present().order_by().values("school")
    )
    chosen = schools.filter(nces_id=request.GET.get("school", "")).first()
    found = agenda.of(user, now=now, first=first, days=DAYS, school=chosen)
    query = f"&school={chosen.nces_id}" if chosen else ""
    step = dt.timedelta(days=DAYS)
    return render(
        request,
        "campaigns/calendar.html",
        {
            "crumbs": crumbs((_("Calendar"), "")),
            "agenda": found,
            "schools": schools.order_by("name")[:500],
            "school": chosen,
            "first": first,
            "last": first + step - dt.timedelta(days=1),
            "today": today,
            "earlier": f"?from={first - step}{query}",
            "later": f"?from={first + step}{query}",
        },
    )


def _day(value: str) -> dt.date | None:
    """A day from the address; None where it is none, or too far away to be meant."""
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and 2000 <= day.year <= 2100 else None
