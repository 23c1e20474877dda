"""One way of sending, in a process of its own: prints messages, seconds and the peak of memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import resource
import sys
import time
from typing import Any

ACCOUNT, SEATS, AT_ONCE = "AC" + "0" * 32, 50, 5_000
TEXT = (
    "Tamarack Ridge: the FAFSA and the WASFA for Ana are open: example.org/f/x Reply STOP to stop"
)
MAIL = "Hello Marisol. The FAFSA and the WASFA for Ana are open. " * 10


def main() -> None:
    what, count, provider = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    live(provider)
    if what == "sizes":
        os.environ["TRANSPORT"] = "sandbox"
    ways = {"plain": plain, "bare": bare, "post-office": post_office, "sizes": sizes}
    found = ways[what](count, provider) if what in ways else ours(count, what)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found))  # noqa: T201


def live(provider: str) -> None:
    """The local provider in the real ones' place, before Django reads its settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ |= {
        "TRANSPORT": "live",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "bench",
        "TWILIO_FROM": "+12065550100",
        "TWILIO_API_URL": provider,
        "TWILIO_MPS": "100000",  # no limit that this would meet
        "TWILIO_CONCURRENCY": str(SEATS),
        "SENDGRID_API_KEY": "SG.bench",
        "SENDGRID_API_URL": provider,
        "EMAIL_URL": "",
        "POSTAL_ADDRESS": "1 Example Street",
        "FROM_EMAIL": "aid@example.org",
        "LOG_LEVEL": "ERROR",
    }


def number(at: int) -> str:
    return f"+1206{2_000_000 + at:07d}"


# Peers --------------------------------------------------------------------------------------


def plain(count: int, provider: str) -> dict[str, Any]:
    """Twilio's own client in a loop."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Local(TwilioHttpClient):
        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            here = url.replace("https://api.twilio.com", provider)
            return super().request(method, here, *args, **kwargs)

    client = Client(ACCOUNT, "bench", http_client=Local())
    began = time.perf_counter()
    for at in range(count):
        client.messages.create(to=number(at), from_="+12065550100", body=TEXT)
    return {"messages": count, "seconds": time.perf_counter() - began}


def bare(count: int, provider: str) -> dict[str, Any]:
    """The requests alone, SEATS at a time over pooled connections."""
    import aiohttp

    url = f"{provider}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    async def run() -> None:
        connector = aiohttp.TCPConnector(limit=SEATS)
        signed = aiohttp.encode_basic_auth(ACCOUNT, "bench")
        async with aiohttp.ClientSession(
            connector=connector, headers={"Authorization": signed}
        ) as session:
            waiting = iter(range(count))

            async def work() -> None:
                for at in waiting:
                    form = {"To": number(at), "From": "+12065550100", "Body": TEXT}
                    async with session.post(url, data=form) as answer:
                        await answer.json()

            await asyncio.gather(*(work() for _ in range(SEATS)))

    began = time.perf_counter()
    asyncio.run(run())
    return {"messages": count, "seconds": time.perf_counter() - began}


def post_office(count: int, provider: str) -> dict[str, Any]:
    """django-post-office's queue over django-anymail's SendGrid backend."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peer_settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from post_office import mail

    began = time.perf_counter()
    mail.send_many(
        [
            {
                "sender": "aid@example.org",
                "recipients": [f"family{at}@example.org"],
                "subject": "The FAFSA and the WASFA for Ana are open",
                "message": MAIL,
                "headers": {"List-Unsubscribe": "<https://example.org/u/x>"},
            }
            for at in range(count)
        ]
    )
    mail.send_queued_mail_until_done(processes=1)
    return {"messages": count, "seconds": time.perf_counter() - began}


# Ours ---------------------------------------------------------------------------------------


def ours(count: int, channel: str) -> dict[str, Any]:
    """A campaign, from its launch to the last answer stored."""
    _step, now = set_up(count, channel)
    from django.urls import reverse

    from campaigns.sending import tick

    reverse("twilio-status")  # a worker has long read all addresses
    began = time.perf_counter()
    tick.run(now, until_idle=True)
    return {"messages": count, "seconds": time.perf_counter() - began}


def sizes(count: int, _provider: str) -> dict[str, Any]:
    """Microseconds a message: made by `bulk_create`, made set-based, and sent (10,000 of them).

    Both make all `count`: what an index costs grows with it.
    """
    step, now = set_up(count, "sms")
    from campaigns.models import Message, MessageState
    from campaigns.sending import expansion, pipeline

    began = time.perf_counter()
    by_bulk_create(step, now)
    plainly = (time.perf_counter() - began) / count
    empty(Message)
    began = time.perf_counter()
    assert expansion.expand(step, now) == count
    made = (time.perf_counter() - began) / count
    began = time.perf_counter()
    some = 10_000
    waiting = Message.objects.filter(state=MessageState.PENDING)
    went = [0]

    def enough() -> bool:
        went[0] += 1
        return went[0] > some // 1_000

    counts = pipeline.drain(lambda: now, enough)
    sent = (time.perf_counter() - began) / counts["sent"]
    assert waiting.count() == count - counts["sent"]
    return {
        "make_us": round(made * 1e6, 1),
        "bulk_create_us": round(plainly * 1e6, 1),
        "ratio": round(plainly / made, 1),
        "send_us": round(sent * 1e6, 1),
    }


def empty(model: Any) -> None:
    """Leaves no dead rows for whoever writes next."""
    from django.db import connection

    table = connection.ops.quote_name(model._meta.db_table)
    emptied = "TRUNCATE {} CASCADE" if connection.vendor == "postgresql" else "DELETE FROM {}"
    with connection.cursor() as cursor:
        cursor.execute(emptied.format(table))


def by_bulk_create(step: Any, now: dt.datetime) -> None:
    """The same rows the plain way: the audience read, and a message made for each address."""
    from campaigns.models import Message
    from campaigns.targeting import audience

    campaign = step.campaign
    points = (
        audience.Audience.of_step(step)
        .addresses(step.channels, "sms")
        .select_related("contact")
        .prefetch_related("contact__guardianships__student__school__district")
    )
    batch: list[Message] = []
    for point in points.iterator(chunk_size=400):
        student = point.contact.guardianships.all()[0].student
        batch.append(
            Message(
                step=step,
                campaign=campaign,
                contact_point=point,
                household_id=student.household_id,
                school=student.school,
                channel="sms",
                address_index=point.address_index,
                language=point.contact.language,
                time_zones=student.school.district.zone,
                not_before=now,
                expires_at=now + step.expires_after,
            )
        )
        if len(batch) == AT_ONCE:
            Message.objects.bulk_create(batch, batch_size=1_000)
            batch.clear()
    Message.objects.bulk_create(batch, batch_size=1_000)


def set_up(count: int, channel: str) -> tuple[Any, dt.datetime]:
    """A made-up school of `count` families with a phone and an e-mail each, and a launched campaign
    of one step for them all."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection
    from django.utils import timezone

    from campaigns import control, packs
    from config.quickstart import moments, places
    from schools.models import School

    now = timezone.now().replace(hour=20)  # noon in Washington: lawful for everyone
    when = moments.at(now)
    places.make(when.cycle)
    school = School.objects.get(nces_id=places.JUNIPER.schools[0].nces_id)
    for start in range(0, count, AT_ONCE):
        make_families(school, when.cycle, range(start, min(count, start + AT_ONCE)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself soon after
    campaign = packs.adopt(
        packs.find("form-opens"),
        district=school.district,
        schools=[school],
        cycle=when.cycle,
        by=None,
        now=now,
    )
    campaign.steps.exclude(position=1).delete()
    campaign.steps.update(channels=channel)
    control.launch(campaign, by=None, now=now)
    return campaign.steps.select_related("campaign__district").get(), now


def make_families(school: Any, cycle: Any, numbers: range) -> None:
    from contacts.models import Channel, Contact, ContactPoint, Guardianship, Household, Student

    homes, students, contacts, ties, points = [], [], [], [], []
    for at in numbers:
        home = Household(district=school.district)
        student = Student(
            district=school.district,
            school=school,
            household=home,
            cycle=cycle,
            sis_id=str(at),
            first_name="Ana",
            last_name=str(at),
        )
        contact = Contact(
            district=school.district, first_name="Marisol", language="en" if at % 3 else "es"
        )
        for kind, address in ((Channel.SMS, number(at)), (Channel.EMAIL, f"f{at}@example.org")):
            point = ContactPoint(contact=contact, channel=kind)
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
        model.objects.bulk_create(rows, batch_size=1_000)


if __name__ == "__main__":
    main()
