"""What a reader of a language fills in: a translation beside its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.isolated import write_in
from campaigns.words import family_words, placeholders, segments
from campaigns.words.fixed_sentences import Sentence
from campaigns.words.forms_named import forms_named
from campaigns.words.placeholders import missing_answers
from contacts.models import Channel


def check(words: str, source: str) -> str:
    """`words` unchanged. Raises ValidationError for what a translation lost or invented."""
    found = placeholders.faults(words, source)
    if source and forms_named(words) != forms_named(source):
        found.append(_("Name the same forms as the English, in Latin letters: FAFSA, WASFA."))
    if missing := missing_answers(words, source):
        found.append(
            _("Keep the words to answer as they are: %(words)s.") % {"words": ", ".join(missing)}
        )
    if not family_words.keeps_values(source, words):
        names = ", ".join(f"%({name})s" for name in family_words.values_in(source)) or _("none")
        found.append(_("Keep these values as they are: %(names)s.") % {"names": names})
    if found:
        raise forms.ValidationError(found)
    return words


class TranslationForm(forms.Form):
    """A text in one language; it may not lose or invent a placeholder."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 14})
    )
    note = forms.CharField(
        label=gettext_lazy("What should change"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Only for “Ask for changes”: whoever mends the words reads it."),
    )

    def __init__(
        self,
        *args: Any,
        channel: str,
        language: str,
        source: tuple[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.source_subject, self.source_body = source
        if channel == Channel.SMS:
            del self.fields["subject"]
            self.fields["body"].validators.append(MaxLengthValidator(segments.LONGEST))
            self.fields["body"].widget.attrs["rows"] = 7
        for name in self.fields.keys() & {"subject", "body"}:
            write_in(self.fields[name], language)

    def clean_subject(self) -> str:
        return check(self.cleaned_data["subject"].strip(), self.source_subject)

    def clean_body(self) -> str:
        words = self.cleaned_data["body"].replace("\r\n", "\n").strip()
        return check(words, self.source_body)


class SentencesForm(forms.Form):
    """Fixed sentences of a language: all of them approved together, or those that are ticked."""

    def __init__(self, *args: Any, language: str, sentences: list[Sentence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sentences = sentences
        for each in sentences:
            self.fields[each.name] = forms.CharField(
                label=each.source,
                initial=each.words,
                max_length=600,
                widget=forms.Textarea(attrs={"rows": 1 + len(each.words) // 70}),
            )
            write_in(self.fields[each.name], language)
            self.fields[f"{each.name}-read"] = forms.BooleanField(
                label=gettext_lazy("I have read it, and it is right"),
                initial=each.approved,
                required=False,
            )

    @property
    def takes_all(self) -> bool:
        return self.data.get("then") != "ticked"

    def approved(self) -> list[tuple[Sentence, str]]:
        """The sentences to approve, with their words. Of a valid form."""
        return [
            (each, self.cleaned_data[each.name])
            for each in self.sentences
            if self.cleaned_data[f"{each.name}-read"] or (self.takes_all and not self._waits(each))
        ]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each sentence with its two fields."""
        for each in self.sentences:
            yield {"sentence": each, "words": self[each.name], "read": self[f"{each.name}-read"]}

    def _waits(self, sentence: Sentence) -> bool:
        """True while a reader's wish for other words has not been met."""
        return bool(sentence.note) and self.cleaned_data[sentence.name] == sentence.words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for each in self.sentences:
            try:
                check(cleaned.get(each.name) or each.source, each.source)
            except forms.ValidationError as error:
                self.add_error(each.name, error)
        return cleaned
