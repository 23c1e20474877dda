"""A campaign never spends a dollar more than its cap, and says that it has reached it."""

from __future__ import annotations

from decimal import Decimal

from campaigns import control, spending
from campaigns.models import CampaignState, Message, StepText
from campaigns.sending import stops


def test_sending_stops_at_the_cap_and_goes_on_when_it_is_raised(world, providers):
    world.families(10)
    world.district.sms_price = Decimal("0.01")
    world.district.save()
    StepText.objects.update(body="Hello")
    campaign = world.campaign(spending_cap=Decimal("0.06"))
    StepText.objects.filter(step__campaign=campaign).update(body="{school}: {link}")
    control.launch(campaign, by=None, now=world.now)
    world.tick()
    parts = {m.segments for m in Message.objects.filter(state="sent")}
    assert parts == {1}
    assert len(providers.journal.texts) == 6
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert "$0.06" in stops.in_words(campaign.stopped_because)
    assert spending.spent(campaign) == Decimal("0.06")
    assert Message.objects.filter(state="pending").count() == 4
    assert set(Message.objects.filter(state="pending").values_list("attempts", flat=True)) == {0}
    campaign.spending_cap = Decimal("1.00")
    campaign.save()
    control.resume(campaign, by=None, now=world.now)
    world.tick(minutes=1)
    assert len(providers.journal.texts) == 10
    assert set(providers.journal.texts_by_number.values()) == {1}


def test_a_campaign_without_a_cap_is_not_held_back_by_anothers(world, providers):
    world.families(3)
    world.district.weekly_cap = 9
    world.district.save()
    world.launched(spending_cap=Decimal("0.01"))
    world.launched()
    world.tick()
    by_campaign = {m.campaign_id for m in Message.objects.filter(state="sent")}
    assert len(by_campaign) == 1
    assert len(providers.journal.texts) == 3
