"""A coordinator signs in with one click and reads a region, and finds no family."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from completion.intake import bring_in
from config.quickstart import figures, moments, people, places
from tests.journeys import hands
from tests.journeys.households import one_family

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def region(live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    when = moments.at(timezone.now())
    places.make(when.cycle)
    people.make()
    path = tmp_path_factory.mktemp("counts") / "completion.csv"
    figures.write(path, when.cycle, when.today, when.reminder.date())
    bring_in(path.name, path.read_bytes())
    return reverse("completion-region", args=[places.REGION])


def test_one_click_signs_the_demonstrations_coordinator_in(
    live_server: LiveServer, page: Page, region: str, settings: Any
) -> None:
    settings.DEMO = True
    page.goto(live_server.url + reverse("account_login"))
    page.locator(f"form[action='{reverse('demo-sign-in', args=['coordinator'])}'] button").click()
    page.goto(live_server.url + region)
    expect(page.locator("h1")).to_contain_text("Cascade Foothills")
    expect(page.locator(".banner")).to_contain_text("Made-up")


def test_a_region_shows_each_of_its_schools_and_a_chart(
    live_server: LiveServer, context: BrowserContext, page: Page, region: str
) -> None:
    hands.sign_in(context, live_server, people.make()["coordinator"])
    page.goto(live_server.url + region)
    for place in places.PLACES:
        for school in place.schools:
            expect(page.locator("main")).to_contain_text(school.name)
    assert page.locator("main svg[role=img]").count() >= 1


def test_a_coordinator_finds_no_family(
    live_server: LiveServer, context: BrowserContext, page: Page, region: str
) -> None:
    student = one_family(moments.at(timezone.now()))
    hands.sign_in(context, live_server, people.make()["coordinator"])
    named = ("contacts", "inbox", "outbox", "campaigns", "completion")
    for path in [region, *(reverse(name) for name in named)]:
        page.goto(live_server.url + path)
        assert student.last_name not in page.locator("body").inner_text()
    answer = page.goto(live_server.url + student.get_absolute_url())
    assert answer is not None
    assert answer.status in (403, 404)
