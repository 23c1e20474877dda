"""What a provider's error code means for a message, its address and its campaign.

Sources: Twilio's error dictionary, https://www.twilio.com/docs/api/errors/<code>; SendGrid's
v3 errors and event types, https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event;
SMTP enhanced status codes, RFC 5321 §4.2.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    ADDRESS_DONE = "address_done"  # this address will never take a message of this kind
    OPTED_OUT = "opted_out"  # its owner said no to the provider: the same as to us
    LATER = "later"  # may work in a while
    OURS = "ours"  # our own account must be mended: the campaign pauses
    MESSAGE = "message"  # this one message is at fault


@dataclass(frozen=True)
class Meaning:
    verdict: Verdict
    plain: str  # shown to staff


def _twilio(verdict: Verdict, **codes: str) -> dict[str, Meaning]:
    return {code.removeprefix("t"): Meaning(verdict, plain) for code, plain in codes.items()}


TABLE: dict[str, Meaning] = {
    **_twilio(
        Verdict.ADDRESS_DONE,
        t21211="Not a phone number",
        t21614="Not a mobile number",
        t30005="Number not in service",
        t30006="Landline or unreachable carrier",
    ),
    **_twilio(Verdict.OPTED_OUT, t21610="Opted out at the carrier"),
    **_twilio(
        Verdict.LATER,
        t20429="Too many requests",
        t30001="Provider's queue is full",
        t30003="Phone switched off or out of reach",
        t30008="Carrier gave no reason",
        t30017="Carrier is congested",
    ),
    **_twilio(
        Verdict.OURS,
        t20003="The Twilio credentials are wrong",
        t20404="The Twilio account was not found",
        t21408="Texts to this country are not enabled at Twilio",
        t21606="The Twilio sender cannot send texts",
        t21612="The Twilio sender cannot reach this carrier",
        t21703="The Twilio messaging service has no sender",
        t30002="The Twilio account is suspended",
        t30007="The carrier filters our texts",
        t30032="The toll-free number is not verified",
        t30034="The number is not registered for A2P 10DLC",
        t90010="The Twilio account has no funds",
    ),
    **_twilio(
        Verdict.MESSAGE, t21617="Longer than 1,600 characters", t30004="Blocked by the phone"
    ),
    # HTTP answers without a code of their own
    "400": Meaning(Verdict.MESSAGE, "The provider found the message invalid"),
    "401": Meaning(Verdict.OURS, "The provider's key is wrong"),
    "403": Meaning(Verdict.OURS, "The provider does not let us send from this address"),
    "413": Meaning(Verdict.MESSAGE, "Too large"),
    "429": Meaning(Verdict.LATER, "Too many requests"),
    # SendGrid's events
    "bounce": Meaning(Verdict.ADDRESS_DONE, "The address does not exist"),
    "blocked": Meaning(Verdict.MESSAGE, "The mail server refused this message"),
    "dropped": Meaning(Verdict.MESSAGE, "SendGrid keeps this address on its own list"),
    # SMTP
    "smtp-550": Meaning(Verdict.ADDRESS_DONE, "The address does not exist"),
    "smtp-551": Meaning(Verdict.ADDRESS_DONE, "The address does not exist"),
    "smtp-553": Meaning(Verdict.ADDRESS_DONE, "Not an address"),
    "smtp-530": Meaning(Verdict.OURS, "The mail server wants a sign-in"),
    "smtp-535": Meaning(Verdict.OURS, "The mail server refused our sign-in"),
}
UNLISTED = Meaning(Verdict.MESSAGE, "The provider refused it")


def meaning(code: str) -> Meaning:
    """What a code means; one we do not know is taken as that one message's fault."""
    return TABLE.get(code, UNLISTED)
