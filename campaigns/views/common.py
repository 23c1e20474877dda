"""What the campaign pages share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.inbox import inbound
from campaigns.models import Campaign, CampaignState
from schools.models import User

PARTS = ("what", "who", "words", "when", "review")


def hears_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about what families wrote: what waits to be taken in is taken in first."""

    @wraps(view)
    def heard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        inbound.catch_up(timezone.now())
        return view(request, *args, **kwargs)

    return heard


def staff(request: HttpRequest) -> User:
    """The signed-in person, who must be one who sees families. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.sees_families:
        raise PermissionDenied
    return user


def campaign_for(user: User, pk: int) -> Campaign:
    """A campaign that this person may see. Raises Http404."""
    visible = Campaign.objects.visible_to(user).select_related("district__state", "cycle")
    return get_object_or_404(visible, pk=pk)


def draft_for(user: User, pk: int) -> Campaign | None:
    """A draft that this person may change; None once it was launched. Raises Http404."""
    campaign = campaign_for(user, pk)
    return campaign if campaign.state == CampaignState.DRAFT else None


def crumbs(*tail: tuple[str, str]) -> list[dict[str, str]]:
    """Breadcrumbs from the list of campaigns down; the last is where one is."""
    trail = [(_("Campaigns"), reverse("campaigns")), *tail]
    return [{"label": str(label), "url": url} for label, url in trail]


def stepper(current: str, campaign: Campaign | None) -> list[dict[str, Any]]:
    """The wizard's five steps; every step of a saved draft can be gone to."""
    labels = {
        "what": _("What"),
        "who": _("Who"),
        "words": _("Words"),
        "when": _("When"),
        "review": _("Review"),
    }
    here = PARTS.index(current)
    return [
        {
            "label": labels[part],
            "url": reverse(f"campaign-{part}", args=[campaign.pk]) if campaign else "",
            "state": "done" if at < here else "current" if at == here else "todo",
        }
        for at, part in enumerate(PARTS)
    ]


def wizard_page(part: str, campaign: Campaign | None, **context: Any) -> dict[str, Any]:
    """What every page of the wizard shows."""
    title = campaign.name if campaign else _("New campaign")
    return {
        "campaign": campaign,
        "crumbs": crumbs((title, "")),
        "steps": stepper(part, campaign),
        "made_up": bool(campaign and made_up(campaign)),
        **context,
    }


def made_up(campaign: Campaign) -> bool:
    """True where the campaign's district is a made-up one."""
    return campaign.district.state.made_up
