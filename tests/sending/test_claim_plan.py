"""The claim takes its batch from the front of an index, however many messages wait."""

from __future__ import annotations

import pytest
from django.db import connection

from campaigns.models import Message
from campaigns.sending import claim, expansion
from campaigns.sending.senders import lanes
from contacts.models import Channel


def test_a_batch_is_found_without_reading_or_sorting_all_that_waits(world):
    world.families(600)
    expansion.expand(world.launched().steps.get(), world.now)
    assert Message.objects.count() == 600
    [lane] = lanes(Channel.SMS, world.now)
    places = claim.Places(Channel.SMS)
    due = claim.due(Channel.SMS, world.now).filter(places.open_at(world.now), lane.messages)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_message")
    plan = due.order_by("not_before", "pk")[:50].explain()
    assert "outbox_pending" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own")
def test_postgresql_compiles_no_query(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
