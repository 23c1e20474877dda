"""The one small interface between the outbox and whoever carries its messages.

A transport is one file; nothing else names its provider.
"""

from __future__ import annotations

import datetime as dt
import enum
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from contacts.models import Channel

LAST_SECONDS = 5.0  # of the lawful hours: too few for a provider to pass a message on


class Fate(enum.StrEnum):
    """What a provider did with a parcel, as far as we know."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # the provider answered no; `code` says why
    NOT_SENT = "not_sent"  # certainly not accepted: it may be tried again
    UNKNOWN = "unknown"  # it may have been accepted: never simply sent again


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to be handed over."""

    message: int
    channel: str
    to: str
    body: str
    subject: str = ""
    html: str = ""
    unsubscribe_url: str = ""
    sender: str = ""  # a text's number or messaging service; empty: that of the settings
    campaign: int | None = None
    claimed_at: dt.datetime | None = None
    # Moments of time.monotonic(). After the first it must not be handed over, for the lease ends
    # soon; nor, where it is looked up, is an answer waited for. At the second the family's lawful
    # hours end; an answer to its own message knows no such end.
    give_up_at: float = float("inf")
    closes_at: float = float("inf")

    @property
    def too_late(self) -> bool:
        return time.monotonic() > self.give_up_at or self.seconds_left < LAST_SECONDS

    @property
    def seconds_left(self) -> float:
        """For how long the provider may still pass it on."""
        return self.closes_at - time.monotonic()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one parcel. `wait` (seconds): the provider asks not to try before."""

    message: int
    fate: Fate
    provider_id: str = ""
    code: str = ""
    wait: float = 0


class Transport(Protocol):
    name: str
    has_a_log: bool  # that tells of each message whether it was taken
    together: bool  # many go in one request, which is taken whole or not at all

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """Hands parcels over; one outcome each. Never tries a parcel twice."""

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """What became of parcels whose outcome was lost, as the provider's own log says; unknown
        for those of which it has not told by their `give_up_at`."""


def for_channel(channel: str) -> Transport:
    """The transport that the settings choose for a channel."""
    if settings.TRANSPORT == "sandbox":
        from campaigns.transports.sandbox import Sandbox

        return Sandbox()
    if channel == Channel.SMS:
        from campaigns.transports.twilio_sms import TwilioSms

        return TwilioSms()
    if settings.EMAIL_URL:
        from campaigns.transports.smtp_email import SmtpEmail

        return SmtpEmail()
    from campaigns.transports.sendgrid_email import SendGridEmail

    return SendGridEmail()
