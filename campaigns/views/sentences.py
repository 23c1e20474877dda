"""Review of what the product says by itself in a language: list of a kind, and each sentence.

Every district says these, so only readers who speak for the whole install decide on them.
"""

from __future__ import annotations

from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.translation_forms import SentencesForm, TranslationForm
from campaigns.views.library import LONGEST_NOTE, reader
from campaigns.words import glossary, previews, reviews
from campaigns.words.fixed_sentences import KINDS, Kind, Sentence
from campaigns.words.reviews import Words
from campaigns.words.word_diff import word_diff
from contacts import languages
from contacts.models import Channel
from schools import audit
from schools.models import User


@require_http_methods(["GET", "POST"])
def show_all(request: HttpRequest, language: str, kind: str) -> HttpResponse:
    """The sentences of a kind, each beside its English: approved together, or those ticked."""
    user, of = _decider(request, language, kind)
    found = of.sentences(language)
    form = SentencesForm(request.POST or None, language=language, sentences=found)
    if request.method == "POST" and form.is_valid():
        approved = form.approved()
        read = {each.source for each, _words in approved}
        reviews.forget(of.channel, language, [e.source for e in found if e.source not in read])
        for each, words in approved:
            kept = Words(of.channel, language, each.source, "", words)
            reviews.keep(kept, district=None, by=user, now=timezone.now())
        return _decided(request, user, language, of, "library.approved")
    context = {"language": languages.get(language), "form": form, "kind": of}
    return render(request, "translations/sentences.html", context)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, language: str, kind: str, name: str) -> HttpResponse:
    """One sentence with its words of aid and how it is read: approve it, or ask for changes."""
    user, of = _decider(request, language, kind)
    sentence = next((each for each in of.sentences(language) if each.name == name), None)
    if sentence is None:
        raise Http404
    form = TranslationForm(
        request.POST or None,
        channel=Channel.SMS,
        language=language,
        source=("", sentence.source),
        initial={"body": sentence.words, "note": sentence.note},
    )
    action = request.POST.get("action", "")
    shown = _as_read(of, sentence, language, str(form["body"].value() or ""))
    if action == "preview":
        return render(request, "translations/_as_read.html", shown)
    if action == "changes":
        if note := request.POST.get("note", "").strip()[:LONGEST_NOTE]:
            asked = Words(of.channel, language, sentence.source, "", sentence.words)
            reviews.object_to(asked, note, district=None, by=user, now=timezone.now())
            return _decided(request, user, language, of, "library.changes_asked")
        form.add_error("note", _("Say what should change."))
    elif request.method == "POST" and form.is_valid():
        kept = Words(of.channel, language, sentence.source, "", form.cleaned_data["body"])
        reviews.keep(kept, district=None, by=user, now=timezone.now())
        return _decided(request, user, language, of, "library.approved")
    before = sentence.before
    context = shown | {
        "text": sentence,
        "title": Truncator(sentence.source).chars(60),
        "kind": of,
        "source": {"subject": "", "body": sentence.source},
        "diff": word_diff(before.source, sentence.source) if before else [],
        "before": before,
        "form": form,
        "language": languages.get(language),
        "glossary": glossary.terms(language, sentence.source),
        "in_library": True,
    }
    return render(request, "translations/show.html", context)


def _decider(request: HttpRequest, language: str, kind: str) -> tuple[User, Kind]:
    user = reader(request, language)
    if user.home_id is not None:
        raise PermissionDenied
    if kind not in KINDS:
        raise Http404
    return user, KINDS[kind]


def _as_read(of: Kind, sentence: Sentence, language: str, words: str) -> dict[str, object]:
    body = of.as_read(words, language, timezone.localdate())
    if of.is_a_text(sentence.name):
        return {"previews": [previews.plain_text(language, body)]}
    return {"piece": body, "language": languages.get(language)}


def _decided(
    request: HttpRequest, user: User, language: str, of: Kind, action: str
) -> HttpResponse:
    audit.record(user, action, of.slug, district=None, language=language)
    if action == "library.approved":
        told = _("Approved. Families who read this language get them now.")
    else:
        told = _("Asked for changes. Until then they are drafts.")
    toasts.success(request, told)
    return redirect("library-sentences", language, of.slug)
