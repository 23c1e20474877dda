"""Several senders in a district, their caps, and what a wave of failures does."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.models import CampaignState, Message, MessageState, Sender, SenderDay
from campaigns.sending import daily_caps, stops
from contacts.models import ContactPoint
from schools.models import District

LONG, TOLL_FREE = Sender.Kind.LONG_CODE, Sender.Kind.TOLL_FREE


@pytest.fixture
def unlimited(world):
    """Makes senders of the world's district that are fast and have no small cap."""

    def make(address: str, kind: str = TOLL_FREE, rate: float = 10_000, **more: object) -> Sender:
        return Sender.objects.create(
            district=world.district, kind=kind, address=address, rate=rate, **more
        )

    return make


def used(providers) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text in providers.journal.texts:
        found.setdefault(text["from"], set()).add(text["to"])
    return found


def test_without_a_sender_of_its_own_a_district_uses_that_of_the_settings(world, providers):
    world.families(2)
    world.launched()
    world.tick()
    assert set(used(providers)) == {"+12065550100"}
    assert set(Message.objects.values_list("sender", flat=True)) == {"+12065550100"}


def test_a_districts_senders_share_its_families_by_their_speed(world, providers, unlimited):
    unlimited("+12065550111", rate=9_000)
    unlimited("+12065550122", rate=3_000)
    world.families(200)
    world.launched()
    world.tick()
    fast, slow = used(providers)["+12065550111"], used(providers)["+12065550122"]
    assert len(fast) + len(slow) == 200
    assert 20 <= len(slow) <= 85


def test_a_family_hears_from_the_same_number_each_time(world, providers, unlimited):
    unlimited("+12065550111")
    unlimited("+12065550122")
    world.families(30)
    for _ in range(2):
        world.launched()
        world.tick()
        world.now += dt.timedelta(days=7)
    assert len(providers.journal.texts) == 60
    first, second = used(providers).values()
    assert not first & second


def test_another_districts_families_do_not_hear_from_it(world, providers):
    other = District.objects.create(nces_id="5300002", name="Other", state=world.state)
    Sender.objects.create(district=other, kind=LONG, address="+12065550111")
    world.families(2)
    world.launched()
    world.tick()
    assert set(used(providers)) == {"+12065550100"}


def test_a_messaging_service_is_named_as_such(world, providers, unlimited):
    service = "MG" + "a" * 32
    unlimited(service)
    world.families(1)
    world.launched()
    world.tick()
    assert providers.journal.texts[0]["service"] == service


def test_a_full_day_ends_at_the_cap_and_goes_on_the_next(world, providers, unlimited):
    unlimited("+12065550111", LONG, daily_cap=5)
    world.families(12)
    world.launched()
    world.tick()
    sent = sum(Message.objects.exclude(state="pending").values_list("segments", flat=True))
    assert 0 < sent <= 5
    assert SenderDay.objects.get().segments == sent
    assert not Message.objects.filter(state=MessageState.CLAIMED).exists()
    before = len(providers.journal.texts)
    world.tick(minutes=24 * 60)
    assert before < len(providers.journal.texts) <= 2 * before + 5
    assert set(providers.journal.texts_by_number.values()) == {1}


def test_when_one_sender_is_full_the_others_take_over(world, providers, unlimited):
    unlimited("+12065550111", LONG, daily_cap=1)
    unlimited("+12065550122")
    SenderDay.objects.create(capped_as="+12065550111", day=daily_caps.today(world.now), segments=1)
    world.families(10)
    world.launched()
    world.tick()
    assert set(used(providers)) == {"+12065550122"}
    assert len(providers.journal.texts) == 10


def test_senders_of_one_brand_share_its_cap(world, providers, unlimited):
    for address in ("+12065550111", "+12065550122"):
        unlimited(address, LONG, daily_cap=100, brand="B1")
    assert daily_caps.book("B1", 100, 100, world.now)
    world.families(4)
    world.launched()
    world.tick()
    assert not providers.journal.texts


def test_a_cap_is_never_passed_and_its_day_is_pacific(world):
    now = dt.datetime(2026, 11, 18, 7, 30, tzinfo=dt.UTC)  # still the evening before in Seattle
    assert daily_caps.today(now) == dt.date(2026, 11, 17)
    assert daily_caps.book("B", 6, 10, now)
    assert not daily_caps.book("B", 5, 10, now)
    assert daily_caps.book("B", 4, 10, now)
    daily_caps.give_back("B", 2, now)
    assert daily_caps.used(["B"], now) == {"B": 8}
    assert not daily_caps.book("C", 11, 10, now)


def test_an_unvetted_local_number_begins_with_the_carriers_defaults(world):
    sender = Sender(district=world.district, kind=LONG, address="+12065550111")
    assert (sender.segments_a_second, sender.segments_a_day) == (4, 2000)
    sender.carrier_share = 25
    assert sender.segments_a_day == 8000
    sender.kind = TOLL_FREE
    assert (sender.segments_a_second, sender.segments_a_day) == (3, None)


# The breaker --------------------------------------------------------------------------------


def test_a_wave_of_failures_pauses_the_campaign_and_says_why(world, providers):
    world.families(60)
    for point in ContactPoint.objects.all():
        providers.journal.refused[point.address] = 21614
    campaign = world.launched()
    world.tick()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    words = stops.in_words(campaign.stopped_because)
    assert "60 of the last 60 messages failed" in words
    assert "does not work (21614)" in words


def test_a_few_bad_numbers_stop_nothing(world, providers):
    world.families(100)
    for point in ContactPoint.objects.all()[:15]:
        providers.journal.refused[point.address] = 21614
    campaign = world.launched()
    world.tick()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED


def test_too_many_requests_are_no_failures_and_close_the_sender_for_a_moment(world, providers):
    world.families(40)
    providers.journal.text_faults.extend(["429"] * 30)
    campaign = world.launched()
    world.tick(until_idle=False)
    for _ in range(4):
        world.tick(minutes=1)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED
    assert set(providers.journal.texts_by_number.values()) == {1}
    assert len(providers.journal.texts) == 40
