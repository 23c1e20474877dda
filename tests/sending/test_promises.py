"""One message an address, whatever dies, repeats or arrives out of order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from campaigns.models import CampaignState, Event, Message, MessageState
from contacts.models import Channel, ContactPoint, Suppression
from tests.providers.server import KEY, SID, TOKEN


def tick_until_settled(world, times: int = 8) -> None:
    for _ in range(times):
        world.tick(minutes=4)


@pytest.mark.parametrize("fault", ["429", "503", "cut_before", "cut_after"])
def test_a_text_fault_costs_no_family_its_message_and_gives_none_two(world, providers, fault):
    world.families(30)
    world.launched()
    providers.journal.text_faults.extend([fault] * 7)
    tick_until_settled(world)
    counts = providers.journal.texts_by_number
    assert len(counts) == 30
    assert set(counts.values()) == {1}
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}


@pytest.mark.parametrize("fault", ["429", "cut_after"])
def test_no_family_gets_an_email_twice(world, providers, fault):
    world.families(20, email=True)
    world.launched("email")
    providers.journal.mail_faults.append(fault)
    tick_until_settled(world, 12)
    counts = providers.journal.mails_by_address
    assert len(counts) == 20
    assert set(counts.values()) == {1}


def test_a_message_whose_answer_was_half_stored_is_found_to_be_its_own(world, providers):
    world.families(2)
    world.launched()
    world.tick()
    Message.objects.update(
        state=MessageState.CLAIMED, claim=uuid.uuid4(), lease_until=world.now, sent_at=None
    )
    world.tick(minutes=1)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
    assert len(providers.journal.texts) == 2


def test_where_nobody_can_tell_the_message_is_shown_as_uncertain(world, providers):
    world.families(1, email=True)
    world.launched("email")
    providers.journal.mail_faults.append("cut_after")
    tick_until_settled(world, 12)
    assert Message.objects.get().state == MessageState.UNCERTAIN


def test_an_unregistered_sender_pauses_the_campaign_and_says_so(world, providers):
    world.families(3)
    campaign = world.launched()
    providers.journal.text_faults.extend(["error:30034"] * 3)
    world.tick()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert campaign.stopped_because
    assert not providers.journal.texts


def test_a_number_that_opted_out_at_the_provider_is_opted_out_here(world, providers):
    world.families(1)
    point = ContactPoint.objects.get(channel=Channel.SMS)
    providers.journal.refused[point.address] = 21610
    world.launched()
    world.tick()
    assert Suppression.objects.active().filter(address_index=point.address_index).exists()


def test_a_landline_is_marked_and_not_tried_again(world, providers):
    world.families(1)
    point = ContactPoint.objects.get(channel=Channel.SMS)
    providers.journal.refused[point.address] = 21614
    world.launched()
    world.tick()
    point.refresh_from_db()
    assert point.unusable or point.line == ContactPoint.Line.LANDLINE
    assert Message.objects.get().state == MessageState.FAILED


def test_what_the_sandbox_sent_is_shown_as_delivered_soon_after(world, settings):
    settings.TRANSPORT = "sandbox"
    world.families(2)
    world.launched()
    world.tick()
    world.tick(minutes=1)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DELIVERED}


# Webhooks -----------------------------------------------------------------------------------


def told(client, providers, text, status, **more):
    path, form, signature = providers.status_callback(text, status, **more)
    return client.post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def test_a_delivery_report_moves_a_message_forward_and_never_back(world, providers, client):
    world.families(1)
    world.launched()
    world.tick()
    text = providers.journal.texts[0]
    assert told(client, providers, text, "delivered").status_code < 300
    assert told(client, providers, text, "sent").status_code < 300
    assert told(client, providers, text, "delivered").status_code < 300
    assert Message.objects.get().state == MessageState.DELIVERED
    assert Event.objects.filter(kind="delivered").count() == 1


def test_a_forged_report_changes_nothing(world, providers, client):
    world.families(1)
    world.launched()
    world.tick()
    path, form, _signature = providers.status_callback(providers.journal.texts[0], "failed")
    answer = client.post(path, form, headers={"X-Twilio-Signature": "Zm9yZ2Vk"})
    assert answer.status_code == 403
    assert Message.objects.get().state == MessageState.SENT
    assert not Event.objects.exists()


def test_email_events_count_once_and_a_complaint_silences_at_once(world, providers, client):
    world.families(1, email=True)
    world.launched("email")
    world.tick()
    message = Message.objects.get()
    event = {
        "sg_event_id": "one",
        "event": "spamreport",
        "message_id": str(message.pk),
        "timestamp": int(time.time()),
    }
    for _ in range(2):
        body, headers = providers.sign_events([event])
        answer = client.post(
            "/webhooks/sendgrid/events/", body, content_type="application/json", headers=headers
        )
        assert answer.status_code < 300
    assert Event.objects.count() == 1
    assert Suppression.objects.active().get().reason == Suppression.Reason.COMPLAINT


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("Unsubscribed Address", Suppression.Reason.UNSUBSCRIBED),
        ("Spam Reporting Address", Suppression.Reason.COMPLAINT),
        ("Bounced Address", Suppression.Reason.BOUNCE),
        ("Invalid SMTPAPI header", None),
    ],
)
def test_an_email_dropped_for_what_its_reader_said_silences(world, providers, client, why, reason):
    world.families(1, email=True)
    world.launched("email")
    world.tick()
    event = {
        "sg_event_id": "one",
        "event": "dropped",
        "reason": why,
        "message_id": str(Message.objects.get().pk),
        "timestamp": int(time.time()),
    }
    body, headers = providers.sign_events([event])
    client.post(
        "/webhooks/sendgrid/events/", body, content_type="application/json", headers=headers
    )
    assert Message.objects.get().state == MessageState.FAILED
    assert [s.reason for s in Suppression.objects.active()] == ([reason] if reason else [])


@pytest.mark.parametrize("fault", ["forged", "old", "none"])
def test_email_events_that_are_not_surely_sendgrids_are_refused(world, providers, client, fault):
    event = {"sg_event_id": "one", "event": "delivered", "timestamp": 1}
    body, headers = providers.sign_events(
        [event], at=time.time() - 3600 if fault == "old" else None
    )
    if fault == "forged":
        body += b" "
    answer = client.post(
        "/webhooks/sendgrid/events/",
        body,
        content_type="application/json",
        headers={} if fault == "none" else headers,
    )
    assert answer.status_code == 403
    assert not Event.objects.exists()


# A worker that is killed ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(providers, settings, tmp_path):
    """A tick in its own process is killed while its requests are in the air; then another runs."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        url = f"sqlite:///{tmp_path / 'killed.sqlite3'}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "TRANSPORT": "live",
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": "+12065550100",
        "TWILIO_MPS": "100000",
        "TWILIO_API_URL": providers.url,
        "SENDGRID_API_KEY": KEY,
        "SENDGRID_API_URL": providers.url,
        "EMAIL_URL": "",
    }
    if url.startswith("postgres"):
        pytest.skip("the file database stands for both: the claim is tried on PostgreSQL elsewhere")

    def run(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *words], cwd=django_settings.BASE_DIR, env=environment
        )

    story = Path(__file__).with_name("killed.py")
    assert run("manage.py", "migrate", "-v0").wait(120) == 0
    assert run(str(story), "set-up").wait(60) == 0
    providers.journal.seconds_an_answer = 0.15
    tick = run(str(story), "tick")
    while len(providers.journal.texts) < 60 and tick.poll() is None:
        time.sleep(0.01)
    assert tick.poll() is None, "the tick was over before it could be killed"
    tick.send_signal(signal.SIGKILL)
    tick.wait()
    time.sleep(0.5)
    providers.journal.seconds_an_answer = 0
    assert run(str(story), "tick-later").wait(120) == 0
    counts = providers.journal.texts_by_number
    assert len(counts) == 300
    assert set(counts.values()) == {1}
