"""Providers' calls on a short way: they have no session, no language and no page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from campaigns.providers import webhooks
from campaigns.views import inbound

VIEWS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "/webhooks/twilio/status/": webhooks.twilio_status,
    "/webhooks/twilio/inbound/": inbound.twilio,
    "/webhooks/sendgrid/events/": webhooks.sendgrid_events,
    "/webhooks/sendgrid/inbound/": inbound.sendgrid,
}


class ShortWay:
    """Middleware that hands a provider's call to its view past all that stands behind it.

    What it passes by (sessions, sign-in, CSRF, the visitor's language, headers of pages) says
    nothing of such a call: a signature or a secret in the address vouches for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = VIEWS.get(request.path_info)
        if view is None:
            return self.get_response(request)
        translation.deactivate()  # the last visitor's language on this thread
        return view(request)
