"""Bringing a completion file in."""

from django.http import HttpRequest, HttpResponse


def new(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")
