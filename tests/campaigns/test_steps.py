"""A counselor plans a sequence, changes what has not gone out, and keeps to a budget."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import control, spending
from campaigns.models import Step, StepText
from campaigns.targeting.reach import reach_of
from contacts.models import Channel
from schools.models import AuditEntry, Deadline

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def campaign(town, counselor):
    town.family("Ana", language="es")
    town.family("Ben")
    return town.adopts("form-opens", by=counselor)


GIVEN = {
    "channels": "sms", "when": "launch", "days": "7", "side": "before", "deadline": "",
    "at_hour": "", "at": "", "on_status": "action_needed", "listen_days": "30",
    "repeat_days": "", "repeats_left": "", "expires_after": "2",
}  # fmt: skip


def add(client, campaign, **changes):
    return client.post(reverse("campaign-step-add", args=[campaign.pk]), GIVEN | changes)


def test_a_message_after_the_launch_is_added_with_the_first_ones_words(client, campaign):
    answer = add(client, campaign, at_hour="17:30")
    step = campaign.steps.get(position=2)
    assert answer.url.endswith("/words/?step=2")
    assert (step.when, step.offset_days, step.at_hour) == ("launch", 7, dt.time(17, 30))
    assert step.texts.count() == campaign.steps.get(position=1).texts.count()


def test_a_message_before_a_deadline_names_it_and_tells_its_days(client, town, campaign):
    on = timezone.localdate() + 30 * DAY
    Deadline.objects.create(cycle=campaign.cycle, name="Priority", on=on)
    add(client, campaign, when="deadline", days="14", deadline="Priority")
    step = campaign.steps.get(position=2)
    assert (step.offset_days, step.deadline_name) == (-14, "Priority")
    page = client.get(reverse("campaign-when", args=[campaign.pk])).content.decode()
    assert "14 days before: Priority" in page
    control.launch(campaign, by=None, now=timezone.now())
    step.refresh_from_db()
    assert timezone.localdate(step.due_at) == on - 14 * DAY


def test_a_message_on_a_change_of_status_cannot_repeat(client, campaign):
    page = add(client, campaign, when="event", repeat_days="7", repeats_left="2")
    assert "repeat_days" in page.context["form"].errors
    add(client, campaign, when="event")
    step = campaign.steps.get(position=2)
    assert (step.on_status, step.listen_days) == ("action_needed", 30)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"when": "date", "at": "2020-01-01T10:00"}, "at"),
        ({"when": "date", "at": ""}, "at"),
        ({"when": "deadline", "days": ""}, "days"),
        ({"repeat_days": "7"}, "repeats_left"),
        ({"days": "900"}, "days"),
        ({"deadline": "Nobody's"}, "deadline"),
    ],
)
def test_a_time_that_makes_no_sense_is_said_at_its_field(client, campaign, changes, field):
    page = add(client, campaign, **changes)
    assert field in page.context["form"].errors
    assert campaign.steps.count() == 1


def test_what_has_not_gone_out_can_be_changed_while_the_campaign_runs(client, campaign):
    add(client, campaign)
    control.launch(campaign, by=None, now=timezone.now())
    campaign.steps.filter(position=1).update(expanded_at=timezone.now())
    here = reverse("campaign-step", args=[campaign.pk, 2])
    assert client.post(here, GIVEN | {"days": "3"}).status_code == 302
    step = campaign.steps.get(position=2)
    assert abs(step.due_at - (campaign.launched_at + 3 * DAY)) < dt.timedelta(hours=2)
    words = reverse("campaign-words", args=[campaign.pk]) + "?step=2"
    form = client.get(words).context["form"]
    assert form.step == step
    client.post(words, {"sms": "New words {link}", "then": "save"})
    assert step.texts.get(channel="sms", language="en", variant="").body == "New words {link}"
    assert AuditEntry.objects.filter(action="campaign.words_changed").exists()
    gone = reverse("campaign-step", args=[campaign.pk, 1])
    assert client.get(gone).status_code == 404


def test_a_message_can_be_sent_at_once_and_only_while_it_runs(client, campaign):
    add(client, campaign)
    now = reverse("campaign-step-now", args=[campaign.pk, 2])
    client.post(now)
    assert campaign.steps.get(position=2).due_at is None
    control.launch(campaign, by=None, now=timezone.now())
    client.post(now)
    assert campaign.steps.get(position=2).due_at <= timezone.now()


def test_a_later_start_takes_the_followers_along_and_back(client, campaign):
    add(client, campaign)
    here = reverse("campaign-when", args=[campaign.pk])
    given = {"expires_after": 3, "hold_out_percent": 0, "variants": "1", "follow_up": ""}
    client.post(here, given | {"start": "later", "at": "2099-07-01T09:00"})
    first, second = campaign.steps.all()
    assert second.due_at - first.due_at == 7 * DAY
    client.post(here, given | {"start": "now"})
    first, second = campaign.steps.all()
    assert (first.due_at, second.due_at, second.offset_days) == (None, None, 7)


def test_arms_and_their_release_are_set_and_a_release_needs_a_hold_out(client, campaign):
    here = reverse("campaign-when", args=[campaign.pk])
    release = (timezone.localdate() + 30 * DAY).isoformat()
    given = {"start": "now", "expires_after": 3, "hold_out_percent": 0, "release_on": release}
    assert "release_on" in client.post(here, given).context["form"].errors
    client.post(here, given | {"hold_out_percent": 20, "variants": "2"})
    campaign.refresh_from_db()
    assert (campaign.hold_out_percent, campaign.variants) == (20, 2)
    assert campaign.release_on.isoformat() == release


def test_each_wording_has_words_of_its_own(client, campaign):
    campaign.variants = 2
    campaign.save()
    here = reverse("campaign-words", args=[campaign.pk])
    page = client.get(here + "?wording=B")
    assert [tab["current"] for tab in page.context["variant_tabs"]] == [False, False, True]
    client.post(
        here + "?wording=B",
        {"sms": "B {link}", "subject": "B", "email": "B {link}", "then": "save"},
    )
    texts = StepText.objects.filter(step__campaign=campaign, channel="sms", language="en")
    assert sorted(texts.values_list("variant", flat=True)) == ["", "B"]


def test_what_is_missing_for_a_sequence_is_said_before_the_launch(client, campaign):
    add(client, campaign, when="deadline", days="3", deadline="")
    campaign.variants = 2
    campaign.save()
    Step.objects.filter(campaign=campaign, position=1).update(
        when="date", due_at=timezone.now() - 3 * DAY
    )
    found = client.get(reverse("campaign-review", args=[campaign.pk])).context["readiness"]
    assert "Message 2 waits until its deadline is on record." in found.notes
    assert "The day of message 1 has passed." in found.mends
    assert any("Wording B" in mend for mend in found.mends)


# Money ------------------------------------------------------------------------------------------


def test_the_estimate_is_parts_times_price_in_each_language(campaign, counselor, town):
    town.district.sms_price, town.district.email_price = Decimal("0.01"), Decimal("0.001")
    town.district.save()
    campaign.district.refresh_from_db()
    for text in StepText.objects.filter(step__campaign=campaign, channel="sms"):
        long = "ó" * 90 if text.language == "es" else "x"
        StepText.objects.filter(pk=text.pk).update(body=long)
    reach = reach_of(campaign)
    found = spending.estimate(campaign, reach, user=counselor, today=timezone.localdate())
    (step,) = found.steps
    assert (step.texts, step.emails) == (2, 2)
    spanish = campaign.steps.get().texts.get(channel=Channel.SMS, language="es")
    assert spanish.review == StepText.Review.APPROVED
    assert step.parts > 2
    assert step.dollars == step.parts * Decimal("0.01") + 2 * Decimal("0.001")


def test_a_repeated_message_costs_as_often_as_it_comes_and_an_event_nobody_knows(
    campaign, counselor
):
    reach = reach_of(campaign)
    once = spending.estimate(campaign, reach, user=counselor, today=timezone.localdate())
    campaign.steps.update(repeat_days=7, repeats_left=2)
    thrice = spending.estimate(campaign, reach, user=counselor, today=timezone.localdate())
    assert thrice.steps[0].dollars == 3 * once.steps[0].dollars
    campaign.steps.update(when=Step.When.EVENT, repeat_days=None)
    unknown = spending.estimate(campaign, reach, user=counselor, today=timezone.localdate())
    assert unknown.dollars == 0


def test_the_review_shows_what_it_costs(client, campaign):
    page = client.get(reverse("campaign-review", args=[campaign.pk]))
    assert page.context["estimate"].dollars > 0


def test_a_cap_is_raised_on_the_campaigns_page(client, campaign):
    campaign.spending_cap = Decimal("1.00")
    campaign.save()
    control.launch(campaign, by=None, now=timezone.now())
    assert "$1.00" in client.get(reverse("campaign", args=[campaign.pk])).content.decode()
    client.post(reverse("campaign-cap", args=[campaign.pk]), {"spending_cap": "-4"})
    client.post(reverse("campaign-cap", args=[campaign.pk]), {"spending_cap": "25"})
    campaign.refresh_from_db()
    assert campaign.spending_cap == 25
