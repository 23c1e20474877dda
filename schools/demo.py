"""One-click sign-ins for each role: only where settings.DEMO says that all families are made up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from schools.models import User

DOMAIN = "demo.invalid"
WHO = {
    "counselor": (_("Counselor"), _("One high school: import, launch, answer")),
    "administrator": (_("District administrator"), _("Two districts: people, rules, audit")),
    "coordinator": (_("Regional coordinator"), _("A network’s figures, no families")),
    "state": (_("State coordinator"), _("Washington, Florida, Wyoming")),
    "translator": (_("Translator"), _("Spanish, Vietnamese and Russian texts")),
    "owner": (_("Owner of the install"), _("Everything")),
}


def find(key: str) -> User | None:
    """The demonstration's person with this key; nobody where this is no demonstration."""
    if not settings.DEMO or key not in WHO:
        return None
    return User.objects.filter(email=f"{key}@{DOMAIN}").first()


def demo_users(request: HttpRequest) -> dict[str, Any]:
    """Template context of the sign-in page: whom one may look around as."""
    if not settings.DEMO or request.user.is_authenticated:
        return {}
    emails = User.objects.filter(email__endswith=f"@{DOMAIN}").values_list("email", flat=True)
    there = {email.partition("@")[0] for email in emails}
    people = [
        {"key": key, "role": role, "description": description}
        for key, (role, description) in WHO.items()
        if key in there
    ]
    return {"demo_users": people}
