"""The outbox: what was sent or, in the sandbox, what would have been."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from campaigns.models import Campaign, Message, MessageState
from campaigns.sending.outbox_entries import entries
from campaigns.views.common import staff
from contacts import languages
from contacts.models import Channel
from schools.models import State

A_PAGE = 20


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Messages that went out, newest first, as families read them."""
    user = staff(request)
    written = Message.objects.visible_to(user).exclude(body_sealed=b"")
    campaigns = Campaign.objects.visible_to(user)
    chosen = {
        name: request.GET.get(name, "") for name in ("campaign", "channel", "language", "state")
    }
    found, waiting = written, 0
    if chosen["campaign"].isdigit():
        found = found.filter(campaign=int(chosen["campaign"]))
        of_it = Message.objects.visible_to(user).filter(campaign=int(chosen["campaign"]))
        waiting = of_it.filter(state=MessageState.PENDING).count()
    elif chosen["campaign"] == "none":
        found = found.filter(campaign=None)
    if chosen["channel"] in Channel.values:
        found = found.filter(channel=chosen["channel"])
    if chosen["state"] in MessageState.values:
        found = found.filter(state=chosen["state"])
    if chosen["language"]:
        found = found.filter(language=chosen["language"])
    found = found.select_related("campaign", "school", "contact_point__contact")
    page = Paginator(found.order_by("-sent_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    codes = written.order_by().values_list("language", flat=True).distinct()
    return render(
        request,
        "campaigns/outbox.html",
        {
            "page": page,
            "entries": entries(page),
            "chosen": chosen,
            "campaigns": campaigns.exclude(launched_at=None),
            "channels": Channel.choices,
            "states": MessageState.choices,
            "languages": languages.by_name(codes),
            "from_email": settings.FROM_EMAIL,
            "sandbox": settings.TRANSPORT == "sandbox",
            "waiting": waiting,
            "uncertain": written.filter(state=MessageState.UNCERTAIN).count(),
            "made_up": State.objects.filter(
                made_up=True, districts__campaigns__in=campaigns
            ).exists(),
        },
    )
