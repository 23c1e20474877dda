"""A district with one family that was written to, and hands to answer for it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from campaigns.inbox import inbound
from campaigns.models import Message, MessageState
from contacts import consent
from contacts.models import Channel, Contact, ContactPoint, Suppression
from tests.campaigns.conftest import Town

TUESDAY_MORNING = dt.datetime(2026, 11, 17, 10, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
TOKEN = "a-twilio-token"
SECRET = "an-inbound-secret"
PHONE = "Mozilla/5.0 (Linux; Android 9; SM-J260A) AppleWebKit/537.36 Chrome/96.0 Mobile Safari"
_numbers = itertools.count(1)


def write_to(point: ContactPoint, *, state: str = MessageState.SENT, **more: Any) -> Message:
    """A message that went (or is to go) to this address."""
    now = timezone.now()
    contact = point.contact
    student = contact.student or contact.students.first()
    message = Message.objects.create(
        contact_point=point,
        school=student.school,
        household=student.household,
        channel=point.channel,
        address_index=point.address_index,
        language=contact.language,
        state=state,
        not_before=now,
        expires_at=now + dt.timedelta(days=3),
        sent_at=now if state == MessageState.SENT else None,
        **more,
    )
    message.body = "Lincoln High School: the form is open."
    message.save()
    return message


def post_text(body: str, sender: str, **more: str) -> HttpResponse:
    """A text from a family, signed as Twilio signs (https://www.twilio.com/docs/usage/security)."""
    form = {"From": sender, "Body": body, "MessageSid": f"SM{next(_numbers)}", **more}
    path = "/webhooks/twilio/inbound/"
    said = "http://localhost:8000" + path + "".join(k + form[k] for k in sorted(form))
    mac = hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()
    signature = base64.b64encode(mac).decode()
    return Client().post(path, form, headers={"X-Twilio-Signature": signature})


def text_in(body: str, sender: str, **more: str) -> HttpResponse:
    """A text from a family comes, and a worker takes it in."""
    answer = post_text(body, sender, **more)
    inbound.take_in(timezone.now())
    return answer


def answer_to(body: str, sender: str, **more: str) -> str:
    """A text from a family comes; the words that go back by themselves, "" for none."""
    before = set(Message.objects.values_list("pk", flat=True))
    text_in(body, sender, **more)
    new = Message.objects.exclude(answers=None).exclude(pk__in=before)
    return "\n".join(message.body for message in new)


def mail_in(text: str, sender: str, **more: str) -> HttpResponse:
    """An e-mail from a family comes, and a worker takes it in."""
    answer = post_mail(text, sender, **more)
    inbound.take_in(timezone.now())
    return answer


def post_mail(text: str, sender: str, *, key: str = SECRET, **more: str) -> HttpResponse:
    """An e-mail from a family, as SendGrid posts it."""
    form = {
        "from": f"Rosa <{sender}>",
        "subject": "Re: Financial aid",
        "text": text,
        "headers": f"Message-ID: <{next(_numbers)}@example.org>\n",
        "SPF": "pass",
        "envelope": json.dumps({"from": sender.lower()}),
        **more,
    }
    return Client().post(f"/webhooks/sendgrid/inbound/?key={key}", form)


def click(address: str, *, agent: str = PHONE, method: str = "get", **headers: str) -> HttpResponse:
    """Someone, or something, opens a link."""
    return getattr(Client(), method)(address, headers={"User-Agent": agent, **headers})


def is_silent(point: ContactPoint) -> bool:
    """True if nobody on this install may write to the address."""
    active = Suppression.objects.active().filter(
        channel=point.channel, address_index=point.address_index
    )
    may = consent.allowed(ContactPoint.objects.filter(pk=point.pk)).exists()
    assert active.exists() != may
    return active.exists()


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A school day's morning, when somebody is there to answer."""
    with time_machine.travel(TUESDAY_MORNING) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _providers(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = TOKEN
    settings.SENDGRID_INBOUND_SECRET = SECRET
    settings.PUBLIC_URL = "http://localhost:8000"


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.fixture
def family(town: Town) -> Contact:
    return town.family("Ana", guardian="Rosa", phone="+13605550111", email="rosa@example.org")


@pytest.fixture
def phone(family: Contact) -> ContactPoint:
    return family.points.get(channel=Channel.SMS)


@pytest.fixture
def mailbox(family: Contact) -> ContactPoint:
    return family.points.get(channel=Channel.EMAIL)
