"""Aidbeacon's own server with one bare view beside its pages, for the webhooks' part."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.wsgi import application

__all__ = ["application"]


@csrf_exempt
@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """Reads what was posted and does nothing with it."""
    _read = request.POST or request.body
    return HttpResponse(status=204)


import_module(settings.ROOT_URLCONF).urlpatterns.append(path("bare/", bare))
