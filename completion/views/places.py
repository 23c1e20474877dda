"""Pages of states, regions and districts."""

from django.http import HttpRequest, HttpResponse


def overview(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def state(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse("")


def region(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse("")


def district(request: HttpRequest, nces_id: str) -> HttpResponse:
    return HttpResponse("")
