"""A text that was accepted and not delivered: what its code means for it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest

from campaigns.inbox import inbound
from campaigns.models import Message, MessageState
from campaigns.sending import errors
from contacts.models import ContactPoint


@pytest.fixture
def tell(client, providers):
    def told(text, status: str, code: str = "") -> None:
        path, form, signature = providers.status_callback(text, status, code=code)
        answer = client.post(
            path,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        assert answer.status_code < 300

    return told


def test_a_phone_that_is_off_is_tried_again_later_and_not_for_ever(
    world, providers, tell, settings
):
    import time_machine

    world.families(1)
    world.launched()
    for attempt in range(1, 6):
        with time_machine.travel(world.now, tick=False):
            world.tick()
            if len(providers.journal.texts) == attempt:
                tell(providers.journal.texts[-1], "undelivered", "30003")
        world.tick(minutes=23 * 60)
    assert len(providers.journal.texts) == errors.UNDELIVERED_TRIES
    message = Message.objects.get()
    assert (message.state, message.reason) == (MessageState.FAILED, "30003")


def test_what_may_have_arrived_is_never_sent_again(world, providers, tell):
    world.families(1)
    world.launched()
    world.tick()
    tell(providers.journal.texts[0], "undelivered", "30008")
    assert Message.objects.get().state == MessageState.FAILED


def test_late_word_of_the_first_text_does_not_touch_the_second(world, providers, tell):
    import time_machine

    world.families(1)
    world.launched()
    with time_machine.travel(world.now, tick=False):
        world.tick()
        first = providers.journal.texts[0]
        tell(first, "undelivered", "30017")
        tell(first, "sent")  # overtaken on its way
    assert Message.objects.get().state == MessageState.PENDING
    world.tick(minutes=60)
    second = providers.journal.texts[1]
    message = Message.objects.get()
    assert (message.state, message.provider_id) == (MessageState.SENT, second["sid"])


def test_an_unreachable_landline_is_marked_as_one(world, providers, tell):
    world.families(1)
    world.launched()
    world.tick()
    tell(providers.journal.texts[0], "undelivered", "30006")
    point = ContactPoint.objects.get()
    assert (point.unusable, point.line) == ("30006", ContactPoint.Line.LANDLINE)


def test_every_row_of_the_table_says_where_it_is_written():
    for code, meaning in errors.TABLE.items():
        assert meaning.source, code
        assert meaning.kind != errors.Kind.OURS or str(meaning.mend), code


def test_a_text_that_the_provider_still_holds_when_the_hours_end_goes_the_next_morning(
    world, providers, tell
):
    import time_machine

    world.families(1)
    world.now = world.now.replace(hour=19, minute=50)
    world.launched()
    with time_machine.travel(world.now, tick=False):
        world.tick()
        [text] = providers.journal.texts
        assert 590 <= int(text["validity"]) <= 600
        tell(text, "undelivered", "30036")
    world.tick(minutes=120)
    assert len(providers.journal.texts) == 1
    world.tick(minutes=11 * 60)
    assert len(providers.journal.texts) == 2
    assert Message.objects.get().state == MessageState.SENT


def test_nothing_is_handed_over_in_the_last_seconds_of_the_hours(world, providers):
    world.families(1)
    world.now = world.now.replace(hour=19, minute=59, second=57)
    world.launched()
    world.tick(until_idle=False)
    assert not providers.journal.texts
    world.tick(minutes=12 * 60 + 10)
    assert len(providers.journal.texts) == 1


def test_a_districts_own_end_of_the_day_binds_the_provider_too(world, providers):
    world.district.quiet_from = dt.time(18)
    world.district.save()
    world.families(1)
    world.now = world.now.replace(hour=17, minute=50)
    world.launched()
    world.tick()
    assert 590 <= int(providers.journal.texts[0]["validity"]) <= 600


def test_an_answer_to_a_family_has_no_such_end(world, providers):
    world.now = world.now.replace(hour=19, minute=59, second=57)
    inbound.keep("sms", "SI1", inbound.Said("+13605550199", "HELP"), now=world.now)
    world.tick()
    assert [text["validity"] for text in providers.journal.texts] == [""]
