"""The form of a new sender."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from campaigns.models import Sender


class SenderForm(forms.ModelForm):
    """A number or messaging service; a number may be written the way people do."""

    class Meta:
        model = Sender
        fields = ["kind", "address", "rate", "daily_cap", "carrier_share", "brand"]

    def __init__(self, *args: Any, **more: Any) -> None:
        data = args[0] if args else None
        if data is not None:
            written = str(data.get("address", ""))
            digits = "".join(each for each in written if each.isdigit())
            if not written.strip().upper().startswith("MG") and len(digits) in (10, 11):
                args = ({**data.dict(), "address": f"+1{digits[-10:]}"}, *args[1:])
        super().__init__(*args, **more)

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        stopped = Sender.objects.filter(address=address).exclude(stopped_on=None).first()
        if stopped and stopped.district_id == self.instance.district_id:
            self.instance = stopped
            self.instance.stopped_on = None
        return address

    def clean_rate(self) -> float | None:
        rate = self.cleaned_data["rate"]
        if rate is not None and rate <= 0:
            raise forms.ValidationError(_("More than none; leave it empty for the usual."))
        return rate

    def clean_carrier_share(self) -> int:
        share = int(self.cleaned_data["carrier_share"])
        if not 1 <= share <= 100:
            raise forms.ValidationError(_("From 1 to 100."))
        return share
