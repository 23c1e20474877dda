"""What people on no record wrote is kept for a while, and no longer."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from campaigns import tasks
from campaigns.inbox import inbound, strangers
from campaigns.models import Inbound, Reply
from contacts import consent
from contacts.crypto import blind_index
from contacts.models import Channel, ContactPoint, Suppression
from schools import nights
from tests.campaigns.conftest import Town
from tests.families.conftest import post_text, text_in
from tests.families.test_conversations import an_administrator, as_

pytestmark = pytest.mark.django_db
NUMBER, STRANGER = "+13605550111", "+13605550199"


def put_aside() -> None:
    Inbound.objects.update(set_aside_at=timezone.now(), tries=inbound.TRIES)


def is_silent(number: str) -> bool:
    index = blind_index(Channel.SMS, number)
    return Suppression.objects.active().filter(address_index=index).exists()


def test_a_strangers_words_go_after_their_term_and_a_familys_stay(
    phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    text_in("When is it due?", NUMBER)
    text_in("Who is this?", STRANGER)
    post_text("And when does it open?", NUMBER)
    post_text("I have the wrong number", STRANGER)
    put_aside()
    clock.shift(strangers.KEPT - dt.timedelta(minutes=1))
    assert tasks.forget_strangers() == 0
    clock.shift(dt.timedelta(minutes=2))
    assert tasks.forget_strangers() == 2
    assert Reply.objects.get().contact == phone.contact
    assert Inbound.objects.get().address_index == phone.address_index


@pytest.mark.parametrize("words", ["STOP", "please leave me alone", "can we stop this?"])
@pytest.mark.parametrize("set_aside", [True, False])
def test_a_strangers_wish_to_hear_no_more_outlasts_their_words(
    town: Town, clock: time_machine.Traveller, words: str, set_aside: bool
) -> None:
    if set_aside:
        post_text(words, STRANGER)
        put_aside()
    else:
        text_in(words, STRANGER)
    clock.shift(strangers.KEPT + dt.timedelta(minutes=1))
    tasks.forget_strangers()
    assert is_silent(STRANGER)
    assert not Reply.objects.exists()
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("STOP", "could not be taken in"),
        ("can we stop this?", "could not be taken in"),
        ("can we stop this?", "nobody confirmed it"),
        ("can we stop this?", "and is a family now"),
    ],
)
def test_a_start_outlasts_what_a_stranger_had_said_before_it(
    phone: ContactPoint, clock: time_machine.Traveller, words: str, told: str
) -> None:
    if told == "could not be taken in":
        post_text(words, STRANGER)
        put_aside()
    else:
        text_in(words, STRANGER)
    clock.shift(dt.timedelta(days=10))
    if told == "and is a family now":
        point = ContactPoint(contact=phone.contact, channel=Channel.SMS, consent="implied")
        point.address = STRANGER
        point.save()
    text_in("START", STRANGER)
    clock.shift(strangers.KEPT - dt.timedelta(days=5))
    assert tasks.forget_strangers() == 1
    assert not is_silent(STRANGER)
    assert not ContactPoint.objects.filter(consent="withdrawn").exists()


def test_a_number_that_a_school_enters_later_takes_nobodys_wish_back(
    phone: ContactPoint, clock: time_machine.Traveller
) -> None:
    text_in("can we stop this?", STRANGER)
    clock.shift(dt.timedelta(days=10))
    index = blind_index(Channel.SMS, STRANGER)
    consent.give(Channel.SMS, index, basis="enrolment form", at=timezone.now(), explicit=False)
    clock.shift(strangers.KEPT)
    tasks.forget_strangers()
    assert is_silent(STRANGER)


def test_what_has_not_been_tried_yet_is_not_forgotten(
    town: Town, clock: time_machine.Traveller
) -> None:
    post_text("STOP", STRANGER)  # while no worker ran for months
    clock.shift(strangers.KEPT + dt.timedelta(minutes=1))
    assert tasks.forget_strangers() == 0
    inbound.take_in(timezone.now())
    assert is_silent(STRANGER)


def test_the_term_stands_on_both_pages_and_ends_by_itself_at_night(town: Town) -> None:
    client = as_(an_administrator(town))
    for page in ("inbox-strangers", "inbox-set-aside"):
        assert (
            f"deleted {strangers.KEPT.days} days after it came"
            in client.get(reverse(page)).content.decode()
        )
    assert "campaigns.tasks.forget_strangers" in {job.task for job in nights.jobs()}
