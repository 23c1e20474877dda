"""A district's rules, the regions, and the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from schools import audit, checks
from schools.forms import DistrictForm
from schools.models import AuditEntry, District, Region, State
from schools.permissions import administrator, owner


def settings_home(request: HttpRequest) -> HttpResponse:
    """The districts that one sets up, and for the install's owner what is wrong with it."""
    user = administrator(request)
    districts = District.objects.administered_by(user).select_related("state", "region")
    if user.is_superuser:
        districts = districts.filter(students__isnull=False).distinct()
    found = checks.run() if user.is_superuser else []
    context = {
        "districts": districts,
        "checks": found,
        "wrong": [each for each in found if not each.ok],
        "fine": [each.name for each in found if each.ok],
    }
    return render(request, "schools/settings.html", context)


def district(request: HttpRequest, nces_id: str) -> HttpResponse:
    """One district's rules for reaching its families."""
    user = administrator(request)
    found = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    form = DistrictForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.record(
            user,
            "district.changed",
            f"district {nces_id}",
            district=found,
            fields=sorted(form.changed_data),
        )
        messages.success(request, _("Saved."))
        return redirect("district-settings", nces_id)
    context = {"form": form, "district": found, "made_up": found.state.made_up}
    return render(request, "schools/district.html", context)


def regions(request: HttpRequest) -> HttpResponse:
    """Which network each district belongs to; the inferred ones wait for a person's word."""
    user = owner(request)
    if request.method == "POST":
        found = get_object_or_404(District, nces_id=request.POST.get("district", ""))
        code = request.POST.get("region", "")
        region = get_object_or_404(Region, code=code, state=found.state_id) if code else None
        found.region, found.region_inferred, found.region_edited = region, False, True
        found.save(update_fields=["region", "region_inferred", "region_edited"])
        audit.record(
            user, "district.region", f"district {found.nces_id}", district=found, region=code
        )
        messages.success(
            request,
            _("%(district)s belongs to %(region)s.")
            % {"district": found.name, "region": region or _("no region")},
        )
        return redirect(f"{request.path}?{request.GET.urlencode()}")
    state = request.GET.get("state", "WA")
    districts = (
        District.objects.filter(state=state)
        .select_related("region", "county")
        .order_by("-region_inferred", "name")
    )
    if text := request.GET.get("q", "").strip():
        districts = districts.filter(name__icontains=text)
    return render(
        request,
        "schools/regions.html",
        {
            "page_obj": Paginator(districts, 30).get_page(request.GET.get("page")),
            "regions": Region.objects.filter(state=state),
            "states": State.objects.filter(regions__isnull=False).distinct(),
            "state": state,
            "q": text,
        },
    )


def audit_trail(request: HttpRequest) -> HttpResponse:
    """What staff did, newest first; the owner may ask whether the seals hold."""
    user = administrator(request)
    entries = AuditEntry.objects.select_related("actor", "district")
    if not user.is_superuser:
        entries = entries.filter(district__in=user.scope.districts)
    context: dict[str, Any] = {"page_obj": Paginator(entries, 50).get_page(request.GET.get("page"))}
    if user.is_superuser:
        context["may_check"] = True
        if "check" in request.GET:  # reads the whole record, so only when asked
            context |= {"checked": True, "broken": audit.verify()}
    return render(request, "schools/audit.html", context)
