"""E-mail through SendGrid's v3 API: https://www.twilio.com/docs/sendgrid/api-reference/mail-send"""

from __future__ import annotations

import http.client
import itertools
import json
import logging
import re
import time
import urllib.error
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from campaigns.transports import Outcome, Parcel, Result

TIMEOUT_SECONDS = 30
PERSONALIZATIONS = 1000  # in one request, at most
SUBSTITUTION_BYTES = 9_500  # SendGrid takes 10,000 a personalization
SUBJECT, TEXT, HTML = "{{subject}}", "{{text}}", "{{html}}"
BAD_REQUEST, TOO_MANY = 400, 429

logger = logging.getLogger(__name__)


class SendGridEmail:
    name = "sendgrid"
    most = PERSONALIZATIONS

    def __init__(self) -> None:
        self.client = SendGridAPIClient(
            settings.SENDGRID_API_KEY, host=settings.SENDGRID_API_URL
        ).client
        self.client.timeout = TIMEOUT_SECONDS

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """As few requests as senders allow, each family's words as its own substitutions."""
        by_sender = sorted(parcels, key=lambda parcel: (parcel.sender_name, parcel.message_id))
        for _sender, group in itertools.groupby(by_sender, key=lambda parcel: parcel.sender_name):
            shared: list[Parcel] = []
            for parcel in group:
                if _size(parcel) > SUBSTITUTION_BYTES:
                    yield from self._post([parcel], _whole(parcel))
                else:
                    shared.append(parcel)
            for start in range(0, len(shared), PERSONALIZATIONS):
                yield from self._post_or_split(shared[start : start + PERSONALIZATIONS])

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """SendGrid has no log to ask: only its events tell, and they arrive by themselves."""
        return ()

    def _post_or_split(self, parcels: Sequence[Parcel]) -> Iterator[Outcome]:
        """A request that SendGrid finds invalid was not taken at all, so it may be halved."""
        outcomes = self._post(parcels, _shared(parcels))
        if len(parcels) > 1 and outcomes[0].code == str(BAD_REQUEST):
            middle = len(parcels) // 2
            yield from self._post_or_split(parcels[:middle])
            yield from self._post_or_split(parcels[middle:])
        else:
            yield from outcomes

    def _post(self, parcels: Sequence[Parcel], body: dict[str, Any]) -> list[Outcome]:
        try:
            answer = self.client.mail.send.post(request_body=body)
        except HTTPError as error:
            result, code, wait = _refusal(error)
            return [Outcome(p.message_id, result, code=code, retry_after=wait) for p in parcels]
        except (OSError, http.client.HTTPException) as error:
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            refused = isinstance(cause, ConnectionRefusedError)
            logger.warning("SendGrid did not answer (%s)", type(cause).__name__)
            result = Result.LATER if refused else Result.UNKNOWN
            return [Outcome(p.message_id, result, code="no_answer") for p in parcels]
        request_id = answer.headers.get("X-Message-Id") or ""
        return [Outcome(p.message_id, Result.ACCEPTED, f"{request_id}.{p.message_id}") for p in parcels]


def _refusal(error: HTTPError) -> tuple[Result, str, float]:
    """What an error answer means, its code, and the seconds to wait."""
    status = int(error.status_code)
    if status == TOO_MANY:
        reset = re.fullmatch(r"\d+", str(error.headers.get("X-RateLimit-Reset", "")).strip())
        wait = float(reset.group()) - time.time() if reset else 0.0
        return Result.LATER, str(status), max(0.0, wait)
    if status >= 500:
        return Result.UNKNOWN, str(status), 0.0
    return Result.REFUSED, str(status), 0.0


def _size(parcel: Parcel) -> int:
    return len(json.dumps({SUBJECT: parcel.subject, TEXT: parcel.body, HTML: parcel.html}))


def _shared(parcels: Sequence[Parcel]) -> dict[str, Any]:
    """One request for many: the words stand in each personalization."""
    people = [
        {
            **_to(parcel),
            "substitutions": {SUBJECT: parcel.subject, TEXT: parcel.body, HTML: parcel.html},
        }
        for parcel in parcels
    ]
    return _request(parcels[0], people, SUBJECT, TEXT, HTML)


def _whole(parcel: Parcel) -> dict[str, Any]:
    """One request for one, for words too long to be substitutions."""
    return _request(parcel, [_to(parcel)], parcel.subject, parcel.body, parcel.html)


def _to(parcel: Parcel) -> dict[str, Any]:
    """The recipient, with RFC 8058's headers and our own id for the events."""
    person: dict[str, Any] = {
        "to": [{"email": parcel.to}],
        "custom_args": {"message_id": str(parcel.message_id)},
    }
    if parcel.unsubscribe_url:
        person["headers"] = {
            "List-Unsubscribe": f"<{parcel.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return person


def _request(
    parcel: Parcel, people: list[dict[str, Any]], subject: str, text: str, html: str
) -> dict[str, Any]:
    return {
        "personalizations": people,
        "from": {"email": settings.FROM_EMAIL, "name": parcel.sender_name or "Aidbeacon"},
        "subject": subject,
        "content": [
            {"type": "text/plain", "value": text},
            {"type": "text/html", "value": html},
        ],
        "categories": [f"campaign-{parcel.campaign_id or 'none'}"],
        # Families are not watched: no pixel, and links stay on the district's own domain.
        "tracking_settings": {
            "click_tracking": {"enable": False},
            "open_tracking": {"enable": False},
        },
    }
