"""A family that asks for a part of the day is written to in it, and in lawful hours only."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from campaigns.family_pages import links
from campaigns.models import MessageState
from campaigns.sending import claim, waiting
from contacts.models import Channel, Contact, ContactPoint
from tests.campaigns.conftest import Town
from tests.families.conftest import write_to
from tests.sending.conftest import World

pytestmark = pytest.mark.django_db
PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def world(db: None) -> World:
    return World()


def at(hour: int, day: int = 17) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, 30, tzinfo=PACIFIC)


@pytest.mark.parametrize(
    ("hours", "reached"), [("", 9), ("morning", 9), ("afternoon", 13), ("evening", 18)]
)
def test_messages_wait_for_the_familys_part_of_the_day(
    world: World, hours: str, reached: int
) -> None:
    world.families(1)
    Contact.objects.update(hours=hours)
    world.now = at(9)
    world.launched()
    waited = 0
    for hour in (9, 13, 18):
        world.now = at(hour)
        world.tick()
        if not waiting.due(Channel.SMS, world.now).exists():
            break
        waited += 1
    assert (9, 13, 18)[waited] == reached


def test_other_families_do_not_wait(world: World) -> None:
    world.families(3)
    evening = Contact.objects.first()
    assert evening
    Contact.objects.filter(pk=evening.pk).update(hours="evening")
    world.now = at(9)
    world.launched()
    world.tick()
    still = waiting.due(Channel.SMS, world.now)
    assert [message.contact_point.contact for message in still] == [evening]


def test_a_wish_that_the_law_leaves_no_room_for_does_not_silence_the_family(world: World) -> None:
    world.families(1)
    Contact.objects.update(hours="evening")
    world.district.quiet_from = dt.time(16)  # this district never writes in the evening
    world.district.save()
    world.now = at(9)
    world.launched()
    world.tick()
    assert not waiting.due(Channel.SMS, world.now).exists()


def test_an_answer_to_a_family_does_not_wait(town: Town, phone: ContactPoint) -> None:
    Contact.objects.update(hours="evening")
    answer = write_to(phone, state=MessageState.PENDING)
    taken = claim.claim(Channel.SMS, limit=5, now=answer.not_before)
    assert [message.pk for message in taken.messages] == [answer.pk]


def test_the_choice_is_made_on_the_page_and_kept_from_imports(
    family: Contact, phone: ContactPoint
) -> None:
    page = f"/f/{links.make_token(write_to(phone), links.FAMILY)}/"
    Client().post(page, {"action": "settings", "hours": "evening", "language": "vi"})
    family.refresh_from_db()
    assert (family.hours, family.language) == ("evening", "vi")
    assert family.by_hand == ["hours", "language"]
    Client().post(page, {"action": "settings", "hours": "midnight"})
    family.refresh_from_db()
    assert family.hours == "evening"
