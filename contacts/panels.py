"""Parts of a family's page that other rooms fill: its messages and replies, for one.

Floors only look down, so the room above registers a function in its app's `ready()`:

    panels.register(messages_of)    # (request, students, contacts) -> safe HTML, or ""
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpRequest

from contacts.models import Contact, Student

Panel = Callable[[HttpRequest, Sequence[Student], Sequence[Contact]], str]

_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Adds a panel to students' and contacts' pages; registering it again changes nothing."""
    if panel not in _panels:
        _panels.append(panel)


def of(request: HttpRequest, students: Sequence[Student], contacts: Sequence[Contact]) -> list[str]:
    """The registered panels' HTML for these people, empty ones left out."""
    return [html for panel in _panels if (html := panel(request, students, contacts))]
