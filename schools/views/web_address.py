"""A district's own address for its families' links."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from schools import web_addresses
from schools.family_hosts import ASKED_AS, proves_a_host
from schools.models import District
from schools.permissions import administrator


class WebAddressForm(forms.Form):
    """The address as a person writes it."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=260,
        help_text=gettext_lazy("Such as https://aid.example.org. Shorter is better."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, nces_id: str) -> HttpResponse:
    """Where this district's links lead, what its new address still needs, and the way back."""
    user = administrator(request)
    found = get_object_or_404(District.objects.administered_by(user), nces_id=nces_id)
    form = WebAddressForm(request.POST or None)
    now = timezone.now()
    if request.method == "POST":
        if request.POST.get("action") == "leave":
            web_addresses.leave(found, by=user)
            messages.success(request, _("New links lead to %(url)s.") % {"url": found.links_url})
            return redirect(request.path)
        if request.POST.get("action") == "take-back":
            found.web_addresses.filter(proved_at=None).delete()
            return redirect(request.path)
        if form.is_valid():
            try:
                host = web_addresses.host_of(form.cleaned_data["address"])
                web_addresses.enter(found, host, by=user, now=now)
                return redirect(request.path)
            except web_addresses.NotAnAddress as error:
                form.add_error("address", str(error))
    waiting = found.web_addresses.waiting(now).last()
    hosts = [found.link_host, waiting.host if waiting else ""]
    context = {
        "district": found,
        "form": form,
        "waiting": waiting,
        "record": web_addresses.record_of(waiting) if waiting else None,
        "proof": web_addresses.proof_url(waiting) if waiting else "",
        "public_url": settings.PUBLIC_URL,
        "public_host": urlsplit(settings.PUBLIC_URL).hostname,
        "is_long": any(len(host) > web_addresses.FITS for host in hosts),
        "before": found.web_addresses.proved().exclude(host=found.link_host),
    }
    return render(request, "schools/web_address.html", context)


@proves_a_host
@login_not_required
@never_cache
@require_safe
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """Opened on the new host by whoever sets it up; 404 anywhere else."""
    host = request.META.get(ASKED_AS, "")
    try:
        address = web_addresses.prove(token, host, now=timezone.now())
    except web_addresses.NoRecord:
        return render(request, "schools/web_address_unproved.html", {"host": host})
    if address is None:
        raise Http404
    return render(request, "schools/web_address_proved.html", {"address": address, "host": host})
