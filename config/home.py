"""The start page: for each role, what to do next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns import conversations
from campaigns.models import Campaign, StepText
from completion.models import Snapshot
from contacts import retention, review
from contacts.models import AidStatus, Student
from schools.models import District, Region, School, State, User


def home(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own start."""
    user = request.user
    assert isinstance(user, User)  # the middleware lets nobody else through
    context: dict[str, Any] = {}
    if user.sees_families:
        context |= _families(user)
    if user.sees_figures:
        figures = _figures(user)
        made_up = context.get("made_up", False) or figures["made_up"]
        context |= figures | {"made_up": made_up}
    if user.translates:
        drafts = StepText.objects.to_translate(user).filter(review=StepText.Review.DRAFT)
        context["drafts"] = drafts.count()
    return render(request, "home.html", context)


def _families(user: User) -> dict[str, Any]:
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
        "campaigns": Campaign.objects.visible_to(user).order_by("-created_at")[:4],
        "unread": conversations.unread(user, timezone.now()),
        "erased_soon": _erased_soon(user),
        "waiting": [queue for queue in review.queues(user) if queue.count],
        "made_up": schools.filter(state__made_up=True).exists(),
    }


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
    shown = states.filter(Exists(Snapshot.objects.filter(school__state=OuterRef("pk"))))
    return {
        "figures": True,
        "made_up": any(state.made_up for state in [*shown, *(each.state for each in named)]),
        "latest_figures": latest,
        "states": shown,
        "regions": named,
        "own_schools": School.objects.filter(pk__in=scope.schools),
    }
