"""A district's roster service: where it is, how the last fetch went, and fetching by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import RosterService
from contacts.rosters import jobs
from contacts.rosters.forms import RosterForm
from contacts.rosters.problems import RosterError
from schools import audit
from schools.models import District, User
from schools.permissions import administrator

BUTTONS = {jobs.Ask.TRY, jobs.Ask.FETCH, jobs.Ask.ANYWAY}


def choose(request: HttpRequest) -> HttpResponse:
    """The districts whose roster one may set up; with one of them, its page."""
    user = administrator(request)
    districts = District.objects.administered_by(user).select_related("roster_service", "state")
    if user.is_superuser:
        districts = districts.filter(students__isnull=False).distinct()
    found = list(districts.order_by("name"))
    if len(found) == 1:
        return redirect("roster-service", found[0].nces_id)
    context = {"districts": found, "made_up": any(each.state.made_up for each in found)}
    return render(request, "contacts/rosters/list.html", context)


def show(request: HttpRequest, nces_id: str) -> HttpResponse:
    """One district's roster service; its buttons ask a worker, who tells here how it went."""
    user = administrator(request)
    district = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    service = RosterService.objects.filter(district=district).first()
    action = request.POST.get("action", "") if request.method == "POST" else ""
    form = RosterForm(
        request.POST if action == "save" else None,
        instance=service or RosterService(district=district),
    )
    if action == "save" and form.is_valid():
        _save(form, user, district)
        messages.success(request, _("Saved. Now try the connection."))
        return redirect("roster-service", nces_id)
    if service is not None and action in BUTTONS:
        _ask(request, service, action, user)
        return redirect("roster-service", nces_id)
    if service is not None and action == "remove":
        service.delete()
        audit.record(user, "roster.removed", f"district {nces_id}", district=district)
        messages.success(request, _("The roster service is removed; the families stay."))
        return redirect("roster-service", nces_id)
    context = {
        "form": form,
        "district": district,
        "service": service,
        "busy": service is not None and jobs.is_busy(service, timezone.now()),
        "counts": service.summary if service else {},
        "made_up": district.state.made_up,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "contacts/rosters/service.html", context, status=status)


def _save(form: RosterForm, user: User, district: District) -> None:
    service = form.save(commit=False)
    service.last_error = ""
    service.save()
    audit.record(
        user,
        "roster.changed",
        f"district {district.nces_id}",
        district=district,
        fields=sorted(form.changed_data),
    )


def _ask(request: HttpRequest, service: RosterService, action: str, user: User) -> None:
    try:
        if not jobs.ask(service, action, by=user, now=timezone.now()):
            messages.info(request, _("A fetch is under way already."))
    except RosterError as error:
        messages.error(request, str(error))
