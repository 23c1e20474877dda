"""What the signed-in person can reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from campaigns.inbox import conversations
from schools.models import User

# Pages with an address of their own that belong to another's room.
UNDER = {"campaigns": ("outbox", "packs")}


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    current: bool = False
    count: int = 0


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: both menus, and whether the sandbox keeps all messages here."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"sandbox": settings.TRANSPORT == "sandbox"}
    return {
        "nav": SimpleLazyObject(lambda: list(_main(request, user))),
        "user_nav": SimpleLazyObject(lambda: list(_more(request, user))),
        "sandbox": settings.TRANSPORT == "sandbox",
    }


def _main(request: HttpRequest, user: User) -> list[Item]:
    # What is opened from a page that has an entry here leads back to it.
    families = user.sees_families
    pages = [
        (_("Home"), "home", "home", True),
        (_("Families"), "contacts", "people", families),
        (_("Campaigns"), "campaigns", "megaphone", families),
        (_("Inbox"), "inbox", "inbox", families),
        (_("Translations"), "translations", "language", user.translates),
        (_("Completion"), "completion", "chart", user.sees_figures),
        (_("Packs"), "packs", "copy", user.sees_figures and not families),
    ]
    counts = {"inbox": conversations.unread(user, timezone.now())} if families else {}
    return [
        _item(request, label, name, icon, counts.get(name, 0))
        for label, name, icon, shown in pages
        if shown
    ]


def _more(request: HttpRequest, user: User) -> list[Item]:
    pages = [
        (_("People"), "people", "person", user.administers),
        (_("Settings"), "settings", "settings", user.administers),
        (_("Audit"), "audit", "shield", user.administers),
    ]
    return [_item(request, label, name, icon) for label, name, icon, shown in pages if shown]


def _item(request: HttpRequest, label: str, name: str, icon: str, count: int = 0) -> Item:
    url = reverse(name)
    below = tuple(reverse(each) for each in (name, *UNDER.get(name, ())))
    here = request.path == url if url == "/" else request.path.startswith(below)
    return Item(str(label), url, icon, here, count)
