"""A tick hears families before it writes to them, and answers them before anybody else."""

from __future__ import annotations

import itertools
import threading

import pytest
from django.db import connection

from campaigns.inbox import inbound
from campaigns.inbox.inbound import Said
from campaigns.models import Inbound, Message, MessageState, Reply, SenderDay
from campaigns.sending import claim, daily_caps, expansion, senders
from contacts.models import Channel, ContactPoint
from tests.sending.conftest import World

_sids = itertools.count(1)


def comes(world, number: str, words: str) -> None:
    inbound.keep(Channel.SMS, f"SI{next(_sids)}", Said(number, words), now=world.now)


def numbers() -> list[str]:
    return [point.address for point in ContactPoint.objects.order_by("created_at", "pk")]


def test_a_stop_before_the_tick_is_obeyed_by_it_and_confirmed_once(world, providers):
    world.families(3)
    world.launched()
    silent = numbers()[0]
    comes(world, silent, "STOP")
    report = world.tick()
    assert (report.taken_in, report.sent) == (1, 3)
    [confirmation] = providers.journal.texts_to[silent]
    assert "you will get no more texts" in confirmation["body"]
    world.tick(minutes=1)
    assert len(providers.journal.texts) == 3


def test_a_number_on_no_record_is_answered_too(world, providers):
    comes(world, "+13605550199", "HELP")
    comes(world, "+13605550198", "STOP")
    world.tick()
    assert providers.journal.texts_by_number == {"+13605550199": 1, "+13605550198": 1}
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}


def test_an_answer_whose_fate_is_lost_is_not_sent_twice(world, providers):
    providers.journal.text_faults.append("cut_after")
    comes(world, "+13605550199", "STOP")
    for _ in range(4):
        world.tick(minutes=2)
    assert providers.journal.texts_by_number == {"+13605550199": 1}
    assert Message.objects.get().state == MessageState.SENT


def test_an_answer_does_not_wait_behind_a_campaign(world, providers):
    world.families(5)
    world.launched()
    comes(world, numbers()[4], "HELP")
    inbound.take_in(world.now)
    world.tick()
    bodies = [text["body"] for text in providers.journal.texts]
    assert "writes to you about financial aid" in bodies[0]
    assert len(bodies) == 6


def test_answers_go_out_when_the_carriers_day_is_full(world, providers, settings):
    settings.TWILIO_DAILY_CAP = 10
    SenderDay.objects.create(
        capped_as=settings.TWILIO_FROM, day=daily_caps.today(world.now), segments=10
    )
    world.families(2)
    world.launched()
    comes(world, numbers()[0], "HELP")
    world.tick()
    assert list(providers.journal.texts_by_number) == [numbers()[0]]
    assert len(senders.lanes(Channel.SMS, world.now)) == 1
    assert daily_caps.used([settings.TWILIO_FROM], world.now)[settings.TWILIO_FROM] > 10


def test_answers_count_towards_the_day(world, providers, settings):
    settings.TWILIO_DAILY_CAP = 1_000
    comes(world, "+13605550199", "HELP")
    world.tick()
    used = daily_caps.used([settings.TWILIO_FROM], world.now)
    assert used == {settings.TWILIO_FROM: Message.objects.get().segments}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_take_in_once_and_claim_nothing_unheard():
    world = World()
    world.families(40)
    world.launched()
    expansion.expand_due(world.now)
    every = numbers()
    wrong: list[str] = []
    done = threading.Event()
    said: set[str] = set()

    def webhooks() -> None:
        for number in every[:30]:
            comes(world, number, "done")
            comes(world, number, "STOP")
            said.add(number)
        done.set()
        connection.close()

    def work() -> None:
        while not done.is_set() or Inbound.objects.exists():
            inbound.take_in(world.now, most=3)
            stopped = set(said)
            for message in claim.claim(Channel.SMS, limit=5, now=world.now).messages:
                confirms = message.answers and message.answers.meaning in ("stop", "done")
                if message.contact_point.address in stopped and not confirms:
                    wrong.append(message.contact_point.address)
        connection.close()

    threads = [threading.Thread(target=job) for job in (webhooks, work, work, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong
    assert Reply.objects.count() == 60
    assert Message.objects.filter(answers__meaning="stop").count() == 30
    # In the order in which they came: after its STOP nobody was told that "done" was noted.
    assert not Message.objects.filter(answers__meaning="done", state=MessageState.PENDING).exists()
