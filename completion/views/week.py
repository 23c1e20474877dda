"""A coordinator's week: who moved, who may need help, and which campaigns are under way."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from campaigns.models import CampaignState
from completion import movers
from completion.permissions import campaigns_with_counts_for, staff
from schools.models import School, User

AT_ONCE = 200  # schools that are compared while a page is made; more are brought in afterwards
CAMPAIGNS = 4


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The week alone; the home page of a whole state's coordinator brings it in from here."""
    user = staff(request)
    if not coordinates(user):
        raise PermissionDenied
    template = (
        "completion/_week.html" if request.headers.get("HX-Request") else "completion/week.html"
    )
    return render(request, template, of(user))


def coordinates(user: User) -> bool:
    """True for whoever follows the schools of a region or state."""
    return bool(user.scope.regions or user.scope.states)


def for_home(user: User) -> dict[str, Any]:
    """What the home page shows of it: the week, or that it is to be brought in; {} for others."""
    if not coordinates(user):
        return {}
    many = School.objects.visible_to(user)[: AT_ONCE + 1].count() > AT_ONCE
    return {"week_later": True} if many else of(user)


def of(user: User) -> dict[str, Any]:
    """The schools that the digest would name now, and the campaigns whose counts one may see."""
    running = campaigns_with_counts_for(user).filter(state=CampaignState.RUNNING)
    return {
        "digest": movers.of(user, last_ones=True),
        "running": running.select_related("district")[:CAMPAIGNS],
        "running_count": running.count(),
    }
