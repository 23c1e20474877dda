"""What families sent and the product could not take in, for the people who administer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import tasks
from campaigns.inbox import inbound
from campaigns.inbox.strangers import KEPT
from campaigns.models import Inbound
from contacts.crypto import CannotOpen
from schools import audit
from schools.models import User
from schools.permissions import administrator


def show_all(request: HttpRequest) -> HttpResponse:
    """The messages, oldest first; a POST tries one again or says what it asks."""
    user = administrator(request)
    found = Inbound.objects.set_aside_for(user)
    if request.method == "POST":
        row = request.POST.get("row", "")
        _do(request, user, get_object_or_404(found, pk=row if row.isdecimal() else None))
        return redirect("inbox-set-aside")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = [{"row": row, "said": inbound.readable(row)} for row in page]
    context = {"page_obj": page, "rows": rows, "days": KEPT.days}
    return render(request, "inbox/set_aside.html", context)


def _do(request: HttpRequest, user: User, row: Inbound) -> None:
    now, asks = timezone.now(), request.POST.get("asks", "")
    if asks in ("stop", "question"):
        try:
            inbound.settle(row, stops=asks == "stop", by=user, now=now)
        except CannotOpen:
            messages.error(request, _("Nobody can read it until FIELD_KEYS has its key again."))
            return
        audit.record(user, "inbound.settled", f"inbound {row.pk}", asks=asks)
        if asks == "stop":
            messages.success(request, _("Nothing more goes to this address."))
        else:
            messages.success(request, _("It waits in the inbox."))
    else:
        inbound.try_again(row)
        audit.record(user, "inbound.again", f"inbound {row.pk}")
        tasks.wake()
        messages.info(request, _("It is tried again now."))
