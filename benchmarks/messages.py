"""`make bench`, one part: messages a second through the outbox, beside the plain way to send.

The plain way: Twilio's and SendGrid's own clients in a loop, one request a message, with no record
of who got what. Ours does all that it does in earnest: makes the messages, checks consent,
suppression and hours in the claim, words each one, keeps the outcome. All on SQLite in a temporary
folder, against a local provider that answers after `wait` seconds (0.05 is about what a real one
takes; 0 leaves the sender alone to be measured, where the plain loop, which does so much less, is
the quicker).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any


def set_up(folder: str, provider: str) -> None:
    """Django on a fresh database, with the local provider in the real ones' place."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "TRANSPORT": "live",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "bench",
        "TWILIO_FROM": "+12065550100",
        "TWILIO_API_URL": provider,
        "TWILIO_MPS": "100000",  # no limit that this would meet
        "SENDGRID_API_KEY": "SG.bench",
        "SENDGRID_API_URL": provider,
        "POSTAL_ADDRESS": "1 Example Street",
        "FROM_EMAIL": "aid@example.org",
        "LOG_LEVEL": "ERROR",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def make_families(count: int, now: dt.datetime) -> Any:
    """A made-up school with `count` families, each with a phone and an e-mail address."""
    from config.quickstart import moments, places
    from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student
    from schools.models import School

    when = moments.at(now)
    places.make(when.cycle)
    school = School.objects.get(nces_id=places.JUNIPER.schools[0].nces_id)
    homes, students, contacts, ties, points = [], [], [], [], []
    for number in range(count):
        home = Household(district=school.district)
        student = Student(
            district=school.district,
            school=school,
            household=home,
            cycle=when.cycle,
            sis_id=str(number),
            first_name="Ana",
            last_name=str(number),
        )
        language = "es" if number % 3 == 0 else "en"
        contact = Contact(district=school.district, first_name="Marisol", language=language)
        for channel, address in (
            (Channel.SMS, f"+1206{5_000_000 + number:07d}"),
            (Channel.EMAIL, f"family{number}@example.org"),
        ):
            point = ContactPoint(id=uuid.uuid4(), contact=contact, channel=channel)
            point.set_address(address)
            points.append(point)
        homes.append(home)
        students.append(student)
        contacts.append(contact)
        ties.append(Guardianship(contact=contact, student=student))
    for model, rows in (
        (Household, homes),
        (Student, students),
        (Contact, contacts),
        (Guardianship, ties),
        (ContactPoint, points),
    ):
        model.objects.bulk_create(rows, batch_size=500)
    return school


def through_the_outbox(school: Any, channel: str, now: dt.datetime) -> None:
    from campaigns import control, packs, tick
    from config.quickstart import moments

    campaign = packs.adopt(
        packs.find("form-opens"),
        district=school.district,
        schools=[school],
        cycle=moments.at(now).cycle,
        by=None,
        now=now,
    )
    campaign.steps.exclude(position=1).delete()
    campaign.steps.update(channels=channel)
    control.launch(campaign, by=None, now=now)
    tick.run(now, until_idle=True)


def plain_texts(count: int, provider: str) -> None:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Local(TwilioHttpClient):
        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(
                method, url.replace("https://api.twilio.com", provider), *args, **kwargs
            )

    client = Client("AC" + "0" * 32, "bench", http_client=Local())
    for number in range(count):
        client.messages.create(
            to=f"+1206{5_000_000 + number:07d}",
            from_="+12065550100",
            body="Tamarack Ridge: the FAFSA and the WASFA for Ana are open: example.org/f/x",
        )


def plain_mails(count: int, provider: str) -> None:
    from sendgrid import SendGridAPIClient

    client = SendGridAPIClient("SG.bench", host=provider)
    for number in range(count):
        client.client.mail.send.post(
            request_body={
                "from": {"email": "aid@example.org"},
                "personalizations": [{"to": [{"email": f"family{number}@example.org"}]}],
                "subject": "The FAFSA and the WASFA for Ana are open",
                "content": [{"type": "text/plain", "value": "Hello Marisol. " * 40}],
            }
        )


def rate(count: int, act: Callable[[], None]) -> float:
    """Messages a second."""
    began = time.perf_counter()
    act()
    return count / (time.perf_counter() - began)


def counted(provider: str, kind: str) -> int:
    with urllib.request.urlopen(f"{provider}/counted") as answer:
        return int(json.load(answer)[kind])


def compare(count: int, provider: str) -> list[dict[str, Any]]:
    """A row a channel; the outbox's turn counts only if each message arrived exactly once."""
    from django.utils import timezone

    now = timezone.now().replace(hour=20)  # noon in Washington: lawful for everyone
    school = make_families(count, now)
    rows = []
    for kind, plain in (("sms", plain_texts), ("email", plain_mails)):
        plainly = rate(count, lambda act=plain: act(count, provider))  # type: ignore[misc]
        assert counted(provider, kind) == count
        ours = rate(count, lambda channel=kind: through_the_outbox(school, channel, now))  # type: ignore[misc]
        arrived = counted(provider, kind)
        assert arrived == count, f"{arrived} of {count} arrived"
        rows.append(
            {
                "channel": kind,
                "messages": count,
                "plain_per_second": round(plainly),
                "outbox_per_second": round(ours),
                "ratio": round(ours / plainly, 2),
            }
        )
    return rows


def measure(count: int, wait: float) -> list[dict[str, Any]]:
    """The comparison on a fresh database, against a provider that answers after `wait` seconds."""
    from benchmarks.provider import running

    with tempfile.TemporaryDirectory() as folder, running(wait) as provider:
        set_up(folder, provider)
        return compare(count, provider)
