"""An e-mail in a text's place costs what the failed texts are, not what the audience is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from campaigns import control
from campaigns.models import Message, MessageState, Step
from campaigns.sending import expansion, mail_instead
from contacts.models import AidStatus, Channel, ContactPoint, Student
from tests.sending.test_claim_plan import work_of

SMS_FIRST = Step.Channels.SMS_FIRST


def know_the_tables() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def fails(step: Step, count: int = 1) -> None:
    """So many of a step's numbers turn out to be landlines."""
    texts = Message.objects.filter(step=step, channel=Channel.SMS).order_by("pk")[:count]
    for text in texts:
        Message.objects.filter(pk=text.pk).update(state=MessageState.FAILED, reason="21614")
        ContactPoint.objects.filter(pk=text.contact_point_id).update(unusable="21614")


def test_one_landline_costs_the_same_however_many_families_there_are(
    world, no_preference_for_small_tables
):
    def look() -> None:
        assert expansion.expand_due(world.now) == 1

    cost = []
    for families in (60, 1140):
        world.families(families, email=True)
        world.now += dt.timedelta(minutes=1)
        step = world.launched(SMS_FIRST).steps.get()
        expansion.expand(step, world.now)
        fails(step)
        know_the_tables()
        cost.append(work_of(look))
    assert cost[1] < 2 * cost[0] + 200


def test_failed_texts_are_found_without_reading_the_others(world):
    world.families(600, email=True)
    step = world.launched(SMS_FIRST).steps.get()
    expansion.expand(step, world.now)
    fails(step, 2)
    know_the_tables()
    assert "outbox_not_followed" in mail_instead.not_followed().explain()
    assert {s: len(texts) for s, texts in mail_instead.due(world.now).items()} == {step: 2}


@pytest.mark.parametrize("why", ["mailed", "unsubscribed", "completed", "texts_only", "too_late"])
def test_each_is_looked_at_once(world, why):
    world.families(2, email=True)
    step = world.launched(Step.Channels.SMS if why == "texts_only" else SMS_FIRST).steps.get()
    expansion.expand(step, world.now)
    fails(step)
    if why == "unsubscribed":
        world.unsubscribes_everyone()
    elif why == "completed":
        Student.objects.update(aid_status=AidStatus.COMPLETED)
    elif why == "too_late":
        Message.objects.update(expires_at=world.now)
    assert expansion.expand_due(world.now) == (why == "mailed")
    assert not mail_instead.not_followed().exists()


def test_of_many_the_rest_is_looked_at_by_the_next_tick(world, monkeypatch):
    monkeypatch.setattr(mail_instead, "AT_ONCE", 2)
    world.families(5, email=True)
    step = world.launched(SMS_FIRST).steps.get()
    expansion.expand(step, world.now)
    fails(step, 5)
    assert [expansion.expand_due(world.now) for _ in range(4)] == [2, 2, 1, 0]


def test_those_of_a_paused_campaign_wait_for_it(world):
    world.families(1, email=True)
    campaign = world.launched(SMS_FIRST)
    expansion.expand(campaign.steps.get(), world.now)
    fails(campaign.steps.get())
    control.pause(campaign, by=None, now=world.now)
    assert expansion.expand_due(world.now) == 0
    campaign.refresh_from_db()
    control.resume(campaign, by=None, now=world.now)
    assert expansion.expand_due(world.now) == 1
