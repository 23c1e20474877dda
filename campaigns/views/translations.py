"""A translator's queue: texts, never families."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.forms.translation_forms import TranslationForm
from campaigns.models import StepText
from campaigns.words import catalogue, glossary, library, previews, reviews
from campaigns.words.fixed_sentences import KINDS
from campaigns.words.word_diff import word_diff
from contacts import languages
from schools import audit
from schools.models import User

SHOWN = 300
LONGEST_NOTE = 500
# What is asked for comes first, then what nobody has read.
ORDER = Case(
    When(review=StepText.Review.CHANGES, then=Value(0)),
    When(review=StepText.Review.DRAFT, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def translator(request: HttpRequest) -> User:
    """The signed-in person, who must be one who reviews texts. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.translates:
        raise PermissionDenied
    return user


def _queue(user: User) -> QuerySet[StepText]:
    return (
        StepText.objects.to_translate(user)
        .select_related("step__campaign__district__state")
        .order_by("language", ORDER, "step__campaign", "step__position", "-channel")
    )


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """By language: texts that wait for a reader, the ready packs, and what is approved."""
    user = translator(request)
    texts = _queue(user)[:SHOWN]
    by_language = {code: list(found) for code, found in groupby(texts, lambda t: t.language)}
    known = catalogue.languages_shipped()
    mine = known if user.is_superuser else sorted(user.scope.languages)
    rooms = []
    shown = {*by_language, *(code for code in mine if code in known)}
    for code, _name in languages.by_name(shown):
        found = by_language.get(code, [])
        ready = library.texts(code, user.home) if code in mine and code in known else []
        reviewed = KINDS.values() if ready and user.home_id is None else ()
        kinds = [kind.counted(code) for kind in reviewed]
        approved = sum(text.approved for text in ready)
        rooms.append(
            {
                "language": languages.get(code),
                "waiting": [t for t in found if t.review != StepText.Review.APPROVED],
                "approved": [t for t in found if t.review == StepText.Review.APPROVED],
                "library": len(ready),
                "library_approved": approved,
                "read": approved + sum(kind["approved"] for kind in kinds),
                "to_read": len(ready) + sum(len(kind["sentences"]) for kind in kinds),
                "asked": [text for text in ready if text.note],
                "kinds": kinds,
            }
        )
    return render(request, "translations/list.html", {"rooms": rooms})


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Source and draft side by side: approve, ask for changes, or save a draft."""
    user = translator(request)
    text = get_object_or_404(_queue(user), pk=pk)
    english = text.siblings().filter(language="en").first()
    source = (english.subject, english.body) if english else ("", "")
    action = request.POST.get("action", "")
    form = TranslationForm(
        request.POST or None,
        channel=text.channel,
        language=text.language,
        source=source,
        initial={"subject": text.subject, "body": text.body, "note": text.note},
    )
    if action == "preview":
        return _preview(request, text, form)
    if action == "changes":
        if note := request.POST.get("note", "").strip()[:LONGEST_NOTE]:
            reviews.ask_for_changes(text, note, by=user, now=timezone.now())
            told = _("Asked for changes. The text is not sent.")
            return _decided(request, user, text, "text.changes_asked", told)
        form.add_error("note", _("Say what should change."))
    elif request.method == "POST" and form.is_valid():
        return _save(request, user, text, form, approve=action == "approve")
    known = english.words if english else ""
    context = {
        "text": text,
        "title": text.step.campaign.name,
        "source": {"subject": source[0], "body": source[1]},
        "diff": word_diff(text.source, known) if text.is_stale(known) else [],
        "form": form,
        "language": languages.get(text.language),
        "glossary": glossary.terms(text.language, known),
        "previews": [_as_read(text, form)],
        "made_up": text.step.campaign.district.state.made_up,
    }
    return render(request, "translations/show.html", context)


def _save(
    request: HttpRequest, user: User, text: StepText, form: TranslationForm, *, approve: bool
) -> HttpResponse:
    text.subject = form.cleaned_data.get("subject", "")
    text.body = form.cleaned_data["body"]
    if not approve:
        reviews.save_draft(text)
        return _decided(request, user, text, "text.edited", _("Saved as a draft."))
    reviews.approve(text, by=user, now=timezone.now())
    told = _("Approved. The next campaign with the same English has these words too.")
    return _decided(request, user, text, "text.approved", told)


def _decided(
    request: HttpRequest, user: User, text: StepText, action: str, told: str
) -> HttpResponse:
    district = text.step.campaign.district
    audit.record(user, action, f"text {text.pk}", district=district, language=text.language)
    toasts.success(request, told)
    return redirect("translations")


def _as_read(text: StepText, form: TranslationForm) -> previews.Preview:
    """The words on the page as a made-up family reads them."""
    campaign = text.step.campaign
    subject = str(form["subject"].value() or "") if "subject" in form.fields else ""
    return previews.preview(
        text.channel,
        text.language,
        subject,
        str(form["body"].value() or ""),
        previews.made_up_family(campaign, today=timezone.localdate()),
        part_price=campaign.district.sms_price,
    )


def _preview(request: HttpRequest, text: StepText, form: TranslationForm) -> HttpResponse:
    context: dict[str, Any] = {"previews": [_as_read(text, form)]}
    return render(request, "translations/_as_read.html", context)
