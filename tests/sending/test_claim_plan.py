"""The claim takes its batch from the front of an index, however many messages wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection

from campaigns import control
from campaigns.models import Campaign, Message, MessageState
from campaigns.sending import claim, expansion
from campaigns.sending.places import Places
from campaigns.sending.senders import lanes
from campaigns.sending.waiting import due
from contacts.models import Channel


def analyze() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_message, campaigns_campaign")


def work_of(do: Callable[[], object]) -> int:
    """How much the database did: rows that PostgreSQL read, or steps that SQLite took."""
    if connection.vendor == "postgresql":
        return _rows_read(do)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.connection.set_progress_handler(count, 10)
    do()
    connection.connection.set_progress_handler(None, 0)
    return steps


def _rows_read(do: Callable[[], object]) -> int:
    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int "
                "FROM pg_stat_xact_user_tables"
            )
            return int(cursor.fetchone()[0])

    before = read()
    do()
    return read() - before


def test_a_batch_is_found_without_reading_or_sorting_all_that_waits(world):
    world.families(600)
    expansion.expand(world.launched().steps.get(), world.now)
    assert Message.objects.count() == 600
    analyze()
    [lane] = lanes(Channel.SMS, world.now)
    [(campaign, in_open_places)] = Places(Channel.SMS).open_at(world.now, lane)
    here = due(Channel.SMS, world.now).filter(lane.messages, in_open_places, campaign=campaign)
    plan = here.order_by("campaign_id", "not_before", "pk")[:50].explain()
    assert "outbox_pending" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("stop", [control.pause, control.cancel])
def test_a_claim_costs_the_same_whatever_waits_of_a_stopped_campaign_before_it(
    world, no_preference_for_small_tables, stop
):
    world.families(300)
    before = world.launched()
    expansion.expand_due(world.now)
    stop(before, by=None, now=world.now)
    # As it is for a moment while a campaign is cancelled.
    Message.objects.filter(campaign=before).update(state=MessageState.PENDING)
    world.now += dt.timedelta(minutes=1)
    running = world.launched()
    expansion.expand_due(world.now)
    analyze()

    def take() -> None:
        taken = claim.claim(Channel.SMS, limit=5, now=world.now)
        assert {message.campaign_id for message in taken.messages} == {running.pk}

    with_them = work_of(take)
    Message.objects.filter(campaign=running).update(state=MessageState.PENDING)
    Message.objects.filter(campaign=before).delete()
    assert with_them < 1.05 * work_of(take) + 20


def test_campaigns_whose_places_are_closed_are_not_read_for_a_batch(world, db):
    world.families(3)
    world.launched()
    expansion.expand_due(world.now)
    [lane] = lanes(Channel.SMS, world.now)
    places = Places(Channel.SMS)
    assert len(list(places.open_at(world.now, lane))) == 1
    midnight = world.now + dt.timedelta(hours=12)
    assert not list(places.open_at(midnight, lane))


def test_a_pause_and_a_resume_hold_at_the_next_claim(world):
    world.families(30)
    campaign = world.launched()
    expansion.expand_due(world.now)
    places = Places(Channel.SMS)

    def claimed() -> int:
        return len(claim.claim(Channel.SMS, limit=10, now=world.now, places=places).messages)

    assert claimed() == 10
    control.pause(campaign, by=None, now=world.now)
    assert claimed() == 0
    control.resume(Campaign.objects.get(), by=None, now=world.now)
    assert claimed() == 10


def test_a_batch_is_filled_from_several_campaigns_the_longest_waiting_first(world):
    world.families(10)
    campaigns = []
    for _ in range(3):
        campaigns.append(world.launched().pk)
        expansion.expand_due(world.now)
        world.now += dt.timedelta(minutes=1)
    taken = claim.claim(Channel.SMS, limit=25, now=world.now).messages
    counts = [sum(m.campaign_id == campaign for m in taken) for campaign in campaigns]
    assert counts == [10, 10, 5]


def test_a_small_campaign_does_not_wait_until_a_large_one_has_sent_all(world):
    world.families(12)
    large = world.launched()
    expansion.expand_due(world.now)
    # One that may not go now: where it is night its campaign is still the longest waiting.
    held = Message.objects.filter(campaign=large).first()
    Message.objects.filter(pk=held.pk).update(time_zones="Asia/Tokyo")
    world.now += dt.timedelta(minutes=1)
    small = world.launched()
    expansion.expand_due(world.now)
    places = Places(Channel.SMS)
    turns = [
        {
            m.campaign_id
            for m in claim.claim(Channel.SMS, limit=2, now=world.now, places=places).messages
        }
        for _ in range(4)
    ]
    assert turns == [{large.pk}, {small.pk}, {large.pk}, {small.pk}]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own")
def test_postgresql_compiles_no_query(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
