"""The list of campaigns, one campaign as it goes out, and the buttons that steer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import control, panels, progress, spending, tasks
from campaigns.models import Campaign, CampaignState, MessageState
from campaigns.models.campaign import OPEN, ForbiddenMove
from campaigns.sending import stops
from campaigns.timing.hours import hours_in_words
from campaigns.views.common import campaign_for, crumbs, made_up, staff
from campaigns.views.packs import news
from schools import audit
from schools.models import District

GROUPS = (
    (gettext_lazy("Going out"), (CampaignState.RUNNING, CampaignState.PAUSED)),
    (gettext_lazy("Drafts"), (CampaignState.DRAFT,)),
    (gettext_lazy("Done"), (CampaignState.FINISHED, CampaignState.CANCELLED)),
)


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Campaigns by state, newest first, with how far each has come."""
    user = staff(request)
    visible = Campaign.objects.visible_to(user).select_related("district", "created_by")
    page = Paginator(visible, 50).get_page(request.GET.get("page"))
    found = list(page)
    counts = progress.of_all(found)
    groups = [
        {
            "title": title,
            "campaigns": [
                {
                    "campaign": c,
                    "done": counts.get(c.pk, (0, 0))[0],
                    "total": counts.get(c.pk, (0, 0))[1],
                }
                for c in found
                if c.state in states
            ],
        }
        for title, states in GROUPS
    ]
    return render(
        request,
        "campaigns/list.html",
        {
            "groups": [group for group in groups if group["campaigns"]],
            "page": page,
            "made_up": District.objects.filter(
                campaigns__in=[c.pk for c in found], state__made_up=True
            ).exists(),
        },
    )


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign; a draft leads into the wizard."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if campaign.state == CampaignState.DRAFT:
        return redirect("campaign-review", pk)
    return render(
        request,
        "campaigns/live.html",
        {
            "crumbs": crumbs((campaign.name, "")),
            "made_up": made_up(campaign),
            "schools": campaign.schools.all(),
            "panels": panels.of(request, campaign),
            **_live(campaign),
        },
    )


@require_GET
def show_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes; htmx asks for it every three seconds while it runs."""
    campaign = campaign_for(staff(request), pk)
    return render(request, "campaigns/partials/progress.html", _live(campaign))


def _live(campaign: Campaign) -> dict[str, Any]:
    now = timezone.now()
    return {
        "campaign": campaign,
        "progress": progress.of(campaign, now=now),
        "running": campaign.state == CampaignState.RUNNING,
        "stopped_because": stops.in_words(campaign.stopped_because),
        "hours": hours_in_words(campaign, now=now),
        "timeline": _timeline(campaign),
        "pack_news": news(campaign),
        "coming": [s for s in campaign.steps.all() if s.expanded_at is None],
        "open": campaign.state in OPEN,
        "zone": campaign.district.zone,
        "spent": spending.spent(campaign),
        "may_pause": campaign.state == CampaignState.RUNNING,
        "may_resume": campaign.state == CampaignState.PAUSED,
        "may_cancel": campaign.may_move_to(CampaignState.CANCELLED),
    }


def _timeline(campaign: Campaign) -> list[dict[str, Any]]:
    """What happened and what will, in order."""
    lines = [{"at": campaign.created_at, "what": _("Created"), "who": campaign.created_by}]
    if campaign.launched_at:
        lines.append(
            {"at": campaign.launched_at, "what": _("Launched"), "who": campaign.launched_by}
        )
    for step in campaign.steps.all():
        number = {"number": step.position}
        if step.expanded_at:
            lines.append(
                {"at": step.expanded_at, "what": _("Message %(number)s began to go out") % number}
            )
        elif step.due_at and campaign.may_move_to(CampaignState.CANCELLED):
            lines.append({"at": step.due_at, "what": _("Message %(number)s is due") % number})
    if campaign.finished_at:
        lines.append({"at": campaign.finished_at, "what": campaign.get_state_display()})
    return sorted(lines, key=lambda line: line["at"])


@require_POST
def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """Launches a draft. A second click finds it launched and only shows it."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if campaign.state != CampaignState.DRAFT:
        return redirect("campaign", pk)
    try:
        control.launch(campaign, by=user, now=timezone.now())
    except control.CannotLaunch as problem:
        for mend in getattr(problem, "mends", None) or [problem]:
            messages.error(request, str(mend))
        return redirect("campaign-review", pk)
    except ForbiddenMove:
        return redirect("campaign", pk)
    tasks.wake()
    audit.record(user, "campaign.launched", f"campaign {pk}", district=campaign.district)
    messages.success(request, _("Launched. You can leave this page; it goes on by itself."))
    return redirect("campaign", pk)


def _steer(
    request: HttpRequest, pk: int, do: Callable[..., Any], action: str, done: str
) -> HttpResponse:
    user = staff(request)
    campaign = campaign_for(user, pk)
    try:
        do(campaign, by=user, now=timezone.now())
    except ForbiddenMove:
        messages.warning(request, _("The campaign had already moved on."))
    else:
        audit.record(user, action, f"campaign {pk}", district=campaign.district)
        messages.success(request, done)
    return redirect("campaign", pk)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Holds back what has not gone out."""
    return _steer(request, pk, control.pause, "campaign.paused", _("Paused."))


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes on, and at once."""
    answer = _steer(request, pk, control.resume, "campaign.resumed", _("Going on."))
    tasks.wake()
    return answer


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends it; what has not gone out never will, so a GET says first what that is. A draft is put
    away."""
    if request.method == "GET":
        campaign = campaign_for(staff(request), pk)
        if not campaign.launched_at or not campaign.may_move_to(CampaignState.CANCELLED):
            return redirect("campaign", pk)
        context = {
            "campaign": campaign,
            "crumbs": crumbs((campaign.name, campaign.get_absolute_url()), (_("Cancel"), "")),
            "made_up": made_up(campaign),
            "waiting": campaign.messages.filter(state=MessageState.PENDING).count(),
            "coming": campaign.steps.filter(expanded_at=None).count(),
            "may_pause": campaign.may_move_to(CampaignState.PAUSED),
        }
        return render(request, "campaigns/cancel.html", context)
    return _steer(request, pk, control.cancel, "campaign.cancelled", _("Cancelled."))
