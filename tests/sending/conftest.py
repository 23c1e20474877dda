"""A district in Washington, a campaign for it, and providers on this machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from campaigns import control
from campaigns.models import Campaign, Step, StepText
from campaigns.sending import tick
from contacts import consent
from contacts.crypto import blind_index, seal
from contacts.models import (
    Channel,
    Contact,
    ContactPoint,
    Guardianship,
    Household,
    Student,
    Suppression,
)
from schools.models import Cycle, District, School, State
from tests.providers.server import KEY, SID, TOKEN, Providers

PACIFIC = ZoneInfo("America/Los_Angeles")
TUESDAY_NOON = dt.datetime(2026, 11, 17, 12, 0, tzinfo=PACIFIC)


class World:
    """One district, one school, and what the sending tests do with them."""

    now = TUESDAY_NOON

    def __init__(self, state: str = "WA", zone: str = "America/Los_Angeles") -> None:
        self.state = State.objects.create(code=state, name="A state", time_zone=zone)
        self.cycle = Cycle.objects.create(name="2027-28")
        self.district = District.objects.create(nces_id="5300001", name="D", state=self.state)
        self.school = School.objects.create(
            nces_id="530000100001", name="Lincoln High", state=self.state, district=self.district
        )

    def families(self, count: int, *, email: bool = False) -> None:
        """So many families, set-based: a student, a guardian, a phone and perhaps an e-mail."""
        begin = Household.objects.count()
        homes = [Household(district=self.district) for _ in range(count)]
        students = [
            Student(
                district=self.district,
                school=self.school,
                household=home,
                cycle=self.cycle,
                sis_id=f"S{begin + n}",
                first_name="Ana",
            )
            for n, home in enumerate(homes)
        ]
        contacts = [
            Contact(district=self.district, sis_id=f"C{begin + n}", first_name="Rosa")
            for n in range(count)
        ]
        points = []
        for n, contact in enumerate(contacts):
            addresses = {Channel.SMS: f"+1206{5_550_000 + begin + n:07d}"}
            if email:
                addresses[Channel.EMAIL] = f"family{begin + n}@example.org"
            for channel, address in addresses.items():
                point = ContactPoint(contact=contact, channel=channel)
                point.address_index = blind_index(channel, address)
                point.address_sealed = seal(
                    address, f"{ContactPoint._meta.db_table}.address_sealed.{point.pk}"
                )
                points.append(point)
        Household.objects.bulk_create(homes, 1000)
        Student.objects.bulk_create(students, 1000)
        Contact.objects.bulk_create(contacts, 1000)
        Guardianship.objects.bulk_create(
            [
                Guardianship(contact=contact, student=student)
                for contact, student in zip(contacts, students, strict=True)
            ],
            1000,
        )
        ContactPoint.objects.bulk_create(points, 1000)

    def campaign(self, channels: str = Step.Channels.SMS, **more: object) -> Campaign:
        """A draft with one step and approved English words."""
        campaign = Campaign.objects.create(
            name="Reminder",
            district=self.district,
            cycle=self.cycle,
            audience={"statuses": ["not_started", "in_progress"]},
            **more,
        )
        campaign.schools.add(self.school)
        self.step(campaign, channels)
        return campaign

    def step(self, campaign: Campaign, channels: str = Step.Channels.SMS, **more: object) -> Step:
        step = Step.objects.create(
            campaign=campaign, position=campaign.steps.count() + 1, channels=channels, **more
        )
        for channel in Channel.values:
            StepText.objects.create(
                step=step,
                channel=channel,
                language="en",
                subject="Time to apply",
                body="{school}: {student} can apply for aid now: {link}",
                review=StepText.Review.APPROVED,
            )
        return step

    def launched(self, channels: str = Step.Channels.SMS, **more: object) -> Campaign:
        campaign = self.campaign(channels, **more)
        control.launch(campaign, by=None, now=self.now)
        return campaign

    def unsubscribes_everyone(self) -> None:
        """Every mailbox asks for no more mail."""
        for point in ContactPoint.objects.filter(channel=Channel.EMAIL):
            consent.withdraw(
                point.channel,
                point.address_index,
                reason=Suppression.Reason.UNSUBSCRIBED,
                basis="a test",
                at=self.now,
            )

    def tick(self, *, minutes: float = 0, until_idle: bool = True) -> tick.TickReport:
        """The clock goes on by so many minutes, then one tick."""
        self.now += dt.timedelta(minutes=minutes)
        return tick.run(self.now, until_idle=until_idle)


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def providers(settings) -> Iterator[Providers]:
    """Both providers, live for the settings."""
    with Providers() as running:
        settings.TRANSPORT = "live"
        settings.EMAIL_URL = ""
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = SID, TOKEN
        settings.TWILIO_API_URL = settings.SENDGRID_API_URL = running.url
        settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = "+12065550100", ""
        settings.TWILIO_MPS, settings.TWILIO_CONCURRENCY = 100_000, 50
        settings.SENDGRID_API_KEY = KEY
        settings.SENDGRID_WEBHOOK_PUBLIC_KEY = running.public_key
        settings.FROM_EMAIL = "Lincoln High <aid@example.org>"
        yield running
