"""Senders of a district, and the workers that send."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns.forms.forms_senders import SenderForm
from campaigns.models import Sender
from campaigns.sending import crews, daily_caps
from schools import audit
from schools.models import District
from schools.permissions import administrator


@require_GET
def workers(request: HttpRequest) -> HttpResponse:
    """Which workers live, what waits, and how fast it goes out."""
    user = administrator(request)
    now = timezone.now()
    found = crews.workers(now)
    return render(
        request,
        "campaigns/workers.html",
        {
            "workers": found,
            "alive": any(worker.alive for worker in found),
            "backlog": crews.backlog(now),
            "paces": crews.paces(now) if user.is_superuser else [],
            "next_at": crews.next_lawful(now),
        },
    )


def senders(request: HttpRequest, nces_id: str) -> HttpResponse:
    """A district's senders of texts; a new one is added below."""
    user = administrator(request)
    district = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    form = SenderForm(request.POST or None, instance=Sender(district=district))
    if request.method == "POST" and form.is_valid():
        sender = form.save()
        audit.record(user, "sender.added", f"sender {sender.pk}", district=district)
        messages.success(request, _("Texts go out from %(sender)s now.") % {"sender": sender})
        return redirect("district-senders", nces_id)
    own = list(Sender.objects.active().filter(district=district))
    used = daily_caps.used([sender.capped_as for sender in own], timezone.now())
    return render(
        request,
        "campaigns/senders.html",
        {
            "district": district,
            "senders": [(sender, used.get(sender.capped_as, 0)) for sender in own],
            "form": form,
            "made_up": district.state.made_up,
        },
    )


@require_POST
def stop_sender(request: HttpRequest, pk: int) -> HttpResponse:
    """No more texts go out from it; what it sent stays on record."""
    user = administrator(request)
    mine = District.objects.administered_by(user)
    sender = get_object_or_404(Sender.objects.active().filter(district__in=mine), pk=pk)
    Sender.objects.filter(pk=sender.pk).update(stopped_on=timezone.now())
    audit.record(user, "sender.stopped", f"sender {pk}", district=sender.district)
    messages.success(request, _("No more texts go out from %(sender)s.") % {"sender": sender})
    return redirect("district-senders", sender.district.nces_id)
