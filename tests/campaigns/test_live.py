"""The live page, the outbox, and counts that agree with the messages that are made."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from campaigns import control, progress, readiness
from campaigns.models import CampaignState, Message, MessageState, Step
from campaigns.sending import expansion, tick
from campaigns.targeting.reach import reach_of
from contacts.models import Channel


@pytest.fixture
def campaign(town, counselor):
    town.family("Ana", "Luis", language="es")
    town.family("Ben", phone=None)
    town.family("Cy", phone="+13605550111")
    town.family("Di", phone="+13605550111", email=None)
    town.family("Nobody", phone=None, email=None)
    return town.adopts("form-opens", by=counselor)


def launch(campaign, counselor):
    """Launches at night: the messages are made, and wait for a lawful hour."""
    night = timezone.localtime().replace(hour=2)
    control.launch(campaign, by=counselor, now=night)
    tick.run(night)


@pytest.mark.parametrize("channels", Step.Channels.values)
def test_the_counts_on_the_review_page_are_the_messages_that_are_made(
    campaign, counselor, channels
):
    campaign.steps.update(channels=channels)
    reach = reach_of(campaign)
    launch(campaign, counselor)
    for channel in Channel.values:
        made = Message.objects.filter(campaign=campaign, channel=channel)
        assert made.count() == reach.total(channel)
        for language, count in reach.messages.get(channel, {}).items():
            assert made.filter(language=language).count() == count


def test_who_reads_another_language_is_counted_before_the_launch_and_after(
    campaign, counselor, town
):
    town.family("Ira", language="ru", phone="+13605550121", email="ira@example.org")
    town.family("Oleg", language="ru", phone="+13605550122", email=None)
    today = timezone.localdate()
    notes = readiness.check(campaign, reach_of(campaign), today=today).notes
    assert "3 messages go out in English, for want of approved words in: Russian (3)." in notes

    noon = timezone.localtime().replace(hour=12)
    control.launch(campaign, by=counselor, now=noon)
    tick.run(noon, until_idle=True)
    told = progress.of(campaign, now=noon).fallbacks
    assert told == [
        "3 messages to families that read Russian went out in English: no approved words in "
        "Russian fit."
    ]
    spanish = Message.objects.filter(campaign=campaign, language="es")
    assert {message.worded_in for message in spanish} == {"es"}


def test_progress_adds_up_and_asks_the_same_few_queries(
    campaign, counselor, django_assert_max_num_queries
):
    launch(campaign, counselor)
    Message.objects.filter(campaign=campaign).update(
        state=MessageState.SENT, sent_at=timezone.now()
    )
    first = Message.objects.filter(campaign=campaign).first()
    Message.objects.filter(pk=first.pk).update(
        state=MessageState.SKIPPED, reason="suppressed", sent_at=None
    )
    with django_assert_max_num_queries(6):
        found = progress.of(campaign, now=timezone.now())
    assert found.total == found.done == sum(row.count for row in found.states)
    assert found.sent == found.total - 1
    assert [(row.key, row.count) for row in found.reasons] == [("suppressed", 1)]
    assert found.per_minute == pytest.approx((found.total - 1) / 5)
    assert sum(row.count for row in found.by_language) == found.total


def test_the_live_part_asks_again_only_while_it_runs(client, campaign, counselor):
    launch(campaign, counselor)
    part = reverse("campaign-progress", args=[campaign.pk])
    assert "every 3s" in client.get(part).content.decode()
    client.post(reverse("campaign-pause", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert "every 3s" not in client.get(part).content.decode()


def test_pause_resume_and_cancel_are_buttons_that_may_be_pressed_twice(client, campaign, counselor):
    launch(campaign, counselor)
    for button, state in (
        ("pause", CampaignState.PAUSED),
        ("pause", CampaignState.PAUSED),
        ("resume", CampaignState.RUNNING),
        ("cancel", CampaignState.CANCELLED),
        ("cancel", CampaignState.CANCELLED),
    ):
        answer = client.post(reverse(f"campaign-{button}", args=[campaign.pk]), follow=True)
        assert answer.status_code == 200
        campaign.refresh_from_db()
        assert campaign.state == state


def test_before_a_campaign_is_cancelled_for_good_its_page_says_what_is_lost(
    client, campaign, counselor
):
    launch(campaign, counselor)
    live = reverse("campaign", args=[campaign.pk])
    cancel = reverse("campaign-cancel", args=[campaign.pk])
    assert f'href="{cancel}"' in client.get(live).content.decode()
    expansion.expand_due(timezone.now())
    waits = campaign.messages.filter(state="pending").count()
    page = client.get(cancel)
    assert page.context["waiting"] == waits > 0
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING  # it was only looked at
    client.post(cancel)
    assert client.get(cancel)["Location"] == live


def test_a_resumed_campaign_does_not_wait_for_the_next_minute(client, campaign, counselor):
    launch(campaign, counselor)
    client.post(reverse("campaign-pause", args=[campaign.pk]))
    before = OrmQ.objects.count()
    client.post(reverse("campaign-resume", args=[campaign.pk]))
    assert OrmQ.objects.count() == before + 1


def sent(campaign):
    """Makes the campaign's first messages look sent, with words."""
    message = Message.objects.filter(campaign=campaign, channel=Channel.SMS).first()
    message.body, message.state, message.sent_at = "Hola, Ana", "sent", timezone.now()
    message.save()
    return message


def test_the_outbox_shows_what_was_sent_and_filters(client, campaign, counselor):
    launch(campaign, counselor)
    Message.objects.update(body_sealed=b"")
    message = sent(campaign)
    page = client.get(reverse("outbox"), {"campaign": campaign.pk, "channel": "sms"})
    assert [entry.message for entry in page.context["entries"]] == [message]
    assert "Hola, Ana" in page.content.decode()
    assert client.get(reverse("outbox"), {"channel": "email"}).context["entries"] == []


def test_another_schools_counselor_reads_no_message(client, town, campaign, counselor):
    launch(campaign, counselor)
    sent(campaign)
    client.force_login(town.counselor(town.other_school))
    assert client.get(reverse("outbox")).context["entries"] == []


def test_a_list_of_campaigns_shows_how_far_each_has_come(client, campaign, counselor):
    launch(campaign, counselor)
    (group,) = client.get(reverse("campaigns")).context["groups"]
    assert group["campaigns"][0]["total"] == Message.objects.count()


def test_the_outbox_of_a_campaign_that_waits_says_so(client, campaign, counselor):
    launch(campaign, counselor)
    Message.objects.update(body_sealed=b"", state=MessageState.PENDING)
    page = client.get(reverse("outbox"), {"campaign": campaign.pk})
    waiting = Message.objects.filter(campaign=campaign).count()
    assert f"{waiting} messages wait for their hour" in page.content.decode()
