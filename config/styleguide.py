"""Every component on one page, for those who build pages (DEBUG only)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show(request: HttpRequest) -> HttpResponse:
    """The living style guide."""
    return render(request, "styleguide.html")
