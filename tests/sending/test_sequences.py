"""Steps come when they should: by date, from the launch, from a deadline, on an event, again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from campaigns import control
from campaigns.models import CampaignState, Message
from campaigns.sending import expansion
from campaigns.timing import sequences
from contacts import statuses
from contacts.models import AidStatus, Student
from schools.models import Deadline
from tests.sending.conftest import PACIFIC, World

DAY = dt.timedelta(days=1)


def launched(world: World, **step: object):
    campaign = world.campaign()
    campaign.steps.update(**step)
    control.launch(campaign, by=None, now=world.now)
    return campaign, campaign.steps.order_by("position").first()


def test_days_after_the_launch_keep_the_local_hour_over_a_change_of_clocks(world):
    world.now = dt.datetime(2026, 10, 30, 16, tzinfo=PACIFIC)
    _campaign, step = launched(world, offset_days=7)
    assert step.due_at == dt.datetime(2026, 11, 6, 16, tzinfo=PACIFIC)


def test_an_hour_that_is_over_today_is_now(world):
    _campaign, step = launched(world, at_hour=dt.time(9))
    assert step.due_at == world.now


def test_a_step_from_a_deadline_moves_with_it_until_it_has_gone_out(world, providers):
    world.families(1)
    deadline = Deadline.objects.create(
        cycle=world.cycle, name="State priority", on=dt.date(2026, 12, 15), state=world.state
    )
    _campaign, step = launched(world, when="deadline", offset_days=-14)
    assert step.due_at == dt.datetime(2026, 12, 1, 10, tzinfo=PACIFIC)
    deadline.on = dt.date(2026, 12, 2)
    deadline.save()
    world.tick()
    step.refresh_from_db()
    assert step.due_at == dt.datetime(2026, 11, 18, 10, tzinfo=PACIFIC)
    world.tick(minutes=24 * 60)
    assert len(providers.journal.texts) == 1


def test_a_step_from_a_deadline_that_nobody_knows_waits_for_it(world, providers):
    world.families(1)
    campaign, step = launched(world, when="deadline", offset_days=-1, deadline_name="Priority")
    assert step.due_at is None
    world.tick()
    assert providers.journal.texts == []
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING
    Deadline.objects.create(cycle=world.cycle, name="Other", on=world.now.date() + DAY)
    Deadline.objects.create(cycle=world.cycle, name="Priority", on=world.now.date() + DAY)
    world.tick(minutes=1)
    assert len(providers.journal.texts) == 1


def test_the_next_deadline_is_the_first_that_the_step_can_still_meet(world):
    for days in (3, 30):
        Deadline.objects.create(
            cycle=world.cycle, name=f"In {days} days", on=world.now.date() + days * DAY
        )
    _campaign, step = launched(world, when="deadline", offset_days=-7)
    assert step.due_at.astimezone(PACIFIC).date() == world.now.date() + 23 * DAY


@pytest.fixture
def listening(world):
    """A running campaign with one step for whoever comes to need one step more."""
    world.now = timezone.now().astimezone(PACIFIC).replace(hour=12, minute=0)
    world.families(3)
    campaign, _step = launched(world, when="event", on_status="action_needed", listen_days=30)
    return campaign


def becomes(student: Student, status: str, as_of: dt.datetime) -> None:
    statuses.record(student, status, source="file", as_of=as_of)


def test_a_change_of_status_is_answered_once_and_only_for_the_family_it_befell(
    world, providers, listening
):
    world.tick()
    assert providers.journal.texts == []
    student = Student.objects.order_by("pk").first()
    listening.launched_at -= DAY  # the ledger's clock is the real one
    listening.save()
    becomes(student, AidStatus.ACTION_NEEDED, world.now)
    world.tick(minutes=1)
    assert [m.household_id for m in Message.objects.filter(state="sent")] == [student.household_id]
    becomes(student, AidStatus.SUBMITTED, world.now + dt.timedelta(minutes=2))
    becomes(student, AidStatus.ACTION_NEEDED, world.now + dt.timedelta(minutes=3))
    world.tick(minutes=5)
    assert len(providers.journal.texts) == 1
    listening.refresh_from_db()
    assert listening.state == CampaignState.RUNNING


def test_what_stood_before_the_launch_is_no_event_though_a_file_says_it_again(
    world, providers, listening
):
    student = Student.objects.first()
    becomes(student, AidStatus.ACTION_NEEDED, world.now - 3 * DAY)
    listening.launched_at = timezone.now()
    listening.save()
    becomes(student, AidStatus.ACTION_NEEDED, timezone.now())
    world.tick()
    assert providers.journal.texts == []


def test_a_family_that_mends_it_before_the_message_leaves_hears_nothing(
    world, providers, listening
):
    listening.launched_at -= DAY
    listening.save()
    student = Student.objects.first()
    becomes(student, AidStatus.ACTION_NEEDED, world.now)

    expansion.expand_due(world.now)
    becomes(student, AidStatus.COMPLETED, world.now + dt.timedelta(minutes=1))
    world.tick(minutes=2)
    assert Message.objects.get().reason == "not_in_audience"


def test_a_step_stops_listening_and_its_campaign_is_finished(world, providers, listening):
    world.tick(minutes=30 * 24 * 60 + 1)
    listening.refresh_from_db()
    assert listening.state == CampaignState.FINISHED


def test_a_repeated_step_comes_again_to_those_who_still_have_it_to_do(world, providers):
    world.families(2)
    campaign, _step = launched(world, repeat_days=8, repeats_left=2)
    world.tick()
    assert len(providers.journal.texts) == 2
    done = Student.objects.first()
    Student.objects.filter(pk=done.pk).update(aid_status=AidStatus.COMPLETED)
    world.tick(minutes=8 * 24 * 60)
    assert len(providers.journal.texts) == 3
    world.tick(minutes=8 * 24 * 60)
    assert len(providers.journal.texts) == 4
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED
    assert campaign.steps.count() == 3


def test_no_family_hears_more_often_in_a_week_than_the_district_allows(world, providers):
    world.families(2)
    world.district.weekly_cap = 2
    world.district.save()
    for _ in range(3):
        world.launched()
        world.tick(minutes=1)
    assert sorted(providers.journal.texts_by_number.values()) == [2, 2]
    left = Message.objects.filter(state="skipped")
    assert {m.reason for m in left} == {"weekly_cap"}
    assert left.count() == 2
    world.now += 7 * DAY
    world.launched()
    world.tick()
    assert sorted(providers.journal.texts_by_number.values()) == [3, 3]


def test_a_text_and_an_email_of_one_sending_count_once_for_the_cap(world, providers):
    world.families(1, email=True)
    world.district.weekly_cap = 2
    world.district.save()
    for _ in range(2):
        world.launched("both")
        world.tick(minutes=1)
    assert (len(providers.journal.texts), len(providers.journal.mails)) == (2, 2)


def test_every_coming_of_a_step_can_be_told_ahead(world):
    _campaign, step = launched(
        world, when="date", due_at=world.now + DAY, repeat_days=7, repeats_left=2
    )
    days = [at.date() for at in sequences.dates_ahead(step, now=world.now)]
    assert days == [world.now.date() + n * DAY for n in (1, 8, 15)]
