"""Messages whose sending is uncertain, and the two buttons that settle one, or a hand-over."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from campaigns import tasks
from campaigns.models import Campaign, Message, MessageState
from campaigns.models.campaign import ForbiddenMove
from campaigns.sending import uncertain
from campaigns.views.common import staff
from schools import audit


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """The families' messages that wait for a person's word, oldest first."""
    found = (
        Message.objects.visible_to(staff(request))
        .filter(state=MessageState.UNCERTAIN)
        .select_related("campaign", "school", "contact_point__contact")
        .order_by("claimed_at", "pk")
    )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    context = {"page": page, "together": uncertain.together(found)}
    return render(request, "campaigns/uncertain.html", context)


@require_POST
def settle_together(request: HttpRequest) -> HttpResponse:
    """All of one hand-over: sent, or not sent; 404 for what the page does not offer."""
    user = staff(request)
    campaign = get_object_or_404(
        Campaign.objects.visible_to(user).select_related("district"),
        pk=_number(request.POST.get("campaign", "")),
    )
    sent = request.POST.get("was") == "sent"
    channel = request.POST.get("channel", "")
    if channel not in uncertain.channels_together():
        raise Http404
    found = (
        Message.objects.visible_to(user)
        .filter(
            state=MessageState.UNCERTAIN,
            campaign=campaign,
            channel=channel,
            claimed_at=_moment(request.POST.get("claimed_at", "")),
        )
        .select_related("campaign")
    )
    count = uncertain.settle_all(found, sent=sent, now=timezone.now())
    audit.record(
        user,
        "message.settled",
        f"campaign {campaign.pk}",
        district=campaign.district,
        was="sent" if sent else "not sent",
        messages=count,
    )
    if not sent:
        tasks.wake()
    messages.success(
        request,
        ngettext("%(count)s message is settled.", "%(count)s messages are settled.", count)
        % {"count": count},
    )
    return redirect("uncertain")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _moment(text: str) -> dt.datetime:
    """A hand-over's moment as the page writes it; 404 for anything else."""
    try:
        found = parse_datetime(text)
        if found is None or timezone.is_naive(found):
            raise Http404
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Sent, or not sent: then it goes out again."""
    user = staff(request)
    visible = Message.objects.visible_to(user).select_related("campaign", "school__district")
    message = get_object_or_404(visible, pk=pk)
    sent = request.POST.get("was") == "sent"
    try:
        (uncertain.was_sent if sent else uncertain.send_again)(message, now=timezone.now())
    except ForbiddenMove:
        messages.warning(request, _("It was settled meanwhile."))
        return redirect("uncertain")
    district = message.school.district if message.school else None
    audit.record(
        user,
        "message.settled",
        f"message {pk}",
        district=district,
        was="sent" if sent else "not sent",
        state=message.state,
    )
    if message.state == MessageState.PENDING:
        tasks.wake()
        messages.success(request, _("It goes out again at the next lawful minute."))
    elif message.state == MessageState.CANCELLED:
        messages.info(request, _("Its time is over, so it is not sent again."))
    else:
        messages.success(request, _("It counts as sent."))
    return redirect("uncertain")
