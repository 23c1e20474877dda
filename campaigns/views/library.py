"""Review of the ready packs, one language at a time; sentences.py has what stands beside them."""

from __future__ import annotations

from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.forms.translation_forms import TranslationForm
from campaigns.views.translations import LONGEST_NOTE, translator
from campaigns.words import catalogue, glossary, library, previews, reviews
from campaigns.words.fixed_sentences import KINDS
from campaigns.words.library import LibraryText
from campaigns.words.reviews import Words
from campaigns.words.word_diff import word_diff
from contacts import languages
from schools import audit
from schools.models import District, User


def reader(request: HttpRequest, language: str) -> User:
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
    user = reader(request, language)
    texts = library.texts(language, user.home)
    context = {
        "language": languages.get(language),
        "texts": texts,
        "approved": sum(text.approved for text in texts),
        "kinds": [kind.counted(language) for kind in KINDS.values()],
        "may_approve_sentences": user.home_id is None,
    }
    return render(request, "translations/library.html", context)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, language: str, pack: str, step: int, channel: str) -> HttpResponse:
    """One message of a pack beside its source; approving it lets every new campaign begin so."""
    user = reader(request, language)
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
        initial={"subject": text.subject, "body": text.body, "note": text.note},
    )
    shown = previews.preview(
        channel,
        language,
        str(form["subject"].value() or "") if "subject" in form.fields else "",
        str(form["body"].value() or ""),
        previews.made_up_family(None, today=timezone.localdate()),
        part_price=(user.home or District()).sms_price,
    )
    if request.POST.get("action") == "preview":
        return render(request, "translations/_as_read.html", {"previews": [shown]})
    if request.POST.get("action") == "changes":
        if note := request.POST.get("note", "").strip()[:LONGEST_NOTE]:
            asked = Words(channel, language, text.source, text.subject, text.body)
            reviews.object_to(asked, note, district=user.home, by=user, now=timezone.now())
            return _decided(request, user, text, "library.changes_asked")
        form.add_error("note", _("Say what should change."))
    elif request.method == "POST" and form.is_valid():
        words = Words(
            channel,
            language,
            text.source,
            form.cleaned_data.get("subject", ""),
            form.cleaned_data["body"],
        )
        reviews.keep(words, district=user.home, by=user, now=timezone.now())
        return _decided(request, user, text, "library.approved")
    before = None if text.approved else library.before(text, texts, user.home)
    context = {
        "text": text,
        "title": text.pack.for_staff()["title"],
        "source": {"subject": text.english.subject, "body": text.english.body},
        "diff": word_diff(before.source, text.source) if before else [],
        "before": before,
        "form": form,
        "language": languages.get(language),
        "glossary": glossary.terms(language, text.source),
        "previews": [shown],
        "in_library": True,
    }
    return render(request, "translations/show.html", context)


def _decided(request: HttpRequest, user: User, text: LibraryText, action: str) -> HttpResponse:
    of = f"{text.pack.name} {text.channel}"
    audit.record(user, action, of, district=user.home, language=text.language)
    if action == "library.approved":
        told = _("Approved. Every new campaign begins with these words.")
    else:
        told = _("Asked for changes. Until then every new campaign begins with a draft.")
    toasts.success(request, told)
    return redirect("library", text.language)
