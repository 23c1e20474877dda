"""Every component on one page, for those who build pages (DEBUG only)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.templatetags.ui import STATUSES


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """The living style guide."""
    return render(
        request,
        "styleguide.html",
        {
            "tones": ["info", "ok", "warning", "danger"],
            "statuses": [(kind, list(looks)) for kind, (_choices, looks) in STATUSES.items()],
        },
    )
