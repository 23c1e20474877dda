"""A translator's queue: texts, never families."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages as toasts
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import placeholders, segments
from campaigns.models import StepText
from contacts import languages
from contacts.models import Channel
from schools import audit
from schools.models import User


class TextForm(forms.ModelForm):
    """A text in one language; it may not lose or invent a placeholder."""

    class Meta:
        model = StepText
        fields = ("subject", "body")
        labels = {"subject": gettext_lazy("Subject"), "body": gettext_lazy("Text")}
        widgets = {"body": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: object, source: StepText | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.source = source
        if self.instance.channel == Channel.SMS:
            del self.fields["subject"]
        else:
            self.fields["subject"].required = True

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"])
        if placeholders.has_stray_brace(body):
            raise forms.ValidationError(_("A brace has no partner."))
        if unknown := placeholders.unknown(body):
            raise forms.ValidationError(
                _("“%(names)s” means nothing here.") % {"names": ", ".join(unknown)}
            )
        lost = (
            placeholders.used(self.source.body) - placeholders.used(body) if self.source else set()
        )
        if lost:
            raise forms.ValidationError(
                _("Lost in translation: %(names)s.")
                % {"names": ", ".join(f"{{{name}}}" for name in sorted(lost))}
            )
        return body


def _queue(user: User) -> QuerySet[StepText]:
    return (
        StepText.objects.to_translate(user)
        .select_related("step__campaign__district__state")
        .order_by("review", "language", "pk")
    )


def _translator(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.translates:
        raise PermissionDenied
    return user


def show_all(request: HttpRequest) -> HttpResponse:
    """Texts that wait for a reader, then those that are approved."""
    texts = _queue(_translator(request))
    rows: list[dict[str, Any]] = [
        {"text": text, "language": languages.get(text.language)} for text in texts[:200]
    ]
    return render(
        request,
        "translations/list.html",
        {
            "waiting": [r for r in rows if r["text"].review == StepText.Review.DRAFT],
            "approved": [r for r in rows if r["text"].review == StepText.Review.APPROVED],
        },
    )


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Source and draft side by side; approving is one button."""
    user = _translator(request)
    text = get_object_or_404(_queue(user), pk=pk)
    source = StepText.objects.filter(step=text.step, channel=text.channel, language="en").first()
    form = TextForm(request.POST or None, instance=text, source=source)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        approved = request.POST.get("action") == "approve"
        saved.review = StepText.Review.APPROVED if approved else StepText.Review.DRAFT
        saved.reviewed_by, saved.reviewed_at = (user, timezone.now()) if approved else (None, None)
        saved.save()
        audit.record(
            user,
            "text.approved" if approved else "text.edited",
            f"text {pk}",
            district=text.step.campaign.district,
            language=text.language,
        )
        toasts.success(request, _("Approved.") if approved else _("Saved as a draft."))
        return redirect("translations")
    context = {
        "text": text,
        "source": source,
        "form": form,
        "language": languages.get(text.language),
        "from_email": settings.FROM_EMAIL,
        "segments": segments.count(text.body) if text.channel == Channel.SMS else None,
        "made_up": text.step.campaign.district.state.made_up,
    }
    return render(request, "translations/show.html", context)
