"""What people see of sending: the doubtful, the senders, the workers, why something stopped."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from campaigns import tasks
from campaigns.models import (
    CampaignState,
    Message,
    MessageState,
    Sender,
    WorkerHeartbeat,
)
from campaigns.models.campaign import ForbiddenMove
from campaigns.sending import alerts, stops, uncertain
from schools.models import AuditEntry, Membership, Role, User
from tests.sending.conftest import World


@pytest.fixture
def administrator(world: World, client) -> User:
    user = User.objects.create_user(email="admin@example.org", password="x" * 20)
    Membership.objects.create(user=user, role=Role.DISTRICT_ADMINISTRATOR, district=world.district)
    client.force_login(user)
    return user


@pytest.fixture
def doubtful(world: World, providers) -> Message:
    """An e-mail that nobody knows the fate of."""
    world.families(1, email=True)
    world.launched("email")
    providers.journal.mail_faults.append("cut_after")
    for _ in range(12):
        world.tick(minutes=4)
    return Message.objects.get(state=MessageState.UNCERTAIN)


# Uncertain ----------------------------------------------------------------------------------


def test_a_doubtful_message_is_listed_and_counts_as_sent_when_a_person_says_so(
    doubtful, administrator, client
):
    assert reverse("uncertain") in client.get("/").content.decode()
    page = client.get(reverse("uncertain")).content.decode()
    assert "Rosa" in page
    client.post(reverse("uncertain-settle", args=[doubtful.pk]), {"was": "sent"})
    doubtful.refresh_from_db()
    assert doubtful.state == MessageState.SENT
    assert "Nothing is uncertain" in client.get(reverse("uncertain")).content.decode()


def test_one_that_was_not_sent_goes_out_again_once(doubtful, world, providers):
    uncertain.send_again(doubtful, now=world.now)
    with pytest.raises(ForbiddenMove):
        uncertain.send_again(doubtful, now=world.now)
    providers.journal.mails.clear()
    world.tick(minutes=1)
    assert len(providers.journal.mails) == 1
    doubtful.refresh_from_db()
    assert doubtful.state == MessageState.SENT


def test_what_is_settled_too_late_is_not_sent_any_more(doubtful, world):
    uncertain.send_again(doubtful, now=world.now + dt.timedelta(days=30))
    assert doubtful.state == MessageState.CANCELLED


@pytest.mark.parametrize("was", ["sent", "not_sent"])
def test_a_request_of_many_that_was_lost_is_settled_at_once(
    world, providers, administrator, client, was
):
    world.families(40, email=True)
    world.launched("email")
    providers.journal.mail_faults.append("cut_before")
    for _ in range(12):
        world.tick(minutes=4)
    page = client.get(reverse("uncertain"))
    html = page.content.decode()
    [group] = page.context["together"]
    assert group.count == 40
    said = {
        "campaign": group.campaign.pk,
        "channel": group.channel,
        "claimed_at": re.search(r'name="claimed_at" value="([^"]+)"', html)[1],
        "was": was,
    }
    with time_machine.travel(world.now, tick=False):
        client.post(reverse("uncertain-settle-together"), said)
    world.tick(minutes=1)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
    assert len(providers.journal.mails) == (0 if was == "sent" else 40)
    entry = AuditEntry.objects.get(action="message.settled")
    assert (entry.actor, entry.details["messages"]) == (administrator, 40)


def _of_all(message: Message, **said: str) -> dict[str, object]:
    """What the page would post to say that none of a message's hand-over was sent."""
    return {
        "campaign": message.campaign_id,
        "channel": message.channel,
        "claimed_at": message.claimed_at.isoformat(),
        "was": "not_sent",
        **said,
    }


def test_of_what_went_one_by_one_nobody_says_one_thing_of_all(
    world, settings, administrator, client, monkeypatch
):
    """A worker dies when its mail server has taken six of ten."""
    settings.TRANSPORT, settings.EMAIL_URL = "live", "smtp://localhost"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    world.families(10, email=True)
    world.launched("email")
    monkeypatch.setattr(EmailMultiAlternatives, "send", _dies_after(6))
    with pytest.raises(KeyboardInterrupt):
        world.tick()
    monkeypatch.undo()
    for _ in range(2):
        world.tick(minutes=60)
    doubtful = Message.objects.filter(state=MessageState.UNCERTAIN)
    assert (doubtful.count(), len(mail.outbox)) == (10, 6)
    assert not client.get(reverse("uncertain")).context["together"]
    said = _of_all(doubtful[0])
    assert client.post(reverse("uncertain-settle-together"), said).status_code == 404
    world.tick(minutes=1)
    assert (doubtful.count(), len(mail.outbox)) == (10, 6)


def _dies_after(count: int) -> Callable[[EmailMultiAlternatives], int]:
    """A mail's `send` that works so many times; then the process is interrupted."""
    left = iter(range(count))
    really = EmailMultiAlternatives.send

    def send(mail: EmailMultiAlternatives) -> int:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return really(mail)

    return send


def test_texts_are_settled_one_by_one(world, providers, administrator, client):
    world.families(2)
    world.launched()
    world.tick()
    Message.objects.update(state=MessageState.UNCERTAIN, claimed_at=world.now)
    assert not client.get(reverse("uncertain")).context["together"]
    said = _of_all(Message.objects.first())
    assert client.post(reverse("uncertain-settle-together"), said).status_code == 404
    assert Message.objects.filter(state=MessageState.UNCERTAIN).count() == 2


@pytest.mark.parametrize(
    "moment",
    ["", "yesterday", "2026-13-45T00:00:00Z", "2026-11-17T12:00:00", "0001-01-01T00:00:00+14:00"],
)
def test_a_moment_that_no_page_shows_settles_nothing(
    doubtful, administrator, client, world, moment
):
    Message.objects.update(claimed_at=None)  # an older record's
    doubtful.claimed_at = world.now
    said = _of_all(doubtful, claimed_at=moment)
    assert client.post(reverse("uncertain-settle-together"), said).status_code == 404
    doubtful.refresh_from_db()
    assert doubtful.state == MessageState.UNCERTAIN


def test_nobody_settles_what_they_may_not_see(world, client):
    world.families(2, email=True)
    campaign = world.launched("email")
    Message.objects.update(state=MessageState.UNCERTAIN, claimed_at=world.now)
    client.force_login(User.objects.create_user(email="x@example.org", password="x" * 20))
    assert client.post(
        reverse("uncertain-settle-together"), {"campaign": campaign.pk, "was": "sent"}
    ).status_code in (403, 404)


# Senders ------------------------------------------------------------------------------------


def test_an_administrator_adds_and_stops_a_sender(world, administrator, client):
    url = reverse("district-senders", args=[world.district.nces_id])
    sent = {"kind": "10dlc", "address": "(206) 555-0111", "carrier_share": "100"}
    assert client.post(url, sent).status_code == 302
    sender = Sender.objects.get()
    assert (sender.address, sender.segments_a_day) == ("+12065550111", 2000)
    assert "0 of 2,000 segments of today" in client.get(url).content.decode()
    client.post(reverse("sender-stop", args=[sender.pk]))
    assert not Sender.objects.active().exists()
    client.post(url, sent)  # taken into use again
    assert Sender.objects.active().get() == sender


@pytest.mark.parametrize(
    ("field", "value"), [("address", "lincoln"), ("rate", "0"), ("carrier_share", "0")]
)
def test_a_sender_that_cannot_be_is_refused(world, administrator, client, field, value):
    url = reverse("district-senders", args=[world.district.nces_id])
    sent = {"kind": "10dlc", "address": "+12065550111", "carrier_share": "100", field: value}
    assert client.post(url, sent).status_code == 200
    assert not Sender.objects.exists()


# Workers ------------------------------------------------------------------------------------


def test_the_page_of_workers_tells_the_living_from_the_silent(world, administrator, client):
    now = timezone.now()
    page = client.get(reverse("workers")).content.decode()
    assert "No worker is alive" in page
    for name, ago in (("here-1", 10), ("there-2", 4000)):
        beat = now - dt.timedelta(seconds=ago)
        WorkerHeartbeat.objects.create(worker=name, started_at=beat, beat_at=beat)
    page = client.get(reverse("workers")).content.decode()
    assert "No worker is alive" not in page
    assert page.index("here-1") < page.index("Alive") < page.index("there-2") < page.index("Silent")


def test_it_shows_what_waits_and_what_goes_out(world, administrator, client, providers):
    world.now = timezone.now()
    world.families(4)
    world.launched()
    from campaigns.sending import expansion

    expansion.expand_due(world.now)
    Message.objects.filter(pk=Message.objects.first().pk).update(
        state=MessageState.SENT, sent_at=world.now
    )
    page = client.get(reverse("workers")).content.decode()
    assert '<td class="num" data-label="May go now">3</td>' in page


# A campaign that stopped ----------------------------------------------------------------------


def test_those_who_can_mend_it_are_told_once_and_see_it_on_their_start_page(
    world, providers, administrator, client, django_capture_on_commit_callbacks
):
    world.families(3)
    campaign = world.launched()
    providers.journal.text_faults.extend(["error:30034"] * 3)
    world.tick()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert tasks.tell_of_stop(campaign.pk) == 1
    [mail] = providers.journal.mails
    assert mail["to"] == "admin@example.org"
    assert "A2P 10DLC" in mail["text"]
    assert campaign.get_absolute_url() in mail["text"]
    assert campaign.get_absolute_url() in client.get("/").content.decode()
    assert "A2P 10DLC" in client.get(campaign.get_absolute_url()).content.decode()


def test_a_stop_asks_for_the_notice_only_once(world, django_capture_on_commit_callbacks, providers):
    from django_q.models import OrmQ

    world.families(1)
    campaign = world.launched()
    with django_capture_on_commit_callbacks(execute=True):
        assert stops.stop(campaign, stops.by_code("30034"), world.now)
        assert not stops.stop(campaign, stops.by_code("30034"), world.now)
    assert OrmQ.objects.count() == 1


def test_where_nobody_administers_the_owner_is_told(world):
    owner = User.objects.create_superuser(email="owner@example.org", password="x" * 20)
    assert alerts.administrators(world.campaign()) == [owner]


def test_a_campaign_that_a_person_paused_is_told_to_nobody(world, providers):
    from campaigns import control

    campaign = world.launched()
    control.pause(campaign, by=None, now=world.now)
    assert tasks.tell_of_stop(campaign.pk) == 0
