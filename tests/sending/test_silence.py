"""A provider that is away for long leaves nobody a list of doubts to settle by hand."""

from __future__ import annotations

import datetime as dt

from campaigns.models import CampaignState, Message, MessageState
from campaigns.sending import reconcile, silence, tick
from campaigns.sending.pipeline import IN_THE_AIR
from contacts.models import Channel


def away(journal) -> None:
    """Half of what it is asked it has done, and says neither that nor the other."""
    journal.percent_faulty, journal.random_faults = 100, ("503", "cut_after")


def doubtful() -> int:
    return Message.objects.filter(state=MessageState.CLAIMED).count()


def test_while_a_provider_is_silent_it_gets_a_few_messages_a_tick(world, providers, settings):
    settings.TWILIO_MPS = 40  # batches of twenty
    world.families(100)
    world.launched()
    away(providers.journal)
    world.tick(until_idle=False)
    begun = doubtful()
    assert 20 <= begun <= 40  # those that were in the air
    for round_ in range(1, 4):
        world.tick(minutes=0.1, until_idle=False)
        assert doubtful() <= begun + round_ * 2 * silence.A_FEW
    assert Message.objects.filter(state=MessageState.PENDING).count() >= 30


def test_a_slow_sender_whose_batches_hold_one_text_falls_silent_too(world, providers, settings):
    settings.TWILIO_MPS = 3
    world.families(14)
    world.launched()
    away(providers.journal)
    world.tick(until_idle=False)
    assert silence.A_FEW <= doubtful() <= silence.A_FEW + IN_THE_AIR
    assert Message.objects.filter(state=MessageState.PENDING).count() >= 7


def test_texts_that_it_cannot_be_asked_of_for_hours_are_asked_of_later(world, providers, settings):
    world.families(60)
    campaign = world.launched()
    away(providers.journal)
    providers.journal.log_is_away = True
    for _ in range(12):
        world.tick(minutes=15, until_idle=False)
    assert not Message.objects.filter(state=MessageState.UNCERTAIN).exists()
    providers.journal.percent_faulty, providers.journal.log_is_away = 0, False
    for _ in range(6):
        world.tick(minutes=6)
    assert set(providers.journal.texts_by_number.values()) == {1}
    assert len(providers.journal.texts) == 60
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED


def test_a_log_that_is_away_is_asked_of_a_few_and_later(world, providers):
    world.families(30)
    world.launched()
    away(providers.journal)
    world.tick(until_idle=False)
    assert doubtful() == 30
    providers.journal.log_is_away = True
    asked = []
    for minutes in (1.5, 1, 1, 1, 3):
        world.tick(minutes=minutes, until_idle=False)
        asked.append(providers.journal.look_ups)
    assert asked == [reconcile.A_FEW] * 4 + [2 * reconcile.A_FEW]
    assert doubtful() == 30
    providers.journal.percent_faulty, providers.journal.log_is_away = 0, False
    for _ in range(3):
        world.tick(minutes=6)
    assert set(providers.journal.texts_by_number.values()) == {1}
    assert len(providers.journal.texts) == 30


def test_a_log_is_not_waited_for_after_its_time(world, providers, monkeypatch):
    world.families(30)
    world.launched()
    away(providers.journal)
    world.tick(until_idle=False)
    providers.journal.seconds_a_look_up = 3  # then it would tell
    monkeypatch.setattr(reconcile, "SECONDS_OF_ASKING", 0.2)
    counts = reconcile.run(world.now + dt.timedelta(minutes=2))
    assert counts == {"unknown": 30}


def test_what_comes_before_takes_no_time_from_sending(world, providers, monkeypatch):
    world.families(30, email=True)
    world.launched("email")
    monkeypatch.setattr(tick, "SECONDS_A_PASS", 0)  # it is used up
    world.tick(until_idle=False)
    assert sum(providers.journal.mail_sizes) == 30


def test_once_it_answers_whole_batches_go_again(world, providers):
    world.families(40, email=True)
    world.launched("email")
    providers.journal.mail_faults.append("cut_before")
    world.tick(until_idle=False)
    assert Message.objects.filter(state=MessageState.CLAIMED, channel=Channel.EMAIL).count() == 40
    world.families(30, email=True)
    world.launched("email")
    world.tick(minutes=1)
    sizes = providers.journal.mail_sizes
    assert sizes[0] == silence.A_FEW < sizes[-1]
    assert sum(sizes) == 70
