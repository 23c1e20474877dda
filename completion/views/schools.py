"""A school's page."""

from django.http import HttpRequest, HttpResponse


def show(request: HttpRequest, nces_id: str) -> HttpResponse:
    return HttpResponse("")


def enrolment(request: HttpRequest, nces_id: str) -> HttpResponse:
    return HttpResponse("")
