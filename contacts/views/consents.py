"""Recording a consent that staff were told of: for one address, or for many numbers at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts import consent_by_hand, phones
from contacts.edit_forms import ConsentOfMany, HowWeKnow
from contacts.models import Channel, ContactPoint
from contacts.permissions import families_only, staff
from contacts.views.directory import NOBODY, chosen


@families_only
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A yes to one address, with what it rests on."""
    user = staff(request)
    points = ContactPoint.objects.visible_to(user).filter(removed_on=None)
    point = get_object_or_404(points.select_related("contact__district__state"), pk=pk)
    form = HowWeKnow(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        outcome = consent_by_hand.record(
            ContactPoint.objects.filter(pk=pk),
            basis=asked["basis"],
            at=form.at(),
            source=asked["source"],
            by=user,
        )
        _tell(request, outcome)
        return redirect(point.contact)
    sms = point.channel == Channel.SMS
    context = {
        "form": form,
        "title": phones.shown(point.address) if sms else point.address,
        "back": point.contact.get_absolute_url(),
        "made_up": point.contact.district.state.made_up,
    }
    status = 422 if form.errors else 200
    return render(request, "contacts/consent.html", context, status=status)


@families_only
@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """The same yes for the numbers of many families; asks first, with counts, what it rests on."""
    students = chosen(request)
    back = f"{reverse('contacts')}?{request.POST.get('query', '')}"
    if not students.exists():
        messages.error(request, str(NOBODY))
        return redirect(back)
    form = ConsentOfMany(request.POST if request.POST.get("sure") == "yes" else None)
    if form.is_valid():
        asked = form.cleaned_data
        outcome = consent_by_hand.record(
            consent_by_hand.phones_of(students, asked["whose"]),
            basis=asked["basis"],
            at=form.at(),
            source=asked["source"],
            by=staff(request),
        )
        _tell(request, outcome)
        return redirect(back)
    everyone = request.POST.get("everyone") == "yes"
    context = {
        "form": form,
        "title": _("Consent to texts"),
        "count": students.count(),
        "counts": [
            (label, consent_by_hand.phones_of(students, whose).count())
            for whose, label in consent_by_hand.WHOSE.items()
            if whose != "both"
        ],
        "posted": request.POST,
        "ticked": [] if everyone else students.values_list("pk", flat=True),
        "back": back,
        "made_up": students.filter(district__state__made_up=True).exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "contacts/consent.html", context, status=status)


def _tell(request: HttpRequest, outcome: consent_by_hand.Outcome) -> None:
    if outcome.given:
        told = ngettext(
            "The consent is recorded for %(count)s address.",
            "The consent is recorded for %(count)s addresses.",
            outcome.given,
        )
        messages.success(request, told % {"count": outcome.given})
    if outcome.silent:
        told = ngettext(
            "%(count)s address asked for silence and keeps it: only the family can end that.",
            "%(count)s addresses asked for silence and keep it: only the families can end that.",
            outcome.silent,
        )
        messages.warning(request, told % {"count": outcome.silent})
    if not outcome.given and not outcome.silent:
        messages.error(request, _("These families have no such number."))
