"""What staff say before families leave Aidbeacon: in a list, or for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Why a list may leave (34 CFR 99.31(a)(1): a legitimate educational interest). Kept in the audit
# record as a key, so that no name gets into it.
PURPOSES = {
    "school": _("The school’s own work with these families"),
    "event": _("An event of the school"),
    "system": _("Another system of this district"),
    "official": _("Another school official of this district"),
    "family": _("The family asked for it"),
}


class ExportFamilies(forms.Form):
    """A kind of file, what it is for, and whether aid statuses are in it."""

    kind = forms.ChoiceField(
        label=_("Kind of file"),
        widget=forms.RadioSelect,
        initial="xlsx",
        choices=[
            ("xlsx", _("Spreadsheet (XLSX)")),
            ("csv", _("CSV")),
            ("oneroster", _("OneRoster 1.2 (zip), for another system")),
        ],
    )
    purpose = forms.ChoiceField(
        label=_("What is it for?"), choices=[("", _("Choose")), *PURPOSES.items()]
    )
    status = forms.BooleanField(
        label=_("With each student’s aid status"),
        required=False,
        help_text=_("Only to help these students apply; never pass it on."),
    )

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("status") and asked.get("kind") == "oneroster":
            self.add_error("status", _("A roster holds no aid status: leave this out."))
        return asked


class KeepUntil(forms.Form):
    """How long a student is kept although the district's rule would erase them."""

    until = forms.DateField(
        label=_("Keep until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until somebody ends it."),
    )

    def clean_until(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["until"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return day
