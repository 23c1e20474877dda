"""Providers' calls go past what pages need, and to the views that their addresses name."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import resolve
from django.utils import translation

import campaigns.urls
from campaigns.providers import callers
from contacts.models import ContactPoint
from tests.families.conftest import answer_to, post_text


def test_every_webhook_takes_the_short_way_to_its_own_view() -> None:
    routes = {f"/{entry.pattern}" for entry in campaigns.urls.urlpatterns}
    assert {route for route in routes if route.startswith("/webhooks/")} == set(callers.VIEWS)
    for path, view in callers.VIEWS.items():
        assert resolve(path).func is view


@pytest.mark.parametrize("path", callers.VIEWS)
def test_what_nobody_vouches_for_is_refused_and_what_is_no_post(
    path: str,
) -> None:
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert Client().get(path).status_code == 405


def test_a_call_needs_no_session_and_hears_no_visitors_language(phone: ContactPoint) -> None:
    with translation.override("es"):
        answer = post_text("HELP", phone.address)
        assert not answer.cookies
        assert "Lincoln High School writes to you" in answer_to("HELP", phone.address)


@pytest.mark.parametrize("path", callers.VIEWS)
def test_calls_too_must_come_over_https(path: str, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().post(path).status_code == 301
