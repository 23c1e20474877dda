"""Which host serves what: staff sign in at the install's hosts, families also find theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotFound, HttpResponsePermanentRedirect
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from schools.models import WebAddress
from schools.web_addresses import is_of_staff

PROBES = ("/healthz", "/readyz", "/metrics")  # asked by address, and while the database is down
ASKED_AS = "aidbeacon.family_host"  # in request.META: the district's host that was asked
HSTS = "Strict-Transport-Security"

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def for_families(view: V) -> V:
    """Marks a view that the hosts of districts serve; they serve no other."""
    view.for_families = True  # type: ignore[attr-defined]
    return view


def proves_a_host(view: V) -> V:
    """Marks the view that a host serves as well before it is proved, and then alone."""
    view.proves_a_host = True  # type: ignore[attr-defined]
    return for_families(view)


class FamilyHosts:
    """Middleware that lets a district's host in for its families' pages, and for nothing else.

    1. A host that the operator named (ALLOWED_HOSTS) is the staff's: it passes unlooked at. 2. One
    that a district entered serves the views marked for families and static files once it is proved,
    and for good, because links that were sent name it; before that its proof alone, because none
    does. The rest of the house sees it as the install's own, so no page, cookie or trusted origin
    is ever made from what a visitor's Host header says. Browsers keep to https there, but not below
    it: what else a district has under that name is its own. 3. Any other is left to Django, which
    refuses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
        request.META.pop(ASKED_AS, None)
        if not host or request.path_info in PROBES or is_of_staff(host):
            return self.get_response(request)
        address = WebAddress.objects.filter(host=host).first()
        if address is None:
            return self.get_response(request)
        if not _is_served(
            request.path_info, "for_families" if address.proved_at else "proves_a_host"
        ):
            return HttpResponseNotFound("404", content_type="text/plain")
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return HttpResponsePermanentRedirect(f"https://{host}{request.get_full_path()}")
        request.META[ASKED_AS] = host
        request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_URL).netloc
        answer = self.get_response(request)
        if HSTS in answer:
            answer[HSTS] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return answer


def _is_served(path: str, mark: str) -> bool:
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        return getattr(resolve(path).func, mark, False)
    except Resolver404:
        return False
