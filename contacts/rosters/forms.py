"""What a district enters about its roster service."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import RosterService
from contacts.rosters import client, fetch
from contacts.rosters.problems import RosterError


class RosterForm(forms.ModelForm):
    """The service's addresses, the client, and its secret, which is never shown again."""

    url = forms.URLField(
        label=_("Address of the service"),
        help_text=_("As your student information system shows it, without what follows /ims."),
        max_length=300,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input", "placeholder": "https://"}),
    )
    token_url = forms.URLField(
        label=_("Address for tokens"),
        help_text=_("Where the client asks for its token (OAuth 2)."),
        max_length=300,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input", "placeholder": "https://"}),
    )
    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "input"}),
    )

    class Meta:
        model = RosterService
        fields: ClassVar = ["url", "token_url", "client_id", "nightly"]
        help_texts: ClassVar = {
            "nightly": _("At half past two at night. You see each fetch among the imports."),
        }
        widgets: ClassVar = {
            "client_id": forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        }

    field_order = ["url", "token_url", "client_id", "secret", "nightly"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = _hosts(self.instance.url, self.instance.token_url)
        if self.instance.client_secret:
            self.fields["secret"].help_text = _("It is kept. Enter it only to replace it.")
        else:
            self.fields["secret"].required = True

    def clean_url(self) -> str:
        return self._checked("url")

    def clean_token_url(self) -> str:
        return self._checked("token_url")

    def _checked(self, name: str) -> str:
        try:
            return client.checked(self.cleaned_data[name], local=fetch.local_allowed())
        except RosterError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """A kept secret is not handed to a host that it was not entered for."""
        told = super().clean() or {}
        hosts = _hosts(told.get("url", ""), told.get("token_url", ""))
        if self.instance.client_secret and not told.get("secret") and not hosts <= self._before:
            self.add_error("secret", _("The host has changed. Enter the secret for it again."))
        return told

    def save(self, commit: bool = True) -> RosterService:
        if self.cleaned_data.get("secret"):
            self.instance.client_secret = self.cleaned_data["secret"]
        return super().save(commit)


def _hosts(*urls: str) -> set[str]:
    return {urlsplit(url).netloc.lower() for url in urls if url}
