"""How messages leave: one file a provider, all behind the same small interface."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from contacts.models import Channel


@dataclass(frozen=True)
class Parcel:
    """One message, worded and addressed."""

    message_id: int
    to: str
    body: str
    subject: str = ""
    html: str = ""
    sender_name: str = ""
    unsubscribe_url: str = ""
    campaign_id: int | None = None
    claimed_at: dt.datetime | None = None


class Result(enum.Enum):
    ACCEPTED = "accepted"  # the provider has it
    REFUSED = "refused"  # the provider will not take it; `code` says why
    LATER = "later"  # for certain not taken; may be tried again
    UNKNOWN = "unknown"  # it may have been taken: ask before anything else
    ABSENT = "absent"  # asked: the provider has never seen it


@dataclass(frozen=True)
class Outcome:
    message_id: int
    result: Result
    provider_id: str = ""
    code: str = ""
    retry_after: float = 0.0  # seconds, where the provider says


class Transport(Protocol):
    """A provider. `send` yields an outcome for each parcel; `find` says what became of parcels
    that a crash or a cut line left unsettled (a parcel missing from it stays unsettled)."""

    name: str
    most: int  # parcels that it likes to take at once

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]: ...

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]: ...


def for_channel(channel: str) -> Transport:
    """The transport that settings choose for a channel. Raises ImproperlyConfigured."""
    # Each provider's library is loaded only where it is used.
    if settings.TRANSPORT == "sandbox":
        from campaigns.transports.sandbox import Sandbox

        return Sandbox()
    if settings.TRANSPORT != "live":
        raise ImproperlyConfigured("TRANSPORT is either `sandbox` or `live`.")
    if channel == Channel.SMS:
        from campaigns.transports.twilio_sms import TwilioSms

        return TwilioSms()
    if settings.EMAIL_URL:
        from campaigns.transports.smtp_email import SmtpEmail

        return SmtpEmail()
    from campaigns.transports.sendgrid_email import SendGridEmail

    return SendGridEmail()
