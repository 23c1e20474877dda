"""From a launch to the provider's journal, through the real clients."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns import control
from campaigns.models import Arm, CampaignState, Message, MessageState, StepText
from campaigns.sending import claim, delivery, expansion, outcomes, tick
from campaigns.transports import Fate, Outcome
from contacts import consent
from contacts.models import AidStatus, Channel, ContactPoint, Student, Suppression
from schools.models import School, State
from tests.sending.conftest import TUESDAY_NOON


def states() -> list[str]:
    return sorted(Message.objects.values_list("state", flat=True))


def test_a_launched_campaign_reaches_each_family_once_by_text(world, providers):
    world.families(3)
    campaign = world.launched()
    report = world.tick()
    assert (report.expanded, report.sent, report.waiting) == (3, 3, 0)
    assert set(providers.journal.texts_by_number.values()) == {1}
    assert len(providers.journal.texts) == 3
    for message in Message.objects.all():
        assert message.provider_id.startswith("SM")
        assert message.claim is None
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED


def test_an_email_carries_its_own_words_and_one_click_unsubscribe(world, providers):
    world.families(3, email=True)
    world.launched("email")
    world.tick()
    assert providers.journal.mail_requests == 1
    assert len({mail["html"] for mail in providers.journal.mails}) == 3
    for mail in providers.journal.mails:
        assert mail["subject"] == "Time to apply"
        assert "-aidbeacon-" not in mail["html"] + mail["text"]
        assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "/u/" in mail["headers"]["List-Unsubscribe"]
        assert Message.objects.get(pk=mail["message_id"]).state == MessageState.SENT


def test_where_no_text_can_go_an_email_goes(world, providers):
    world.families(2, email=True)
    ContactPoint.objects.filter(channel=Channel.SMS).first().delete()
    world.launched("sms_first")
    world.tick()
    assert (len(providers.journal.texts), len(providers.journal.mails)) == (1, 1)


def test_a_second_tick_sends_nothing_again(world, providers):
    world.families(3)
    world.launched()
    world.tick()
    world.tick(minutes=1)
    assert len(providers.journal.texts) == 3


def test_a_family_that_stopped_between_expansion_and_claim_hears_nothing(world, providers):
    world.families(2)
    campaign = world.launched()
    expansion.expand_due(world.now)
    message = campaign.messages.first()
    consent.withdraw(
        "sms", message.address_index, reason=Suppression.Reason.STOP, basis="STOP", at=world.now
    )
    world.tick()
    message.refresh_from_db()
    assert (message.state, message.reason) == (MessageState.SKIPPED, "suppressed")
    assert len(providers.journal.texts) == 1


def test_a_family_that_has_finished_in_between_hears_nothing(world, providers):
    world.families(1)
    world.launched()
    expansion.expand_due(world.now)
    Student.objects.update(aid_status=AidStatus.COMPLETED)
    world.tick()
    assert Message.objects.get().reason == "not_in_audience"
    assert providers.journal.texts == []


def test_a_later_step_leaves_out_who_has_finished(world, providers):
    world.families(2)
    campaign = world.campaign()
    later = world.step(campaign, due_at=world.now + dt.timedelta(hours=2))
    control.launch(campaign, by=None, now=world.now)
    world.tick()
    done = Student.objects.first()
    done.aid_status = AidStatus.COMPLETED
    done.save()
    world.tick(minutes=121)
    assert later.messages.count() == 1


def test_a_paused_campaign_is_silent_until_it_is_resumed(world, providers):
    world.families(2)
    campaign = world.launched()
    expansion.expand_due(world.now)
    control.pause(campaign, by=None, now=world.now)
    world.tick()
    assert providers.journal.texts == []
    control.resume(campaign, by=None, now=world.now)
    world.tick()
    assert len(providers.journal.texts) == 2


def test_a_cancelled_campaign_never_sends(world, providers):
    world.families(2)
    campaign = world.launched()
    expansion.expand_due(world.now)
    control.cancel(campaign, by=None, now=world.now)
    world.tick(minutes=1)
    assert states() == ["cancelled", "cancelled"]
    assert providers.journal.texts == []


def test_what_comes_back_after_its_campaign_was_cancelled_is_cancelled_too(world, providers):
    world.families(1)
    campaign = world.launched()
    expansion.expand_due(world.now)
    claimed = claim.claim("sms", limit=1, now=world.now)
    control.cancel(campaign, by=None, now=world.now)
    [message] = claimed.messages
    outcomes.settle(
        [message], [Outcome(message.pk, Fate.NOT_SENT, "20429")], key=claimed.key, now=world.now
    )
    assert states() == ["pending"]
    world.tick(minutes=5)
    assert states() == ["cancelled"]
    assert not providers.journal.texts


def test_at_night_everything_waits_for_the_morning(world, providers):
    world.families(2)
    world.now = TUESDAY_NOON.replace(hour=21)
    world.launched()
    report = world.tick()
    assert (report.sent, report.waiting) == (0, 2)
    assert report.next_at == TUESDAY_NOON.replace(hour=8) + dt.timedelta(days=1)
    assert world.tick(minutes=11 * 60).sent == 2


def test_a_number_from_the_east_is_left_in_peace_in_its_evening(world, providers):
    world.families(1)
    ContactPoint.objects.update(area_zone="America/New_York")
    world.now = TUESDAY_NOON.replace(hour=18)  # nine in New York
    world.launched()
    assert world.tick().sent == 0
    assert Message.objects.get().time_zones == "America/Los_Angeles,America/New_York"


def test_what_could_not_go_out_in_time_expires(world, providers):
    world.families(1)
    campaign = world.launched()
    expansion.expand_due(world.now)
    control.pause(campaign, by=None, now=world.now)
    world.tick(minutes=4 * 24 * 60)
    assert states() == ["expired"]


def test_without_approved_words_nothing_is_sent(world, providers):
    world.families(1)
    world.launched()
    StepText.objects.update(review=StepText.Review.DRAFT)
    world.tick()
    assert Message.objects.get().reason == "no_text"
    assert providers.journal.texts == []


def test_a_draft_without_approved_english_cannot_be_launched(world):
    campaign = world.campaign()
    StepText.objects.update(review=StepText.Review.DRAFT)
    with pytest.raises(control.CannotLaunch) as problem:
        control.launch(campaign, by=None, now=world.now)
    assert len(problem.value.mends) == 1
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DRAFT


def test_held_out_families_hear_nothing_and_the_draw_is_the_same_each_time(world, providers):
    world.families(40)
    campaign = world.launched(hold_out_percent=25, seed=7)
    held_out = campaign.assignments.filter(arm=Arm.HELD_OUT).values("household")
    assert held_out.count() == 10
    world.tick()
    assert len(providers.journal.texts) == 30
    assert not campaign.messages.filter(household__in=held_out).exists()


@pytest.mark.parametrize("channels", ["sms", "email"])
def test_ten_thousand_families_hear_exactly_once(world, providers, channels):
    world.families(10_000, email=channels == "email")
    world.launched(channels)
    report = world.tick()
    assert report.sent == 10_000
    counts = (
        providers.journal.texts_by_number
        if channels == "sms"
        else providers.journal.mails_by_address
    )
    assert len(counts) == 10_000
    assert set(counts.values()) == {1}
    if channels == "email":
        assert providers.journal.mail_requests <= 12


def test_the_sandbox_sends_nothing_and_keeps_the_words(world, settings):
    settings.TRANSPORT = "sandbox"
    world.families(2, email=True)
    world.launched("both")
    assert world.tick().sent == 4
    assert all("Lincoln High" in message.body for message in Message.objects.all())


def test_nobody_claims_what_is_claimed(world, providers):
    world.families(3)
    world.launched()
    expansion.expand_due(world.now)

    first = claim.claim("sms", limit=2, now=world.now)
    second = claim.claim("sms", limit=5, now=world.now)
    assert len(first.messages) == 2
    assert len(second.messages) == 1
    assert not delivery.deliver("sms", now=world.now)


def test_an_empty_tick_does_nothing(db):
    report = tick.run(TUESDAY_NOON, until_idle=True)
    assert report.as_json()["sent"] == 0


def test_each_school_of_a_campaign_keeps_its_own_zone(world):
    state = State.objects.create(code="ID", name="A state", time_zone="America/Boise")
    other = School.objects.create(
        nces_id="160000100001", name="Border High", state=state, district=world.district
    )
    world.families(4)
    moved = Student.objects.order_by("pk")[0]
    Student.objects.filter(pk=moved.pk).update(school=other)
    campaign = world.campaign()
    campaign.schools.add(other)
    control.launch(campaign, by=None, now=world.now)
    expansion.expand_due(world.now)
    zones = {(m.school_id, m.time_zones) for m in Message.objects.all()}
    assert zones == {(world.school.pk, "America/Los_Angeles"), (other.pk, "America/Boise")}
