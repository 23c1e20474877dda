"""What providers' error codes mean for us: one table, each row with where it is written."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TWILIO = "https://www.twilio.com/docs/api/errors/"
SENDGRID = "https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/"


class Kind(enum.StrEnum):
    PERMANENT = "permanent"  # this address is done for
    OPTED_OUT = "opted_out"  # its owner told the provider to stop
    TEMPORARY = "temporary"  # worth another try, a few times
    OURS = "ours"  # nothing will go out before we mend it: the campaign pauses
    MESSAGE = "message"  # only this message is at fault


@dataclass(frozen=True)
class Meaning:
    kind: Kind
    source: str
    mend: str | Promise = ""  # for OURS: what stopped the campaign, in plain words


def _twilio(code: int, kind: Kind, mend: str | Promise = "") -> tuple[str, Meaning]:
    return str(code), Meaning(kind, f"{TWILIO}{code}", mend)


def _sendgrid(status: int, kind: Kind, mend: str | Promise = "") -> tuple[str, Meaning]:
    return f"sendgrid-{status}", Meaning(kind, f"{SENDGRID}responses", mend)


_CREDENTIALS = _("Twilio does not accept our credentials. Check the account SID and auth token.")
_SENDER = _("The sending number or messaging service cannot send these texts. Check it at Twilio.")

_SUSPENDED = _("Our Twilio account is not active: see to its balance and its notices at Twilio.")

TABLE: dict[str, Meaning] = dict(
    [
        _twilio(21211, Kind.PERMANENT),
        _twilio(21614, Kind.PERMANENT),
        _twilio(30005, Kind.PERMANENT),
        _twilio(30006, Kind.PERMANENT),
        _twilio(30004, Kind.PERMANENT),
        _twilio(21610, Kind.OPTED_OUT),
        _twilio(20429, Kind.TEMPORARY),
        _twilio(30022, Kind.TEMPORARY),  # faster than the 10DLC campaign may
        _twilio(60728, Kind.TEMPORARY),  # the account's hourly limit
        _twilio(30001, Kind.TEMPORARY),
        _twilio(30036, Kind.TEMPORARY),  # still queued when the lawful hours ended
        _twilio(30003, Kind.TEMPORARY),
        _twilio(30008, Kind.TEMPORARY),
        _twilio(30017, Kind.TEMPORARY),
        _twilio(21617, Kind.MESSAGE),
        _twilio(20003, Kind.OURS, _CREDENTIALS),
        _twilio(20404, Kind.OURS, _CREDENTIALS),
        _twilio(30002, Kind.OURS, _SUSPENDED),
        _twilio(20005, Kind.OURS, _SUSPENDED),
        _twilio(10001, Kind.OURS, _SUSPENDED),
        _twilio(
            63038,
            Kind.OURS,
            _(
                "Twilio’s daily limit of our account is reached. Go on tomorrow, or ask Twilio "
                "for more."
            ),
        ),
        _twilio(21212, Kind.OURS, _SENDER),
        _twilio(21603, Kind.OURS, _SENDER),
        _twilio(21606, Kind.OURS, _SENDER),
        _twilio(21612, Kind.OURS, _SENDER),
        _twilio(21703, Kind.OURS, _SENDER),
        _twilio(21408, Kind.OURS, _("Twilio has this region switched off for our account.")),
        _twilio(30007, Kind.OURS, _("Carriers filter our texts. Review the words and the sender.")),
        _twilio(30034, Kind.OURS, _("Our number has no registered A2P 10DLC campaign.")),
        _twilio(30032, Kind.OURS, _("Our toll-free number is not verified yet.")),
        _sendgrid(400, Kind.MESSAGE),
        _sendgrid(401, Kind.OURS, _("SendGrid does not accept our API key.")),
        _sendgrid(403, Kind.OURS, _("SendGrid does not let us use this sender.")),
        _sendgrid(413, Kind.MESSAGE),
        _sendgrid(429, Kind.TEMPORARY),
        ("smtp-550", Meaning(Kind.PERMANENT, "RFC 5321 4.2.3")),
        ("smtp-553", Meaning(Kind.PERMANENT, "RFC 5321 4.2.3")),
        ("smtp-535", Meaning(Kind.OURS, "RFC 4954 6", _("The mail server refuses our sign-in."))),
    ]
)

# Codes by which a number takes no texts, whoever asks. Who blocks us takes them from others.
TAKES_NO_TEXTS = ("21211", "21614", "30005", "30006")
LANDLINES = frozenset({"21614", "30006"})  # what they say of the number is so for good

RETRIES = 5
# A text that was accepted and then, for certain, not delivered is tried again so often, and not
# before: a telephone that is off now is off in a minute.
UNDELIVERED_TRIES = 3
UNDELIVERED_AFTER = (dt.timedelta(minutes=30), dt.timedelta(hours=3))
# What may have arrived all the same: never sent a second time.
PERHAPS_DELIVERED = frozenset({"30008"})
LONGEST_BACKOFF = dt.timedelta(hours=1)


def meaning_of(code: str) -> Meaning:
    """What a code means; one that the table does not know concerns its own message only."""
    return TABLE.get(code, Meaning(Kind.MESSAGE, ""))


def next_try(attempts: int, now: dt.datetime, wait: float = 0) -> dt.datetime:
    """When to try again after so many attempts: doubling from RETRY_SECONDS, at most an hour, and
    not before the `wait` (seconds) that the provider asked for."""
    first = dt.timedelta(seconds=settings.RETRY_SECONDS)
    backoff = min(first * 2 ** min(max(0, attempts - 1), 10), LONGEST_BACKOFF)
    return now + max(dt.timedelta(seconds=wait), backoff)
