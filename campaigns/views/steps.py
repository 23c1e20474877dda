"""The messages of a sequence: added, changed, taken away and sent at once, one by one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import control, tasks
from campaigns.forms.step_forms import StepForm
from campaigns.forms.when_form import WhenForm
from campaigns.models import Campaign, CampaignState, Step
from campaigns.models.campaign import OPEN, ForbiddenMove
from campaigns.timing.hours import hours_in_words
from campaigns.views.common import campaign_for, crumbs, made_up, staff
from schools import audit
from schools.models import User


def unsent_step(user: User, pk: int, position: int) -> tuple[Campaign, Step]:
    """A step that has not gone out, of a campaign that is not over. Raises Http404."""
    campaign = campaign_for(user, pk)
    step = campaign.steps.filter(position=position, expanded_at=None).first()
    if step is None or campaign.state not in OPEN:
        raise Http404
    return campaign, step


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A further message, with the first one's words to begin with."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if campaign.state not in OPEN or campaign.invites:
        return redirect("campaign", pk)
    return _form(request, user, campaign, None)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Another time or other channels for a message that has not gone out."""
    user = staff(request)
    campaign, step = unsent_step(user, pk, position)
    return _form(request, user, campaign, step)


def _form(request: HttpRequest, user: User, campaign: Campaign, step: Step | None) -> HttpResponse:
    form = StepForm(request.POST or None, campaign=campaign, step=step)
    if request.method == "POST" and form.is_valid():
        saved = form.save(now=timezone.now())
        _note(user, "campaign.step_changed", campaign, saved)
        messages.success(request, _("Saved."))
        if step is None:
            return redirect(f"{_words_url(campaign)}?step={saved.position}")
        return redirect(_back(campaign))
    context: dict[str, Any] = {
        "campaign": campaign,
        "form": form,
        "step": step,
        "zone": campaign.district.zone,
        "crumbs": crumbs((campaign.name, campaign.get_absolute_url()), (_title(step), "")),
        "title": _title(step),
        "back": _back(campaign),
        "made_up": made_up(campaign),
        "hours": hours_in_words(campaign, now=timezone.now()),
    }
    return render(request, "campaigns/step.html", context)


@require_POST
def remove(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Takes a message away that has not gone out; a draft keeps its first."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if campaign.state in OPEN:
        gone = campaign.steps.filter(position=position, position__gt=1, expanded_at=None)
        if gone.delete()[0]:
            audit.record(
                user,
                "campaign.step_removed",
                f"campaign {campaign.pk}",
                district=campaign.district,
                step=position,
            )
    return redirect(_back(campaign))


@require_POST
def send_now(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Lets a message go out now, within lawful hours, instead of when it was due."""
    user = staff(request)
    campaign, step = unsent_step(user, pk, position)
    try:
        control.send_now(step, by=user, now=timezone.now())
    except ForbiddenMove:
        messages.warning(request, _("Only a running campaign can send a message at once."))
    else:
        tasks.wake()
        _note(user, "campaign.step_sent", campaign, step)
        messages.success(request, _("It goes out now, within each family's lawful hours."))
    return redirect("campaign", pk)


@require_POST
def cap(request: HttpRequest, pk: int) -> HttpResponse:
    """Another spending cap for a campaign that is not over."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    field = WhenForm.base_fields["spending_cap"]
    try:
        dollars = field.clean(request.POST.get("spending_cap", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("campaign", pk)
    if campaign.state in OPEN:
        campaign.spending_cap = dollars
        campaign.save(update_fields=["spending_cap"])
        audit.record(
            user,
            "campaign.cap_set",
            f"campaign {pk}",
            district=campaign.district,
            dollars=str(dollars or ""),
        )
        messages.success(request, _("Saved."))
    return redirect("campaign", pk)


def _note(user: User, action: str, campaign: Campaign, step: Step) -> None:
    audit.record(
        user, action, f"campaign {campaign.pk}", district=campaign.district, step=step.position
    )


def _title(step: Step | None) -> str:
    return _("Message %(number)s") % {"number": step.position} if step else _("Another message")


def _back(campaign: Campaign) -> str:
    draft = campaign.state == CampaignState.DRAFT
    return reverse("campaign-when", args=[campaign.pk]) if draft else campaign.get_absolute_url()


def _words_url(campaign: Campaign) -> str:
    return reverse("campaign-words", args=[campaign.pk])
