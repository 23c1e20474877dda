"""Is this really the provider? Signatures of webhooks; nothing is believed without one."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.http import HttpRequest
from twilio.request_validator import RequestValidator

OLDEST_EVENT = dt.timedelta(minutes=5)  # a recorded delivery is not accepted again later
SENDGRID_SIGNATURE = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE"
SENDGRID_TIMESTAMP = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP"


def verify_twilio(request: HttpRequest) -> bool:
    """True if Twilio signed this POST for our public address.

    The signature covers the URL that Twilio called, which behind a proxy is PUBLIC_URL's, not the
    one that this process sees (https://www.twilio.com/docs/usage/security).
    """
    token = settings.TWILIO_AUTH_TOKEN
    signature = request.headers.get("X-Twilio-Signature", "")
    if not token or not signature:
        return False
    url = settings.PUBLIC_URL + request.get_full_path()
    return bool(RequestValidator(token).validate(url, request.POST, signature))


@lru_cache(maxsize=2)  # reading it takes as long as verifying by it
def _public_key(encoded: str) -> object:
    return load_der_public_key(base64.b64decode(encoded))


def verify_sendgrid(request: HttpRequest, *, now: dt.datetime) -> bool:
    """True if SendGrid signed this body, within the last five minutes.

    ECDSA P-256 over timestamp + raw body; the key is base64 DER as SendGrid's settings show it
    (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
    """
    timestamp = request.META.get(SENDGRID_TIMESTAMP, "")
    try:
        age = now - dt.datetime.fromtimestamp(int(timestamp), tz=dt.UTC)
        if abs(age) > OLDEST_EVENT:
            return False
        key = _public_key(settings.SENDGRID_WEBHOOK_PUBLIC_KEY)
        signature = base64.b64decode(request.META.get(SENDGRID_SIGNATURE, ""), validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, timestamp.encode() + request.body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, TypeError, OverflowError, OSError, binascii.Error):
        return False
    return True
