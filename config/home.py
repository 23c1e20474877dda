"""The start page: for each role, what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.timing import agenda
from completion import summaries, suppression
from completion.models import Snapshot
from completion.views import week
from completion.visible import KEYS, Kind
from config import waiting
from contacts import retention
from contacts.models import AidStatus, Student
from schools.models import District, Region, School, State, User

NEXT = 4  # how many lines a list on this page holds; the rest is one click away
PLACES = 6  # of each kind


def home(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own start."""
    user = request.user
    assert isinstance(user, User)  # the middleware lets nobody else through
    now = timezone.now()
    context: dict[str, Any] = {"waiting": waiting.for_person(user, now)}
    if user.sees_families:
        context |= _families(user, now)
    if user.sees_figures:
        figures = _figures(user)
        made_up = context.get("made_up", False) or figures["made_up"]
        context |= figures | week.for_home(user) | {"made_up": made_up}
    return render(request, "home.html", context)


def _families(user: User, now: dt.datetime) -> dict[str, Any]:
    students = Student.objects.visible_to(user).present()
    by_status = dict(students.order_by().values_list("aid_status").annotate(n=Count("pk")))
    total = sum(by_status.values())
    schools = School.objects.whose_families(user).filter(students__isnull=False).distinct()
    return {
        "families": True,
        "seniors": total,
        "statuses": [
            {
                "value": status.value,
                "label": status.label,
                "count": by_status.get(status.value, 0),
                "percent": round(100 * by_status.get(status.value, 0) / total) if total else 0,
            }
            for status in AidStatus
        ],
        "campaigns": Campaign.objects.visible_to(user).order_by("-created_at")[:NEXT],
        "coming": _coming(user, now) if total else [],
        "erased_soon": _erased_soon(user),
        "made_up": schools.filter(state__made_up=True).exists(),
    }


def _coming(user: User, now: dt.datetime) -> list[agenda.Sending]:
    """The next few sendings of the next two weeks."""
    ahead = agenda.of(user, now=now, first=timezone.localdate(now), days=14)
    return [sending for day in ahead.days for sending in day.sendings][:NEXT]


def _erased_soon(user: User) -> list[tuple[District, dt.date, int]]:
    """Where the rule about keeping families erases somebody within a month, for administrators."""
    if not user.administers:
        return []
    ruled = District.objects.administered_by(user).filter(keep_months__isnull=False)
    return retention.soon(ruled.order_by("name"), timezone.localdate())


def _figures(user: User) -> dict[str, Any]:
    latest = Snapshot.objects.visible_to(user).aggregate(day=Max("as_of"))["day"]
    scope = user.scope
    states = State.objects.all() if user.is_superuser else State.objects.filter(pk__in=scope.states)
    regions = Region.objects.visible_to(user).select_related("state")
    named = list(regions) if user.is_superuser or scope.regions or scope.states else []
    shown = list(states.filter(Exists(Snapshot.objects.filter(school__state=OuterRef("pk")))))
    own = District.objects.filter(pk__in=scope.districts).select_related("state")
    return {
        "figures": True,
        "made_up": any(state.made_up for state in [*shown, *(each.state for each in named)]),
        "latest_figures": latest,
        "places": _rates(shown, named, list(own)),
        "more_regions": len(named) > PLACES,
        "own_schools": School.objects.filter(pk__in=scope.schools),
    }


def _rates(
    states: Sequence[State], regions: Sequence[Region], districts: Sequence[District]
) -> list[dict[str, Any]]:
    """A few places of each kind, first those whose rate is worked out already (summaries)."""
    kinds: dict[Kind, Sequence[Any]] = {
        "states": states,
        "regions": regions,
        "districts": districts,
    }
    inside = {each.state_id for each in regions} | {each.state_id for each in districts}
    ready = summaries.newest(
        {kind: [getattr(each, KEYS[kind]) for each in found] for kind, found in kinds.items()},
        {each.pk for each in states} | inside,
    )
    return [
        {
            "place": each,
            "inside": "" if kind == "states" else each.state.name,
            "rate": suppression.rate(group.rate()) if group else suppression.NO_FIGURE,
        }
        for kind, found in kinds.items()
        for each, group in sorted(
            ((each, ready.get((kind, getattr(each, KEYS[kind])))) for each in found),
            key=lambda pair: pair[1] is None,
        )[:PLACES]
    ]
