"""Review of the ready packs and of the fixed sentences, one language at a time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns import catalogue, glossary, library, previews, reviews
from campaigns.fixed_sentences import KINDS, Kind
from campaigns.reviews import Words
from campaigns.translation_forms import SentencesForm, TranslationForm
from campaigns.views.translations import translator
from contacts import languages
from schools import audit
from schools.models import User


def _reader(request: HttpRequest, language: str) -> User:
    """Someone who reviews texts in this language. Raises Http404 for a language without drafts."""
    user = translator(request)
    if language not in catalogue.languages_shipped():
        raise Http404
    if not user.is_superuser and language not in user.scope.languages:
        raise PermissionDenied
    return user


@require_GET
def show_all(request: HttpRequest, language: str) -> HttpResponse:
    """The ready packs in one language, and how far their review is."""
    user = _reader(request, language)
    texts = library.texts(language, user.home)
    context = {
        "language": languages.get(language),
        "texts": texts,
        "approved": sum(text.approved for text in texts),
        "kinds": [_shown(kind, language) for kind in KINDS.values()],
        "may_approve_sentences": user.home_id is None,
    }
    return render(request, "translations/library.html", context)


def _shown(kind: Kind, language: str) -> dict[str, Any]:
    sentences = kind.sentences(language)
    return {
        "kind": kind,
        "sentences": sentences,
        "approved": sum(each.approved for each in sentences),
    }


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, language: str, pack: str, step: int, channel: str) -> HttpResponse:
    """One message of a pack beside its source; approving it lets every new campaign begin so."""
    user = _reader(request, language)
    texts = library.texts(language, user.home)
    text = next(
        (t for t in texts if (t.pack.name, t.step, t.channel) == (pack, step, channel)), None
    )
    if text is None:
        raise Http404
    form = TranslationForm(
        request.POST or None,
        channel=channel,
        language=language,
        source=(text.english.subject, text.english.body),
        notes=False,
        initial={"subject": text.subject, "body": text.body},
    )
    shown = previews.preview(
        channel,
        language,
        str(form["subject"].value() or "") if "subject" in form.fields else "",
        str(form["body"].value() or ""),
        previews.made_up_family(None, today=timezone.localdate()),
        part_price=user.home.sms_price if user.home else None,
    )
    if request.POST.get("action") == "preview":
        return render(request, "campaigns/partials/previews.html", {"previews": [shown]})
    if request.method == "POST" and form.is_valid():
        words = Words(
            channel,
            language,
            text.source,
            form.cleaned_data.get("subject", ""),
            form.cleaned_data["body"],
        )
        reviews.keep(words, district=user.home, by=user, now=timezone.now())
        audit.record(
            user, "library.approved", f"{pack} {channel}", district=user.home, language=language
        )
        toasts.success(request, _("Approved. Every new campaign begins with these words."))
        return redirect("library", language)
    context = {
        "text": text,
        "title": text.pack.for_staff()["title"],
        "source": {"subject": text.english.subject, "body": text.english.body},
        "form": form,
        "language": languages.get(language),
        "glossary": glossary.terms(language, text.source),
        "previews": [shown],
        "in_library": True,
    }
    return render(request, "translations/show.html", context)


@require_http_methods(["GET", "POST"])
def sentences(request: HttpRequest, language: str, kind: str) -> HttpResponse:
    """Fixed sentences of a language, which every district says.

    Only for readers who speak for the whole install.
    """
    user = _reader(request, language)
    if user.home_id is not None:
        raise PermissionDenied
    if kind not in KINDS:
        raise Http404
    of = KINDS[kind]
    found = of.sentences(language)
    form = SentencesForm(request.POST or None, language=language, sentences=found)
    if request.method == "POST" and form.is_valid():
        approved = form.approved()
        read = {each.source for each, _words in approved}
        reviews.forget(of.channel, language, [e.source for e in found if e.source not in read])
        for each, words in approved:
            kept = Words(of.channel, language, each.source, "", words)
            reviews.keep(kept, district=None, by=user, now=timezone.now())
        audit.record(user, "library.approved", kind, district=None, language=language)
        toasts.success(request, _("Approved. Families who read this language get them now."))
        return redirect("library", language)
    return render(
        request,
        "translations/sentences.html",
        {"language": languages.get(language), "form": form, "kind": of},
    )
