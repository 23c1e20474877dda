"""A message's link is short and signed; who opens it is counted, and robots are no people."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from campaigns import progress
from campaigns.family_pages import links
from campaigns.models import Campaign, CampaignState, Click, Message
from contacts.models import ContactPoint
from tests.campaigns.conftest import Town
from tests.families.conftest import click, write_to

pytestmark = pytest.mark.django_db
APPLES_PREVIEW = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
    "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)


@pytest.fixture
def message(phone: ContactPoint, clock: time_machine.Traveller) -> Message:
    """A text of a minute ago."""
    sent = write_to(phone)
    clock.shift(dt.timedelta(minutes=1))
    return sent


@pytest.fixture
def email(mailbox: ContactPoint, clock: time_machine.Traveller) -> Message:
    sent = write_to(mailbox)
    clock.shift(dt.timedelta(minutes=1))
    return sent


def short(message: Message) -> str:
    return "/" + links.short_url(message).split("/", 3)[3]


def way_out(message: Message) -> str:
    return "/" + links.unsubscribe_url(message).split("/", 3)[3]


def people(message: Message) -> int:
    return Click.objects.filter(message=message).by_people().count()


def test_a_link_is_short_and_holds_nothing_of_the_family(message: Message) -> None:
    assert re.fullmatch(r"/l/[\w-]{16}", short(message))


def test_a_persons_visit_counts_and_leads_to_the_familys_page(message: Message) -> None:
    answer = click(short(message))
    assert answer.status_code == 302
    assert "Ana" in Client().get(answer["Location"]).content.decode()
    assert people(message) == 1


@pytest.mark.parametrize(
    "agent", [APPLES_PREVIEW, "WhatsApp/2.23.20.0", "Slackbot-LinkExpanding 1.0", "curl/8.4.0", ""]
)
def test_previews_and_robots_are_told_apart(message: Message, agent: str) -> None:
    click(short(message), agent=agent)
    assert people(message) == 0
    assert Click.objects.get().robot == Click.Robot.AGENT


def test_asking_for_headers_is_no_visit(message: Message) -> None:
    click(short(message), method="head")
    assert people(message) == 0


def test_a_page_fetched_ahead_is_no_visit(message: Message) -> None:
    click(short(message), **{"Sec-Purpose": "prefetch;prerender"})
    assert people(message) == 0


def test_within_seconds_of_delivery_nobody_has_read_it(
    message: Message, clock: time_machine.Traveller
) -> None:
    Message.objects.update(delivered_at=timezone.now())
    clock.shift(dt.timedelta(seconds=2))
    click(short(message))
    assert people(message) == 0
    clock.shift(dt.timedelta(seconds=30))
    click(short(message))
    assert people(message) == 1


def test_whoever_opens_every_link_at_once_is_a_scanner(
    email: Message, clock: time_machine.Traveller
) -> None:
    click(short(email))
    clock.shift(dt.timedelta(seconds=1))
    click(way_out(email))
    assert people(email) == 0
    clock.shift(dt.timedelta(hours=1))
    click(short(email))
    assert people(email) == 1


def test_a_family_that_reads_first_and_leaves_later_is_no_scanner(
    email: Message, clock: time_machine.Traveller
) -> None:
    click(short(email))
    clock.shift(dt.timedelta(minutes=1))
    click(way_out(email))
    assert people(email) == 2


def test_nothing_is_kept_of_the_visitor(message: Message) -> None:
    click(short(message))
    kept = {field.name for field in Click._meta.get_fields()}
    assert kept == {"id", "message", "link", "robot", "at"}


def test_a_forged_or_ended_link_opens_and_counts_nothing(message: Message) -> None:
    address = short(message)
    forged = address[:-1] + ("A" if address[-1] != "A" else "B")
    assert click(forged).status_code == 404
    Message.objects.update(created_at=timezone.now() - dt.timedelta(days=121))
    assert click(address).status_code == 404
    assert not Click.objects.exists()


def test_a_link_takes_no_post(message: Message) -> None:
    assert Client().post(short(message)).status_code == 405


def test_a_campaigns_page_counts_people_and_no_robots(
    town: Town, client: Client, phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    campaign = Campaign.objects.create(name="Reminder", district=town.district, cycle=town.cycle)
    campaign.schools.add(town.school)
    message = write_to(phone, campaign=campaign)
    clock.shift(dt.timedelta(minutes=5))
    click(short(message))
    click(short(message))
    click(short(message), agent=APPLES_PREVIEW)
    reached = progress.of(campaign, now=timezone.now())
    assert (reached.opened, reached.clicks) == (1, 2)
    client.force_login(town.counselor())
    Campaign.objects.update(state=CampaignState.RUNNING)
    page = client.get(campaign.get_absolute_url()).content.decode()
    assert "opened 2 times, from 1 of the messages" in page
