"""The calendar holds everything that is to go out, for whom it may be seen by."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import control
from campaigns.models import Step
from campaigns.timing import sequences
from schools.models import Blackout, Deadline

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HERE = "/campaigns/calendar/"


@pytest.fixture
def campaign(town, counselor):
    town.family("Ana")
    return town.adopts("form-opens", by=counselor)


def later(campaign, **more) -> Step:
    step = Step.objects.create(
        campaign=campaign, position=campaign.steps.count() + 1, channels="sms", **more
    )
    sequences.copy_texts(list(campaign.steps.get(position=1).texts.all()), step)
    return step


def days(client, query: str = "") -> dict[dt.date, int]:
    found = client.get(HERE + query).context["agenda"].days
    return {each.day: len(each.sendings) for each in found}


def test_every_message_to_come_is_on_its_day_repeats_included(client, campaign):
    assert reverse("campaign-calendar") == HERE
    later(campaign, offset_days=3)
    later(campaign, offset_days=10, repeat_days=7, repeats_left=1)
    assert days(client) == {}
    control.launch(campaign, by=None, now=timezone.now())
    today = timezone.localdate()
    assert days(client) == {today: 1, **{today + n * DAY: 1 for n in (3, 10, 17)}}
    assert days(client, f"?from={today + 11 * DAY}") == {today + 17 * DAY: 1}


def test_a_draft_with_a_date_is_there_as_a_draft(client, campaign):
    campaign.steps.update(when="date", due_at=timezone.now() + 5 * DAY)
    page = client.get(HERE)
    (date,) = page.context["agenda"].days
    assert date.sendings[0].is_draft
    assert "Draft" in page.content.decode()


def test_deadlines_and_silent_days_stand_between_the_messages(client, town, campaign):
    on = timezone.localdate() + 4 * DAY
    Deadline.objects.create(cycle=town.cycle, name="Priority date", on=on)
    Blackout.objects.create(
        district=town.district, first_on=on + DAY, last_on=on + 2 * DAY, name="Winter break"
    )
    found = client.get(HERE).context["agenda"].days
    assert [(each.day, len(each.deadlines), each.silent) for each in found] == [
        (on, 1, []), (on + DAY, 0, ["Winter break"]), (on + 2 * DAY, 0, ["Winter break"]),
    ]  # fmt: skip


def test_what_has_no_day_is_listed_beside(client, campaign):
    later(campaign, when="event", on_status="action_needed")
    later(campaign, when="deadline", deadline_name="Unknown", offset_days=-3)
    control.launch(campaign, by=None, now=timezone.now())
    agenda = client.get(HERE).context["agenda"]
    assert [step.position for step in agenda.listening] == [2]
    assert [step.position for step in agenda.waiting] == [3]


def test_one_school_and_nobody_elses(client, town, campaign):
    town.family("Ben", school=town.other_school)
    control.launch(campaign, by=None, now=timezone.now())
    client.force_login(town.counselor(town.school, town.other_school))
    assert len(days(client, f"?school={town.school.nces_id}")) == 1
    assert days(client, f"?school={town.other_school.nces_id}") == {}
    client.force_login(town.counselor(town.other_school))
    assert days(client) == {}


@pytest.mark.parametrize("query", ["?from=yesterday", "?from=2027-02-31", "?from=9999-01-01"])
def test_an_address_that_names_no_day_begins_today(client, counselor, query):
    assert client.get(HERE + query).context["first"] == timezone.localdate()
