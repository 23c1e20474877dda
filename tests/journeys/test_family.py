"""A family opens its link, says that it is done, asks, and stops."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from campaigns import control, links, packs, tick
from campaigns.models import Message, MessageState, Reply
from config.quickstart import moments, people, places
from contacts.models import Student, Suppression
from tests.journeys.households import one_family

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def a_text_to_it(student: Student, when: moments.Moments) -> Message:
    """The text that a launched campaign sent."""
    noon = when.now.astimezone(moments.ZONE).replace(hour=12) - dt.timedelta(days=1)
    campaign = packs.adopt(
        packs.find("form-opens"),
        district=student.district,
        schools=[student.school],
        cycle=when.cycle,
        by=None,
        now=noon,
    )
    control.launch(campaign, by=people.make()["counselor"], now=noon)
    tick.run(noon, until_idle=True)
    return Message.objects.get(state__in=[MessageState.SENT, MessageState.DELIVERED])


@pytest.fixture
def message(live_server: LiveServer) -> Message:
    when = moments.at(timezone.now())
    places.make(when.cycle)
    return a_text_to_it(one_family(when), when)


def open_link(page: Page, live_server: LiveServer, message: Message) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(live_server.url + "/" + links.family_url(message).split("/", 3)[3])


def press(page: Page, name: str) -> None:
    """Presses a form's button by the name or value that the server hears."""
    page.locator(f"form button[value={name}], form[action*={name}] button").first.click()
    page.wait_for_load_state()


def test_the_page_speaks_the_familys_language(
    live_server: LiveServer, page: Page, message: Message
) -> None:
    open_link(page, live_server, message)
    assert page.locator("html").get_attribute("lang") == "es"
    assert "Ana" in page.locator("body").inner_text()


def test_a_family_that_says_done_is_believed(
    live_server: LiveServer, page: Page, message: Message
) -> None:
    open_link(page, live_server, message)
    press(page, "done")
    assert Reply.objects.get().meaning == Reply.Meaning.DONE
    assert Student.objects.get().aid_status != "not_started"


def test_a_family_that_stops_is_suppressed_at_once(
    live_server: LiveServer, page: Page, message: Message
) -> None:
    open_link(page, live_server, message)
    press(page, "stop")
    assert Suppression.objects.active().filter(address_index=message.address_index).exists()
