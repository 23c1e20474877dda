"""A counselor imports the senior class, launches a reminder and sees it delivered."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign, Message, MessageState
from campaigns.sending import tick
from config.quickstart import moments, people, places
from contacts.models import Student
from tests.journeys import hands

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def counselor(live_server: LiveServer, context: BrowserContext) -> None:
    places.make(moments.at(timezone.now()).cycle)
    hands.sign_in(context, live_server, people.make()["counselor"])


def import_families(page: Page, live_server: LiveServer, families: Path) -> None:
    page.goto(live_server.url + reverse("contact-import-new"))
    page.locator("input[type=file]").set_input_files(families)
    page.locator("main form button").last.click()  # read the file
    for _step in range(3):  # confirm the columns, look at the preview, import
        if Student.objects.exists():
            break
        page.locator("main button.button--primary").first.click()
        page.wait_for_load_state()


@pytest.mark.usefixtures("counselor")
def test_a_counselor_imports_families_and_launches_a_reminder(
    live_server: LiveServer, page: Page, families_file: Path
) -> None:
    import_families(page, live_server, families_file)
    assert Student.objects.count() == 3

    page.goto(live_server.url + reverse("campaign-new"))
    page.get_by_label(re.compile("The forms are open")).check()
    page.locator("input[name=name]").fill("Start tonight")
    page.get_by_role("button", name="Next: who").click()
    page.get_by_role("button", name="Next: words").click()
    page.get_by_role("button", name="Next: when").click()
    page.get_by_role("button", name="Next: review").click()
    expect(page.get_by_role("heading", name="Before it can be launched")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Launch")).click()
    page.wait_for_load_state()

    campaign = Campaign.objects.get()
    assert page.url.endswith(campaign.get_absolute_url())
    now = timezone.now()
    tick.run(now, until_idle=True)
    # Whatever waited for a lawful hour goes out within a day.
    for hours in range(1, 25):
        tick.run(now + dt.timedelta(hours=hours), until_idle=True)
    assert not Message.objects.filter(state=MessageState.PENDING).exists()
    sent = Message.objects.filter(state__in=[MessageState.SENT, MessageState.DELIVERED])
    assert {message.language for message in sent} >= {"en", "es"}

    page.goto(live_server.url + reverse("outbox"))
    expect(page.locator("main")).to_contain_text("Ana")
