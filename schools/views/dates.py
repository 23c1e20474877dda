"""The dates of a cycle, and a district's limits and days without messages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from schools import audit
from schools.dates_forms import BlackoutForm, DeadlineForm, LimitsForm, places
from schools.models import Blackout, Deadline, District
from schools.permissions import administrator


@require_http_methods(["GET", "POST"])
def deadlines(request: HttpRequest) -> HttpResponse:
    """Every cycle's dates that one's districts go by; one's own can be added and taken away."""
    user = administrator(request)
    mine = Deadline.objects.set_by(user)
    asked = request.GET.get("change", "")
    changing = mine.filter(pk=asked).first() if asked.isdecimal() else None
    form = DeadlineForm(request.POST or None, by=user, instance=changing)
    if request.method == "POST" and form.is_valid():
        deadline = form.save()
        audit.record(
            user,
            "deadline.set",
            f"deadline {deadline.pk}",
            district=deadline.district,
            cycle=deadline.cycle_id,
            on=deadline.on.isoformat(),
        )
        messages.success(request, _("Saved."))
        return redirect("deadlines")
    found = Deadline.objects.select_related("state", "district").order_by("-cycle", "on", "pk")
    if not user.is_superuser:
        districts = District.objects.administered_by(user)
        seen = [each.pk for one in districts for each in Deadline.objects.of_district(one)]
        found = found.filter(pk__in=seen)
    own = set(mine.values_list("pk", flat=True))
    rows = [{"deadline": each, "mine": each.pk in own} for each in found]
    context = {
        "form": form,
        "rows": rows,
        "changing": changing,
        "may_add": bool(places(user)),
        "today": timezone.localdate(),
    }
    return render(request, "schools/deadlines.html", context)


@require_POST
def deadline_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a date away; messages counted from it wait until there is one again."""
    user = administrator(request)
    deadline = get_object_or_404(Deadline.objects.set_by(user), pk=pk)
    audit.record(
        user,
        "deadline.removed",
        f"deadline {pk}",
        district=deadline.district,
        cycle=deadline.cycle_id,
    )
    deadline.delete()
    messages.success(request, _("Taken away."))
    return redirect("deadlines")


@require_http_methods(["GET", "POST"])
def sending(request: HttpRequest, nces_id: str) -> HttpResponse:
    """A district's weekly limit, its prices, and the days on which it sends nothing."""
    user = administrator(request)
    district = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    blackout = BlackoutForm(request.POST if "first_on" in request.POST else None)
    limits = LimitsForm(request.POST if "weekly_cap" in request.POST else None, instance=district)
    if request.method == "POST":
        done = ""
        if blackout.is_bound and blackout.is_valid():
            blackout.instance.district = district
            blackout.save()
            done = "district.silent_days"
        elif limits.is_bound and limits.is_valid():
            limits.save()
            done = "district.limits"
        if done:
            audit.record(user, done, f"district {nces_id}", district=district)
            messages.success(request, _("Saved."))
            return redirect("district-sending", nces_id)
    context = {
        "district": district,
        "limits": limits,
        "blackout": blackout,
        "blackouts": district.blackouts.all(),
        "today": timezone.localdate(),
        "made_up": district.state.made_up,
    }
    return render(request, "schools/sending.html", context)


@require_POST
def blackout_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets messages go out on these days again."""
    user = administrator(request)
    mine = Blackout.objects.filter(district__in=District.objects.administered_by(user))
    found = get_object_or_404(mine, pk=pk)
    audit.record(
        user, "district.silent_days", f"district {found.district.nces_id}", district=found.district
    )
    found.delete()
    messages.success(request, _("Taken away."))
    return redirect("district-sending", found.district.nces_id)
