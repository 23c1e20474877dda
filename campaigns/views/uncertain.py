"""Messages whose sending is uncertain, and the two buttons that settle one."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns import tasks
from campaigns.models import Message, MessageState
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
    return render(request, "campaigns/uncertain.html", {"page": page})


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
