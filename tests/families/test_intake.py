"""Callbacks in any order, any number of times, leave a message where the furthest of them says."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Event, Message, MessageState
from campaigns.providers import intake
from campaigns.providers.intake import Told
from campaigns.providers.webhooks import TWILIO_STATES
from contacts.models import ContactPoint
from tests.families.conftest import write_to

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 17, 18, 0, tzinfo=dt.UTC)
OF_A_TEXT = ["accepted", "queued", "sending", "sent", "delivered"]


def told(message: Message, kind: str, *, sid: str = "SM1", number: str = "") -> Told:
    return Told(
        provider="twilio",
        event_id=f"{sid}:{kind}",
        message=number or str(message.pk),
        provider_id=sid,
        kind=kind,
        code="",
        at=NOW,
        to=TWILIO_STATES.get(kind),
    )


def take(*events: Told) -> list[intake.About]:
    with transaction.atomic():
        return intake.keep(intake.find(events))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    order=st.permutations(OF_A_TEXT * 2),
    batch=st.integers(min_value=1, max_value=10),
)
def test_any_order_and_repetition_ends_the_same(
    phone: ContactPoint, order: list[str], batch: int
) -> None:
    message = write_to(phone, state=MessageState.CLAIMED)
    sid = f"SM{message.pk}"
    for start in range(0, len(order), batch):
        take(*(told(message, kind, sid=sid) for kind in order[start : start + batch]))
    message.refresh_from_db()
    assert (message.state, message.provider_id) == (MessageState.DELIVERED, sid)
    assert message.delivered_at == NOW
    assert message.events.count() == len(OF_A_TEXT)


def test_what_is_told_again_is_not_new(phone: ContactPoint) -> None:
    message = write_to(phone)
    assert len(take(told(message, "delivered"), told(message, "delivered"))) == 1
    assert take(told(message, "delivered")) == []


def test_a_callback_for_another_text_moves_nothing(phone: ContactPoint) -> None:
    message = write_to(phone, provider_id="SMmine")
    take(told(message, "delivered", sid="SMother"))
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert Event.objects.get().message is None


def test_a_message_is_found_by_the_providers_id_where_our_number_is_missing(
    phone: ContactPoint,
) -> None:
    message = write_to(phone, provider_id="SMmine")
    for number in ("", "x", "²", "9" * 40):
        take(told(message, "delivered", sid="SMmine", number=number or " "))
    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED


def test_a_message_that_never_left_is_not_moved(phone: ContactPoint) -> None:
    message = write_to(phone, state=MessageState.CANCELLED)
    take(told(message, "delivered"))
    message.refresh_from_db()
    assert (message.state, message.sent_at) == (MessageState.CANCELLED, None)
