"""What a campaign changed: its plan while it is a draft, its evidence once it was launched."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.models import Arm, Assignment, Campaign, CampaignState
from completion import history, visible
from completion.evidence import pages, plans, results, starts
from completion.evidence.forms import PlanForm
from completion.evidence.guarding import guarded
from completion.permissions import campaigns_with_counts_for, sees_every_count_of, staff
from schools.models import Region, School, State, User


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Launched campaigns that can be judged: those that held somebody out or compared wordings."""
    user = staff(request)
    if not user.sees_figures:
        raise PermissionDenied
    compared = Assignment.objects.filter(Q(arm=Arm.HELD_OUT) | ~Q(variant=""), joined_at=None)
    found = (
        campaigns_with_counts_for(user)
        .filter(pk__in=compared.values("campaign"))
        .select_related("plan")
        .prefetch_related("schools")
    )
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "completion/campaigns.html", {"page": page, "crumbs": pages.crumbs()})


@require_GET
def staggered(request: HttpRequest) -> HttpResponse:
    """Schools that began beside those that had not: in a state or region that one may see."""
    user = staff(request)
    if not user.sees_figures:
        raise PermissionDenied
    states: list[State | Region] = list(visible.states(user))
    places = states + list(Region.objects.visible_to(user).select_related("state"))
    chosen = request.GET.get("place", "")
    place = next((p for p in places if str(p.pk) == chosen), places[0] if places else None)
    context: dict[str, Any] = {"places": places, "place": place, "crumbs": pages.crumbs()}
    if place:
        schools = (
            School.objects.filter(state=place)
            if isinstance(place, State)
            else School.objects.in_region(place)
        )
        cycles = next(iter(history.cycles_by_state(schools).values()), [])
        cycle = cycles[0] if cycles else ""
        found = starts.studies(schools, cycle, key=str(place.pk)) if cycle else []
        state = place if isinstance(place, State) else place.state
        context |= {
            "cycle": cycle,
            "found": [starts.page(each) for each in found],
            "made_up": state.made_up,
        }
    return render(request, "completion/staggered.html", context)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft's plan, for those who may send it; else the evidence, guarded for coordinators."""
    user = staff(request)
    draft = Campaign.objects.visible_to(user).filter(pk=pk, state=CampaignState.DRAFT).first()
    if draft and user.sees_families:
        return _plan(request, draft)
    campaign = get_object_or_404(campaigns_with_counts_for(user).select_related("district"), pk=pk)
    context = pages.evidence(_result(user, campaign)) | {"crumbs": pages.crumbs(campaign)}
    return render(request, "completion/campaign.html", context)


def _plan(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    form = PlanForm(request.POST or None, instance=plans.plan_of(campaign))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The plan is saved; launch fixes it."))
        return redirect("campaign-review", campaign.pk)
    plan = plans.foresee(plans.plan_of(campaign))
    context: dict[str, Any] = {
        "campaign": campaign,
        "form": form,
        "plan": plan,
        "effect": pages.effect(plan),
        "crumbs": pages.crumbs(campaign),
        "made_up": campaign.district.state.made_up,
    }
    return render(request, "completion/plan.html", context)


def _result(user: User, campaign: Campaign) -> results.Result:
    now = timezone.now()
    result = results.of(campaign, now=now)
    return result if sees_every_count_of(user, campaign) else guarded(result, now=now)


def panel(request: HttpRequest, campaign: Campaign) -> str:
    """A card on the campaign's own page: the plan of a draft, the finding of a launched one."""
    context: dict[str, Any] = {
        "campaign": campaign,
        "url": reverse("completion-campaign", args=[campaign.pk]),
    }
    if campaign.state == CampaignState.DRAFT:
        if not campaign.hold_out_percent and campaign.variants < 2:
            return ""
        plan = plans.foresee(plans.plan_of(campaign))
    else:
        result = results.of(campaign, now=timezone.now())
        if result.cohort is None:
            return ""
        plan = result.plan
        context |= pages.finding(result)
    context |= {"plan": plan, "effect": pages.effect(plan)}
    return render_to_string("completion/_campaign_panel.html", context, request)
