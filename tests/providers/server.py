"""A Twilio and a SendGrid on this machine: enough of both to send through the real clients.

They check what the real ones check, count all that they accept, and fail on demand.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import email.utils
import itertools
import json
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

SID, TOKEN, KEY = "AC" + "0" * 32, "provider-token", "SG.provider-key"


@dataclass
class Journal:
    """What the providers accepted, and the faults that they are asked to show."""

    texts: list[dict[str, Any]] = field(default_factory=list)
    texts_to: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    mails: list[dict[str, Any]] = field(default_factory=list)
    mail_requests: int = 0
    mail_sizes: list[int] = field(default_factory=list)  # recipients of each that was accepted
    text_requests: int = 0
    connections: set[int] = field(default_factory=set)  # that texts came over
    # Faults are used up one a request: "429", "503", "cut_before", "cut_after", or "error:CODE".
    text_faults: deque[str] = field(default_factory=deque)
    mail_faults: deque[str] = field(default_factory=deque)
    refused: dict[str, int] = field(default_factory=dict)  # number → Twilio's error code
    seconds_an_answer: float = 0
    log_is_away: bool = False
    look_ups: int = 0
    seconds_a_look_up: float = 0
    # So many of a hundred text requests meet one of these, drawn at random.
    percent_faulty: int = 0
    random_faults: tuple[str, ...] = ("429", "503", "cut_before", "cut_after")
    random: Random = field(default_factory=lambda: Random(1))

    def next_text_fault(self) -> str:
        """The fault of the next request; empty for none."""
        if self.text_faults:
            return self.text_faults.popleft()
        if self.random.random() * 100 < self.percent_faulty:
            return self.random.choice(self.random_faults)
        return ""

    @property
    def texts_by_number(self) -> Counter[str]:
        return Counter(text["to"] for text in self.texts)

    @property
    def mails_by_address(self) -> Counter[str]:
        return Counter(mail["to"] for mail in self.mails)


class Providers:
    """Runs in a thread of its own: `with Providers() as providers: providers.url …`."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self._numbers = itertools.count(1)
        self._started = threading.Event()

    def __enter__(self) -> Providers:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=40_000_000)
        messages = "/2010-04-01/Accounts/{sid}/Messages.json"
        app.router.add_post(messages, self._create_text)
        app.router.add_get(messages, self._list_texts)
        app.router.add_post("/v3/mail/send", self._send_mail)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=False)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    @property
    def public_key(self) -> str:
        """SendGrid's verification key, as its settings page shows it."""
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    # Twilio ---------------------------------------------------------------------------------

    async def _create_text(self, request: web.Request) -> web.Response:
        self.journal.text_requests += 1
        self.journal.connections.add(id(request.transport))
        if self.journal.seconds_an_answer:
            await asyncio.sleep(self.journal.seconds_an_answer)
        if not _signed_in(request):
            return _twilio_error(401, 20003, "Authenticate")
        form = await request.post()
        fault = self.journal.next_text_fault()
        if fault == "429":
            return _twilio_error(429, 20429, "Too many requests")
        if fault == "503":
            return web.Response(status=503, text="Service unavailable")
        if fault == "cut_before":
            return _cut(request)
        if fault.startswith("error:"):
            return _twilio_error(400, int(fault.removeprefix("error:")), "Refused")
        to, body = str(form.get("To", "")), str(form.get("Body", ""))
        if to in self.journal.refused:
            return _twilio_error(400, self.journal.refused[to], "Refused")
        if not to.startswith("+"):
            return _twilio_error(400, 21211, "Invalid 'To'")
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return _twilio_error(400, 21603, "No 'From'")
        if len(body) > 1600:
            return _twilio_error(400, 21617, "Too long")
        text = {
            "sid": f"SM{next(self._numbers):032x}",
            "to": to,
            "body": body,
            "from": str(form.get("From", "")),
            "service": str(form.get("MessagingServiceSid", "")),
            "callback": str(form.get("StatusCallback", "")),
            "validity": str(form.get("ValidityPeriod", "")),
            "at": dt.datetime.now(dt.UTC),
        }
        self.journal.texts.append(text)
        self.journal.texts_to[text["to"]].append(text)
        if fault == "cut_after":
            return _cut(request)
        return web.json_response(_as_twilio(text), status=201)

    async def _list_texts(self, request: web.Request) -> web.Response:
        if not _signed_in(request):
            return _twilio_error(401, 20003, "Authenticate")
        self.journal.look_ups += 1
        await asyncio.sleep(self.journal.seconds_a_look_up)
        if self.journal.log_is_away:
            return web.Response(status=503, text="Service unavailable")
        to = request.query.get("To")
        found = self.journal.texts if to is None else self.journal.texts_to[to]
        newest_first = [_as_twilio(text) for text in reversed(found)]
        return web.json_response({"messages": newest_first, "next_page_uri": None})

    def status_callback(
        self, text: dict[str, Any], status: str, *, code: str = ""
    ) -> tuple[str, dict[str, str], str]:
        """What Twilio would POST for a text: the path, the form, and the signature."""
        form = {"MessageSid": text["sid"], "MessageStatus": status, "To": text["to"]}
        if code:
            form["ErrorCode"] = code
        signature = RequestValidator(TOKEN).compute_signature(text["callback"], form)
        parts = urlsplit(text["callback"])
        return f"{parts.path}?{parts.query}", form, signature

    # SendGrid -------------------------------------------------------------------------------

    async def _send_mail(self, request: web.Request) -> web.Response:
        self.journal.mail_requests += 1
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _sendgrid_error(401, "The provided authorization grant is invalid")
        fault = self.journal.mail_faults.popleft() if self.journal.mail_faults else ""
        if fault == "429":
            reset = {"X-RateLimit-Reset": str(int(time.time()) + 2)}
            return _sendgrid_error(429, "too many requests", reset)
        if fault == "503":
            return _sendgrid_error(503, "unavailable")
        if fault == "cut_before":
            return _cut(request)
        sent = await request.json()
        people = sent["personalizations"]
        addresses = [person["to"][0]["email"] for person in people]
        if not 1 <= len(people) <= 1000:
            return _sendgrid_error(400, "personalizations: 1 to 1000")
        if len(set(addresses)) != len(addresses):
            return _sendgrid_error(400, "a recipient appears twice")
        self.journal.mail_sizes.append(len(people))
        for person in people:
            substitutions = person.get("substitutions", {})
            if len(json.dumps(substitutions, ensure_ascii=False).encode()) > 10_000:
                return _sendgrid_error(400, "substitutions over 10,000 bytes")
            words = {part["type"]: part["value"] for part in sent["content"]}
            for tag, value in substitutions.items():
                words = {kind: text.replace(tag, value) for kind, text in words.items()}
            self.journal.mails.append(
                {
                    "to": person["to"][0]["email"],
                    "subject": person.get("subject") or sent.get("subject"),
                    "text": words.get("text/plain", ""),
                    "html": words.get("text/html", ""),
                    "headers": person.get("headers", {}),
                    "message_id": person.get("custom_args", {}).get("message_id"),
                    "categories": sent.get("categories", []),
                }
            )
        if fault == "cut_after":
            return _cut(request)
        return web.Response(status=202, headers={"X-Message-Id": f"mail{next(self._numbers)}"})

    def sign_events(
        self, events: list[dict[str, Any]], *, at: float | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """What SendGrid would POST for these events: the raw body and its headers."""
        body = json.dumps(events).encode()
        timestamp = str(int(at if at is not None else time.time()))
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return body, {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }


def _signed_in(request: web.Request) -> bool:
    expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    return request.headers.get("Authorization") == expected


def _as_twilio(text: dict[str, Any]) -> dict[str, Any]:
    at = email.utils.format_datetime(text["at"])
    return {
        "sid": text["sid"],
        "to": text["to"],
        "body": text["body"],
        "status": "queued",
        "date_created": at,
        "date_sent": None,
        "date_updated": at,
    }


def _twilio_error(status: int, code: int, words: str) -> web.Response:
    return web.json_response({"code": code, "message": words, "status": status}, status=status)


def _sendgrid_error(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"errors": [{"message": words}]}, status=status, headers=headers)


def _cut(request: web.Request) -> web.Response:
    """The connection drops without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()
