"""A family opens its link, says that it is done, asks, and stops."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns import control, packs
from campaigns.family_pages import links
from campaigns.models import Campaign, CampaignState, Message, MessageState, Reply
from campaigns.sending import tick
from config.quickstart import moments, people, places
from contacts import consent
from contacts.models import Channel, Contact, ContactPoint, Student, Suppression
from tests.journeys import hands
from tests.journeys.households import another_family, one_family

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def noon_of(when: moments.Moments) -> dt.datetime:
    """Yesterday's: a lawful hour."""
    return when.now.astimezone(moments.ZONE).replace(hour=12) - dt.timedelta(days=1)


def a_text_to_it(student: Student, when: moments.Moments) -> Message:
    """The text that a launched campaign sent."""
    noon = noon_of(when)
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
    sent = Message.objects.filter(state__in=[MessageState.SENT, MessageState.DELIVERED])
    return sent.get(channel=Channel.SMS)


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


def test_from_a_text_in_spanish_to_done_and_the_next_step_leaves_the_family_out(
    live_server: LiveServer, page: Page, context: BrowserContext, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    when = moments.at(timezone.now())
    places.make(when.cycle)
    student = one_family(when)
    mailbox = ContactPoint(contact=Contact.objects.get(), channel=Channel.EMAIL)
    mailbox.set_address("m.flores@example.org")
    mailbox.save()
    text = a_text_to_it(student, when)
    campaign = text.campaign
    assert campaign is not None

    # The text, in Spanish, with one short link, which the family opens on its phone.
    link = re.search(r"https?://\S+/l/[\w-]+", text.body)
    assert link and text.language == "es"
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(link[0])
    assert page.locator("html").get_attribute("lang") == "es"
    assert hands.grave_faults(page) == []
    expect(page.locator("body")).to_contain_text("Ana")

    # From now on by e-mail.
    page.get_by_text("Cómo le escribimos").click()
    page.get_by_label("Correo electrónico", exact=True).check()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("status")).to_contain_text("Guardado")
    channels = {point.channel for point in consent.allowed(ContactPoint.objects.all())}
    assert channels == {Channel.EMAIL}

    # Done.
    page.get_by_role("button", name="Ya terminamos").click()
    expect(page.get_by_role("status")).to_contain_text("Gracias")

    # The counselor sees it.
    hands.sign_in(context, live_server, people.make()["counselor"])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(live_server.url + reverse("inbox") + "?show=all")
    expect(page.locator("main")).to_contain_text("Marisol")
    expect(page.locator("main")).to_contain_text("Finished the form")
    page.goto(live_server.url + student.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Submitted")

    # The next step speaks to those who have not filed: to another family, and not to this one.
    other = another_family(student)
    step = campaign.steps.order_by("-position").first()
    assert step is not None
    texts = list(step.texts.all())
    step.pk, step.position, step.expanded_at = None, step.position + 1, None
    step.due_at = noon_of(when) + dt.timedelta(days=1)
    step.save()
    for each in texts:
        each.pk, each.step = None, step
        each.save()
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.RUNNING, finished_at=None)
    tick.run(step.due_at, until_idle=True)
    step.refresh_from_db()
    assert step.expanded_at is not None
    sent = Message.objects.filter(step=step)
    assert {message.contact_point for message in sent} == {other}
    assert sent.get().state in {MessageState.SENT, MessageState.DELIVERED}


def test_a_family_gives_its_new_mailbox_and_the_mailbox_says_yes(
    live_server: LiveServer, page: Page, context: BrowserContext, settings: Any, message: Message
) -> None:
    settings.PUBLIC_URL = live_server.url
    open_link(page, live_server, message)
    page.get_by_text("Agregar un correo electrónico").click()
    assert hands.grave_faults(page) == []
    page.get_by_label("Dirección de correo electrónico").fill("m.flores@example.org")
    press(page, "mailbox")
    expect(page.get_by_role("status")).to_contain_text("enlace")
    tick.run(timezone.now(), until_idle=True)
    sent = Message.objects.get(answers__meaning=Reply.Meaning.MAILBOX)
    link = re.search(r"https?://\S+/e/\S+", sent.body)
    assert link
    page.goto(link[0])
    assert hands.grave_faults(page) == []
    assert not ContactPoint.objects.filter(channel=Channel.EMAIL).exists()
    press(page, "yes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gracias")
    assert consent.allowed(ContactPoint.objects.filter(channel=Channel.EMAIL)).count() == 1
