"""The wizard: plain form pages, each of which saves the draft. htmx only adds what is live.

The page of words has a file of its own (words.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import packs, panels, readiness, spending
from campaigns.forms.when_form import WhenForm
from campaigns.forms.wizard import (
    OWN_WORDS,
    WhatForm,
    WhoForm,
    districts_to_write_to,
)
from campaigns.models import Campaign, SavedAudience, Step, StepText
from campaigns.targeting.audience import CHANNELS_OF
from campaigns.targeting.reach import reach_of, reach_of_choices
from campaigns.timing.hours import hours_in_words
from campaigns.views import packs as pack_views
from campaigns.views import rules
from campaigns.views.common import campaign_for, draft_for, staff, wizard_page
from campaigns.views.reach import reach_context
from campaigns.words import previews
from contacts import languages
from schools import audit
from schools.models import User

Read = tuple[StepText, previews.Preview]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What: the first step of a campaign that does not exist yet."""
    user = staff(request)
    if not districts_to_write_to(user).exists():
        return render(request, "campaigns/nobody.html", wizard_page("what", None))
    wanted = {"pack": request.GET["pack"]} if "pack" in request.GET else {}
    form = WhatForm(request.POST or None, user=user, initial=wanted)
    if request.method == "POST" and form.is_valid():
        campaign = form.save(now=timezone.now())
        audit.record(
            user,
            "campaign.created",
            f"campaign {campaign.pk}",
            district=campaign.district,
            pack=campaign.pack,
        )
        return redirect("campaign-who", campaign.pk)
    page = _what_page(form, None)
    page["made_up"] = districts_to_write_to(user).filter(state__made_up=True).exists()
    return render(request, "campaigns/what.html", page)


@require_http_methods(["GET", "POST"])
def what(request: HttpRequest, pk: int) -> HttpResponse:
    """What, of a draft: another name or pack."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    form = WhatForm(request.POST or None, user=user, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        form.save(now=timezone.now())
        return redirect("campaign-who", pk)
    return render(request, "campaigns/what.html", _what_page(form, campaign))


def _what_page(form: WhatForm, campaign: Campaign | None) -> dict[str, Any]:
    return wizard_page(
        "what",
        campaign,
        form=form,
        chosen=form["pack"].value(),
        packs=packs.ready().values(),
        own_words=OWN_WORDS,
    )


@require_http_methods(["GET", "POST"])
def who(request: HttpRequest, pk: int) -> HttpResponse:
    """Who: schools, filter and channels, with the count of whom that reaches."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    form = WhoForm(request.POST or None, user=user, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("campaign-words", pk)
    reach = reach_of(campaign)
    return render(
        request,
        "campaigns/who.html",
        wizard_page(
            "who",
            campaign,
            form=form,
            rule=rules.in_words(campaign, user),
            saved=SavedAudience.objects.visible_to(user).filter(district=campaign.district),
            **reach_context(reach),
        ),
    )


@require_POST
def who_count(request: HttpRequest, pk: int) -> HttpResponse:
    """The count for choices that are not saved yet (a part of the page)."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    form = WhoForm(request.POST, user=user, campaign=campaign)
    context: dict[str, Any] = {"invalid": True}
    if form.is_valid():
        context = reach_context(
            reach_of_choices(form.audience(), form.cleaned_data["channels"], campaign=campaign)
        )
    return render(request, "campaigns/partials/reach.html", context)


@require_http_methods(["GET", "POST"])
def when(request: HttpRequest, pk: int) -> HttpResponse:
    """When: start, waiting time, hold-out, and further messages."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    form = WhenForm(request.POST or None, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        form.save(now=timezone.now())
        return redirect(
            "campaign-when" if form.cleaned_data.get("follow_up") else "campaign-review", pk
        )
    return render(
        request,
        "campaigns/when.html",
        wizard_page(
            "when",
            campaign,
            form=form,
            zone=campaign.district.zone,
            campaign_steps=campaign.steps.all(),
            hours=hours_in_words(campaign, now=timezone.now()),
        ),
    )


@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Review: everything at a glance, and the button."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    now = timezone.now()
    reach = reach_of(campaign)
    steps = list(campaign.steps.prefetch_related("texts"))
    shown: dict[languages.Language, list[Read]] = {}
    for text, seen in _reads(steps[0], user, now) if steps else ():
        if text.review == StepText.Review.APPROVED or text.language in reach.languages:
            shown.setdefault(seen.language, []).append((text, seen))
    return render(
        request,
        "campaigns/review.html",
        wizard_page(
            "review",
            campaign,
            about=round(reach.all_messages * (100 - campaign.hold_out_percent) / 100),
            readiness=readiness.check(campaign, reach, today=timezone.localdate(now)),
            schools=campaign.schools.all(),
            panels=panels.of(request, campaign),
            pack_news=pack_views.news(campaign),
            estimate=spending.estimate(campaign, reach, user=user, today=timezone.localdate(now)),
            campaign_steps=campaign.steps.all(),
            shown=shown.items(),
            # In English alone: the first says how far each language is, and they read alike.
            further=[(step, list(_reads(step, user, now, only="en"))) for step in steps[1:]],
            hours=hours_in_words(campaign, now=now),
            zone=campaign.district.zone,
            sandbox=settings.TRANSPORT == "sandbox",
            **reach_context(reach),
        ),
    )


def _reads(step: Step, user: User, now: dt.datetime, *, only: str = "") -> Iterator[Read]:
    """A step's texts as a family would read them, English first; of one language or of all."""
    today = timezone.localdate(now)
    for text in sorted(
        step.texts.all(), key=lambda t: (t.language != "en", t.language, t.channel != "sms")
    ):
        if text.channel not in CHANNELS_OF[step.channels] or only not in ("", text.language):
            continue
        family = previews.sample_family(step.campaign, text.language, user=user, today=today)
        seen = previews.preview(text.channel, text.language, text.subject, text.body, family)
        yield text, seen
