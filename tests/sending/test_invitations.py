"""A district that wants an opt-in: each number is asked once, ever, and only a yes opens it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from campaigns import control, packs, readiness
from campaigns.inbox import replies
from campaigns.models import Message, MessageState, Reply
from campaigns.targeting.reach import reach_of
from contacts import consent
from contacts.models import Channel, Consent, ConsentEntry, ContactPoint
from tests.sending.conftest import World


@pytest.fixture
def asking(world: World) -> World:
    """A district that needs an opt-in, and three families."""
    world.district.sms_needs_opt_in = True
    world.district.save()
    world.families(3)
    return world


def invite(world: World, **more: object):
    campaign = packs.adopt(
        packs.find("may-we-text"),
        district=world.district,
        schools=[world.school],
        cycle=world.cycle,
        by=None,
        now=world.now,
    )
    control.launch(campaign, by=None, now=world.now)
    world.tick()
    return campaign


def say(point: ContactPoint, words: str, *, now: dt.datetime) -> Reply:
    _point, last = replies.find_point(Channel.SMS, point.address)
    return replies.receive(point, words, now=now, to_message=last, answers=True)


def first_point() -> ContactPoint:
    return ContactPoint.objects.select_related("contact").order_by("created_at", "pk")[0]


def test_everyone_who_has_not_opted_in_is_asked_once_and_never_again(asking, providers):
    invite(asking)
    asking.now += dt.timedelta(days=40)
    invite(asking)
    counts = providers.journal.texts_by_number
    assert len(counts) == 3
    assert set(counts.values()) == {1}
    body = Message.objects.first().body
    assert body.startswith("Lincoln High: may we text you about financial aid for Ana?")
    assert body.count("STOP") == 1


def test_an_ordinary_campaign_writes_to_none_of_them(asking, providers):
    asking.launched()
    asking.tick()
    assert not providers.journal.texts


@pytest.mark.parametrize("word", ["YES", "yes.", "Sí", "si", "Y", "YES please"])
def test_a_yes_opts_in_and_gets_one_confirmation(asking, providers, word):
    invite(asking)
    point = first_point()
    reply = say(point, word, now=asking.now)
    assert reply.meaning == Reply.Meaning.START
    assert "thank you" in reply.answered_by.get().body
    assert consent.allowed(ContactPoint.objects.all()).get() == point
    entry = ConsentEntry.objects.get()
    assert (entry.action, entry.basis, entry.at) == ("given", "opt-in text", asking.now)
    asking.launched()
    asking.tick()
    assert providers.journal.texts_by_number[point.address] == 3  # asked, thanked, written to


def test_a_yes_to_somebodys_question_is_no_opt_in(asking):
    point = first_point()
    reply = say(point, "yes", now=asking.now)
    assert reply.meaning == Reply.Meaning.QUESTION
    assert not consent.allowed(ContactPoint.objects.all()).exists()


def test_silence_and_a_stop_are_no_yes(asking, providers):
    invite(asking)
    say(first_point(), "STOP", now=asking.now)
    assert not consent.allowed(ContactPoint.objects.all()).exists()
    assert not consent.may_be_invited(ContactPoint.objects.filter(pk=first_point().pk)).exists()


def test_a_number_that_stopped_while_the_question_waited_is_not_asked(asking, providers):
    campaign = packs.adopt(
        packs.find("may-we-text"), district=asking.district, schools=[asking.school],
        cycle=asking.cycle, by=None, now=asking.now,
    )  # fmt: skip
    night = asking.now.replace(hour=23)
    control.launch(campaign, by=None, now=night)
    asking.now = night
    asking.tick()
    assert not providers.journal.texts  # quiet hours hold for the question as well
    point = first_point()
    consent.withdraw(Channel.SMS, point.address_index, reason="stop", basis="STOP", at=night)
    asking.tick(minutes=11 * 60)
    assert len(providers.journal.texts) == 2
    assert point.address not in providers.journal.texts_by_number


def test_who_opted_in_or_said_no_or_has_a_landline_is_not_asked(asking, providers):
    one, two, three = ContactPoint.objects.order_by("pk")
    consent.give(Channel.SMS, one.address_index, basis="written", at=asking.now)
    consent.withdraw(Channel.SMS, two.address_index, reason="staff", basis="verbal", at=asking.now)
    ContactPoint.objects.filter(pk=three.pk).update(line=ContactPoint.Line.LANDLINE)
    invite(asking)
    assert not providers.journal.texts


def test_an_invitation_that_never_left_may_be_asked_again(asking, providers):
    invite(asking)
    Message.objects.update(state=MessageState.EXPIRED)
    providers.journal.texts.clear()
    invite(asking)
    assert len(providers.journal.texts) == 3


def test_the_database_itself_refuses_a_second_question(asking, providers):
    invite(asking)
    index = first_point().address_index
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            channel=Channel.SMS, address_index=index, language="en", time_zones="", invites=True,
            not_before=asking.now, expires_at=asking.now,
        )  # fmt: skip


def test_the_count_before_the_launch_is_what_is_sent(asking, providers):
    point = first_point()
    consent.give(Channel.SMS, point.address_index, basis="verbal", at=asking.now)
    campaign = invite(asking)
    assert len(providers.journal.texts) == 2
    reach = reach_of(campaign)
    assert (reach.all_messages, reach.left_out["invited"]) == (0, 3)


def test_a_district_without_the_rule_asks_nobody(world):
    world.families(1)
    with pytest.raises(control.CannotLaunch, match="does not ask for an opt-in"):
        invite(world)


def test_the_wizard_says_that_numbers_wait_for_their_opt_in(asking):
    campaign = asking.campaign()
    found = readiness.check(campaign, reach_of(campaign), today=asking.now.date())
    assert any("3 numbers have not opted in" in note for note in found.notes)


def test_words_that_do_not_say_how_to_answer_are_no_invitation(asking):
    pack = packs.dumps(packs.find("may-we-text"))
    assert packs.loads(pack) == packs.find("may-we-text")
    with pytest.raises(packs.BadPack, match="YES"):
        packs.loads(pack.replace("Reply YES", "Reply"))


def test_an_implied_yes_makes_nothing_of_an_opt_in_less(asking):
    index = first_point().address_index
    consent.give(Channel.SMS, index, basis="written", at=asking.now)
    consent.give(Channel.SMS, index, basis="enrolment form", at=asking.now, explicit=False)
    assert first_point().consent == Consent.EXPLICIT
    with pytest.raises(ValueError, match="basis"):
        consent.give(Channel.SMS, index, basis="we think so", at=asking.now)
