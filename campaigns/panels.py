"""Parts of a campaign's page that other rooms fill: what it changed, for one.

Floors only look down, so the room above registers a function in its app's `ready()`:

    panels.register(evidence_of)    # (request, campaign) -> safe HTML, or ""
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from campaigns.models import Campaign

Panel = Callable[[HttpRequest, Campaign], str]

_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Adds a panel to drafts' reviews and campaigns' pages; again it changes nothing."""
    if panel not in _panels:
        _panels.append(panel)


def of(request: HttpRequest, campaign: Campaign) -> list[str]:
    """The registered panels' HTML for this campaign, empty ones left out."""
    return [html for panel in _panels if (html := panel(request, campaign))]
