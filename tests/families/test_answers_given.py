"""What families were answered before automatic answers went through the outbox is still shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from campaigns.models import Message, MessageState, Reply
from contacts.crypto import seal
from contacts.models import Channel
from tests.campaigns.conftest import Town
from tests.families.test_conversations import as_

BEFORE, AFTER = (
    ("campaigns", "0011_changes_asked_of_approved_words"),
    ("campaigns", "0012_inbound"),
)


def migrate_to(*targets: tuple[str, str]) -> Any:
    """Moves the test database there; the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def _newest_again(transactional_db: None) -> Iterator[None]:
    yield
    migrate_to(*MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.mark.usefixtures("_newest_again")
def test_an_answer_that_was_given_at_once_is_kept_as_a_message() -> None:
    town = Town()
    family = town.family("Ana", phone="+13605550111")
    point, now = family.points.get(channel=Channel.SMS), timezone.now()
    of_then = migrate_to(BEFORE).get_model("campaigns", "Reply")
    for contact, sender, words in (
        (family.pk, "", "Lincoln High School: you will get no more texts."),
        (None, "+13605550199", "Aidbeacon: you will get no more texts."),
        (family.pk, "", ""),
    ):
        reply = of_then(
            contact_id=contact, contact_point_id=contact and point.pk, channel="sms",
            meaning="stop", received_at=now,
        )  # fmt: skip
        for column, text in (("sender_sealed", sender), ("answered_sealed", words)):
            if text:
                setattr(reply, column, seal(text, f"campaigns_reply.{column}.{reply.pk}"))
        reply.save()
    migrate_to(AFTER)
    migrate_to(*MigrationExecutor(connection).loader.graph.leaf_nodes())

    told, stranger = Message.objects.order_by("contact_point_id", "pk").exclude(answers=None)
    if told.contact_point_id is None:  # databases sort what is empty to either end
        told, stranger = stranger, told
    assert told.body == "Lincoln High School: you will get no more texts."
    assert (told.state, told.sent_at, told.created_at) == (MessageState.SENT, now, now)
    assert (told.contact_point, told.school, told.answers.contact) == (point, town.school, family)
    assert told.address_index == point.address_index
    assert stranger.body.startswith("Aidbeacon")
    assert stranger.address_index not in ("", point.address_index)
    assert Reply.objects.count() == 3
    page = as_(town.counselor()).get(f"/inbox/{family.pk}/").content.decode()
    assert "you will get no more texts." in page
