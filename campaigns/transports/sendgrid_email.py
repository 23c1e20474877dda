"""E-mail through SendGrid's v3 mail/send, up to 1,000 recipients a request
(https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send).

The content of a request is one tag each for the plain and the HTML part, and every personalization
substitutes its own words for them; a recipient's words over SendGrid's 10,000 bytes of
substitutions go in a request of their own.
"""

from __future__ import annotations

import email.utils
import http.client
import time
import urllib.error
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sendgrid
from django.conf import settings
from python_http_client.exceptions import HTTPError

from campaigns.transports import Fate, Outcome, Parcel

PER_REQUEST = 1000
SUBSTITUTION_BYTES = 9_500  # of 10,000 allowed
REQUEST_BYTES = 20_000_000  # of 30 MB allowed
TIMEOUT = 30
TEXT_TAG, HTML_TAG = "-aidbeacon-text-", "-aidbeacon-html-"


class SendGridEmail:
    name = "sendgrid"
    has_a_log = False
    together = True

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        client = sendgrid.SendGridAPIClient(
            settings.SENDGRID_API_KEY, host=settings.SENDGRID_API_URL
        )
        client.client.timeout = TIMEOUT
        for group in _requests(parcels):
            outcome = _post(client, group)
            yield from (
                Outcome(p.message, outcome.fate, outcome.provider_id, outcome.code, outcome.wait)
                for p in group
            )

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """SendGrid's log cannot be asked by message: its events decide (reconcile.py)."""
        return [Outcome(parcel.message, Fate.UNKNOWN) for parcel in parcels]


def _requests(parcels: Sequence[Parcel]) -> Iterator[list[Parcel]]:
    """Parcels grouped by request: one campaign, no address twice, no limit passed."""
    open_groups: dict[tuple[int | None, bool], list[tuple[list[Parcel], set[str], int]]] = {}
    for parcel in parcels:
        size = len((parcel.body + parcel.html).encode())
        if size > SUBSTITUTION_BYTES:
            yield [parcel]
            continue
        groups = open_groups.setdefault((parcel.campaign, bool(parcel.html)), [])
        for index, (group, addresses, total) in enumerate(groups):
            if (
                parcel.to not in addresses
                and len(group) < PER_REQUEST
                and total + size < REQUEST_BYTES
            ):
                group.append(parcel)
                addresses.add(parcel.to)
                groups[index] = (group, addresses, total + size)
                break
        else:
            groups.append(([parcel], {parcel.to}, size))
    for groups in open_groups.values():
        yield from (group for group, _addresses, _total in groups)


def _body(group: Sequence[Parcel]) -> dict[str, Any]:
    """The request for a group; a lone parcel carries its words plainly."""
    name, address = email.utils.parseaddr(settings.FROM_EMAIL)
    alone = len(group) == 1
    text = group[0].body if alone else TEXT_TAG
    html = group[0].html if alone else HTML_TAG
    content = [{"type": "text/plain", "value": text}]
    if group[0].html:
        content.append({"type": "text/html", "value": html})
    campaign = group[0].campaign
    return {
        "from": {"email": address, **({"name": name} if name else {})},
        "content": content,
        "categories": [f"campaign-{campaign}" if campaign else "answer"],
        "personalizations": [_personalization(parcel, alone=alone) for parcel in group],
        # Links are ours and signed; opens say nothing (mail clients prefetch).
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }


def _personalization(parcel: Parcel, *, alone: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "to": [{"email": parcel.to}],
        "subject": parcel.subject or "—",
        "custom_args": {"message_id": str(parcel.message)},
    }
    if parcel.unsubscribe_url:  # RFC 8058
        made["headers"] = {
            "List-Unsubscribe": f"<{parcel.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    if not alone:
        made["substitutions"] = {TEXT_TAG: parcel.body}
        if parcel.html:
            made["substitutions"][HTML_TAG] = parcel.html
    return made


def _post(client: Any, group: Sequence[Parcel]) -> Outcome:
    """One request's outcome, which all its parcels share."""
    first = group[0].message
    if any(parcel.too_late for parcel in group):
        return Outcome(first, Fate.NOT_SENT)
    try:
        answer = client.client.mail.send.post(request_body=_body(group))
    except HTTPError as error:
        return _refusal(first, error)
    except urllib.error.URLError as error:
        refused = isinstance(error.reason, ConnectionRefusedError)
        return Outcome(first, Fate.NOT_SENT if refused else Fate.UNKNOWN)
    except (OSError, http.client.HTTPException):
        return Outcome(first, Fate.UNKNOWN)  # cut or timed out: it may have been accepted
    return Outcome(first, Fate.ACCEPTED, answer.headers.get("X-Message-Id") or "")


def _refusal(first: int, error: HTTPError) -> Outcome:
    status = int(error.status_code)
    if status == 429:
        reset = dict(error.headers or {}).get("X-RateLimit-Reset", "")
        wait = max(1.0, float(reset) - time.time()) if str(reset).isdigit() else 1.0
        return Outcome(first, Fate.NOT_SENT, code="sendgrid-429", wait=wait)
    if status >= 500:
        return Outcome(first, Fate.UNKNOWN)
    return Outcome(first, Fate.REFUSED, code=f"sendgrid-{status}")
