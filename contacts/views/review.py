"""One calm place for what only a person can decide."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from contacts import review
from contacts.permissions import families_only, staff
from schools.models import School


@families_only
def hub(request: HttpRequest) -> HttpResponse:
    """All queues, those with something in them first."""
    user = staff(request)
    found = sorted(review.queues(user), key=lambda queue: not queue.count)
    made_up = School.objects.whose_families(user).filter(state__made_up=True).exists()
    context = {
        "queues": found,
        "waiting": sum(queue.count for queue in found),
        "made_up": made_up,
    }
    return render(request, "contacts/review/hub.html", context)


def page_of(request: HttpRequest, name: str, page: Page[Any], made_up: bool) -> dict[str, Any]:
    """What each queue's page shows: its rows, and the other queues as tabs."""
    found = review.queues(staff(request))
    tabs: list[dict[str, Any]] = [
        {"label": _("Overview"), "url": review.hub_url(), "count": None},
        *(
            {"label": q.label, "url": q.url, "count": q.count, "current": q.name == name}
            for q in found
        ),
    ]
    return {"page_obj": page, "tabs": tabs, "made_up": made_up}
