"""What the signed-in person can reach, and where `/` leads."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    current: bool
    count: int = 0


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: the navigation, and whether the sandbox keeps all messages here."""
    return {"nav": [], "sandbox": settings.TRANSPORT == "sandbox"}


def home(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own start."""
    return render(request, "home.html")
