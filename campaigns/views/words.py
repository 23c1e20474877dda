"""The wizard's page of words: one language at a time, beside what a family would read of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms.wizard import TestMessageForm, WordsForm
from campaigns.models import Campaign, Step, StepText
from campaigns.models.campaign import OPEN
from campaigns.targeting.audience import CHANNELS_OF
from campaigns.targeting.reach import reach_of
from campaigns.test_message import CannotTest, send_test
from campaigns.views.common import campaign_for, staff, wizard_page
from campaigns.words import previews
from campaigns.words.placeholders import MEANINGS
from contacts import languages
from contacts.models import Channel
from schools import audit
from schools.models import User


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Words: one language at a time, beside what a family would read.

    Of a campaign that runs, the words of messages that have not gone out.
    """
    user = staff(request)
    campaign = campaign_for(user, pk)
    if campaign.state not in OPEN or not unsent(campaign):
        return redirect("campaign", pk)
    form = _words_form(request, campaign)
    if request.method == "POST" and form.is_valid():
        approve = request.POST.get("then") == "approve"
        form.save(by=user, approve=approve, now=timezone.now())
        if approve:
            audit.record(
                user,
                "campaign.words_approved",
                f"campaign {pk}",
                district=campaign.district,
                language=form.language,
            )
        if campaign.launched_at:
            audit.record(
                user,
                "campaign.words_changed",
                f"campaign {pk}",
                district=campaign.district,
                step=form.step.position,
                language=form.language,
            )
        if request.POST.get("then") == "next":
            return redirect("campaign" if campaign.launched_at else "campaign-when", pk)
        messages.success(request, _("Approved.") if approve else _("Saved."))
        return redirect(request.get_full_path())
    return render(
        request,
        "campaigns/words.html",
        wizard_page(
            "words",
            campaign,
            form=form,
            placeholders=MEANINGS.items(),
            language=languages.get(form.language),
            needs_reader=form.language != "en",
            tabs=_language_tabs(request, campaign, form),
            step_tabs=_step_tabs(campaign, form),
            variant_tabs=_variant_tabs(campaign, form),
            here=_here(form),
            previews=_previews(form, campaign, user),
            review=_review_of(form),
            more_languages=_languages_to_add(campaign, form),
            test_form=TestMessageForm(initial={"to": user.email}),
            sandbox=settings.TRANSPORT == "sandbox",
        ),
    )


def _words_form(request: HttpRequest, campaign: Campaign) -> WordsForm:
    """The form of the step, wording and language that the address names (else the first)."""
    steps = unsent(campaign)
    asked = request.GET.get("step", "")
    step = next((s for s in steps if str(s.position) == asked), steps[0])
    variant = request.GET.get("wording", "")
    language = request.GET.get("language", "en")
    if language not in languages.LANGUAGES:
        language = "en"
    data = request.POST if request.method == "POST" else None
    return WordsForm(
        data,
        step=step,
        language=language,
        variant=variant if variant in campaign.variant_names else "",
        channels=list(CHANNELS_OF[step.channels]),
    )


def unsent(campaign: Campaign) -> list[Step]:
    """The steps whose words can still be changed."""
    return list(campaign.steps.filter(expanded_at=None).prefetch_related("texts"))


def _here(form: WordsForm, **instead: Any) -> str:
    """The address of these words on the page, or of others beside them."""
    at = {"step": form.step.position, "language": form.language, "wording": form.variant} | instead
    return "?" + "&".join(f"{key}={value}" for key, value in at.items() if value)


def _language_tabs(
    request: HttpRequest, campaign: Campaign, form: WordsForm
) -> list[dict[str, Any]]:
    """Languages with approved words, and with words in what families of the audience read."""
    texts = list(form.step.texts.all())
    written = {text.language for text in texts}
    ready = {text.language for text in texts if text.review == StepText.Review.APPROVED}
    counts = reach_of(campaign).languages
    codes = sorted(
        {"en", form.language} | ready | {code for code in counts if code in {"es", *written}},
        key=lambda code: (code != "en", -counts.get(code, 0), code),
    )
    return [
        {
            "label": languages.get(code).name,
            "url": _here(form, language=code),
            "current": code == form.language,
            "count": counts.get(code, 0),
        }
        for code in codes
    ]


def _languages_to_add(campaign: Campaign, form: WordsForm) -> list[languages.Language]:
    return [known for code, known in languages.LANGUAGES.items() if code != form.language]


def _step_tabs(campaign: Campaign, form: WordsForm) -> list[dict[str, Any]]:
    steps = unsent(campaign)
    if len(steps) < 2:
        return []
    return [
        {
            "label": _("Message %(number)s") % {"number": step.position},
            "url": _here(form, step=step.position),
            "current": step.pk == form.step.pk,
        }
        for step in steps
    ]


def _variant_tabs(campaign: Campaign, form: WordsForm) -> list[dict[str, Any]]:
    """The wordings that are compared, and the one of whoever has none of their own."""
    names = campaign.variant_names
    if not names:
        return []
    return [
        {
            "label": _("Wording %(name)s") % {"name": name} if name else _("Everyone else"),
            "url": _here(form, wording=name),
            "current": name == form.variant,
        }
        for name in ["", *names]
    ]


def _review_of(form: WordsForm) -> dict[str, Any]:
    """How far the review of this language is: of all texts, the least reviewed counts."""
    texts = list(form.texts.values())
    approved = bool(texts) and all(t.review == StepText.Review.APPROVED for t in texts)
    return {"any": bool(texts), "approved": approved}


def _previews(form: WordsForm, campaign: Campaign, user: User) -> list[previews.Preview]:
    """Each channel's words, as on the page or else as saved, for a family of the audience."""
    family = previews.sample_family(campaign, form.language, user=user, today=timezone.localdate())

    def value(name: str) -> str:
        return str(form[name].value() or "") if name in form.fields else ""

    shown = []
    for channel in form.channels:
        subject = value("subject") if channel == Channel.EMAIL else ""
        if body := value(channel):
            price = campaign.district.sms_price
            shown.append(
                previews.preview(channel, form.language, subject, body, family, part_price=price)
            )
    return shown


@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a family would read of words that are not saved yet (a part of the page)."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if not unsent(campaign):
        return HttpResponse()
    form = _words_form(request, campaign)
    return render(
        request,
        "campaigns/partials/previews.html",
        {"previews": _previews(form, campaign, user)},
    )


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """A test message to oneself, of the saved words; counted in no campaign."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    if not unsent(campaign):
        return redirect("campaign", pk)
    words_form = _words_form(request, campaign)
    form = TestMessageForm(request.POST)
    back = redirect(reverse("campaign-words", args=[pk]) + _here(words_form))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["to"]))
        return back
    text = words_form.texts.get(form.channel)
    try:
        if text is None:
            raise CannotTest(_("There are no saved words for this channel and language yet."))
        send_test(campaign, text, form.cleaned_data["to"], user=user, now=timezone.now())
    except CannotTest as problem:
        messages.error(request, str(problem))
    else:
        audit.record(user, "campaign.tested", f"campaign {pk}", district=campaign.district)
        messages.success(
            request,
            _("The test is in the outbox: nothing left this machine.")
            if settings.TRANSPORT == "sandbox"
            else _("The test is on its way."),
        )
    return back
