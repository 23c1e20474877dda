"""`make bench`, a part: webhooks taken in a second, beside a bare Django view on the same server.

The server is the one that `make run` starts (granian), with the same settings; the bare view reads
the form and answers 204, behind the middleware of every page (docs/decisions/0019 says why webhooks
pass it by). What is measured takes its turn in earnest: a signed
delivery status of a message that was sent, a signed text of a family, an e-mail of one, a signed
batch of twenty e-mail events, each with its own id. All on SQLite in a temporary folder; requests
come from this process over kept connections, in alternating turns, and the median turn counts: by
the clock, and by the processor time that the server took, which other work disturbs less. Last, how
fast a worker takes in what the families sent.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.sender import number

TOKEN = "bench"
IN_FLIGHT = 8
TURNS = 3
EVENTS_A_BATCH = 20
SECRET = "bench-inbound"
Post = tuple[str, bytes, dict[str, str]]  # path, body, headers


@contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """The address of a server, and its process group."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "4"),
        *("--log-level", "warning", "benchmarks.webhook_server:application"),
    ]
    process = subprocess.Popen(
        command, env=os.environ | {"PUBLIC_URL": url}, start_new_session=True
    )
    try:
        for _attempt in range(200):
            try:
                urllib.request.urlopen(f"{url}/healthz").close()
                break
            except OSError:
                time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def from_twilio(url: str, path: str, form: dict[str, str]) -> Post:
    """A form as Twilio signs it (https://www.twilio.com/docs/usage/security)."""
    said = url + path + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()
    return path, urlencode(form).encode(), {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": base64.b64encode(mac).decode(),
    }  # fmt: skip


def from_mailbox(number: int) -> Post:
    """An e-mail as SendGrid's Inbound Parse posts it."""
    form = {
        "headers": f"Message-ID: <bench-{number}@example.org>\n",
        "from": f"Rosa <family{number}@example.org>",
        "envelope": f'{{"from": "family{number}@example.org"}}',
        "charsets": '{"from": "UTF-8", "text": "UTF-8"}',
        "SPF": "pass",
        "subject": "Re: Financial aid",
        "text": "When is it?\n\nOn Tue, Nov 17, 2026 Lincoln High wrote:\n> The form is open.",
    }
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    )
    return f"/webhooks/sendgrid/inbound/?key={SECRET}", f"{body}--b--\r\n".encode(), {
        "Content-Type": "multipart/form-data; boundary=b"
    }  # fmt: skip


def from_sendgrid(events: list[dict[str, Any]], key: ec.EllipticCurvePrivateKey) -> Post:
    """A batch as SendGrid signs it."""
    body, timestamp = json.dumps(events).encode(), str(int(time.time()))
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return "/webhooks/sendgrid/events/", body, {
        "Content-Type": "application/json",
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }  # fmt: skip


async def post_all(url: str, posts: list[Post]) -> float:
    """Requests a second. Every one must be taken."""
    waiting = iter(posts)

    async def one_after_another(session: aiohttp.ClientSession) -> None:
        for path, body, headers in waiting:
            async with session.post(url + path, data=body, headers=headers) as answer:
                await answer.read()
                assert answer.status in (200, 204), (path, answer.status)

    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        await asyncio.gather(*(one_after_another(session) for _ in range(IN_FLIGHT)))
        return len(posts) / (time.perf_counter() - began)


def processor_seconds(group: int) -> float:
    """What the processes of a group have used so far (proc(5): utime and stime)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def compare(
    count: int, url: str, group: int, key: ec.EllipticCurvePrivateKey
) -> list[dict[str, Any]]:
    """A row a kind of webhook, with the bare view measured beside it in each turn."""
    kinds: dict[str, Callable[[int], Post]] = {
        "text status": lambda n: from_twilio(
            url,
            f"/webhooks/twilio/status/?message={n + 1}",
            {"MessageSid": f"SM{n:032x}", "MessageStatus": "delivered"},
        ),
        "text from a family": lambda n: from_twilio(
            url,
            "/webhooks/twilio/inbound/",
            {"MessageSid": f"SI{n:032x}", "From": number(n), "Body": "When?"},
        ),
        "e-mail from a family": from_mailbox,
        "20 e-mail events": lambda n: from_sendgrid(
            [
                {"event": "delivered", "sg_event_id": f"e{n}-{at}", "timestamp": int(time.time()),
                 "message_id": str(1 + (n * EVENTS_A_BATCH + at) % count)}
                for at in range(EVENTS_A_BATCH)
            ],
            key,
        ),
    }  # fmt: skip
    rows = []
    for kind, make in kinds.items():
        ours, bare, processor = [], [], []
        share = count // TURNS
        for turn in range(TURNS):
            posts = [make(turn * share + n) for n in range(share)]
            plain: list[Post] = [("/bare/", body, headers) for _path, body, headers in posts]
            began = processor_seconds(group)
            bare.append(asyncio.run(post_all(url, plain)))
            between = processor_seconds(group)
            ours.append(asyncio.run(post_all(url, posts)))
            processor.append((between - began) / (processor_seconds(group) - between))
        rows.append(
            {
                "webhook": kind,
                "requests": share * TURNS,
                "bare_per_second": round(statistics.median(bare)),
                "ours_per_second": round(statistics.median(ours)),
                "ratio": round(
                    statistics.median(o / b for o, b in zip(ours, bare, strict=True)), 2
                ),
                "by_processor": round(statistics.median(processor), 2),
            }
        )
    return rows


def taken_in() -> dict[str, Any]:
    """How fast a worker takes in what was laid aside, answers out of hours with it."""
    from django.utils import timezone

    from campaigns.inbox import inbound

    began = time.perf_counter()
    count = inbound.take_in(timezone.now())
    return {
        "webhook": "taken in",
        "requests": count,
        "ours_per_second": round(count / (time.perf_counter() - began)),
    }


def measure(count: int) -> list[dict[str, Any]]:
    """The comparison on a fresh database with `count` messages that were sent."""
    from benchmarks import sender

    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SENDGRID_WEBHOOK_PUBLIC_KEY"] = base64.b64encode(public).decode()
        os.environ["SENDGRID_INBOUND_SECRET"] = SECRET
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        sender.live("http://127.0.0.1:9")
        step, _now = sender.set_up(count, "sms")
        sent_texts(step.campaign.schools.get())
        with serving() as (url, group):
            rows = compare(count, url, group, key)
        empty = dict.fromkeys(rows[0], "")
        return [*rows, empty | taken_in()]


def sent_texts(school: Any) -> None:
    """One sent text to each phone."""
    from django.utils import timezone

    from campaigns.models import Message, MessageState
    from contacts.models import Channel, ContactPoint

    now = timezone.now()
    Message.objects.bulk_create(
        [
            Message(
                contact_point=point,
                school=school,
                channel=Channel.SMS,
                address_index=point.address_index,
                language="en",
                state=MessageState.SENT,
                not_before=now,
                expires_at=now + dt.timedelta(days=1),
                sent_at=now,
            )
            for point in ContactPoint.objects.filter(channel=Channel.SMS)
        ],
        batch_size=500,
    )


if __name__ == "__main__":
    from benchmarks.run import table

    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)))  # noqa: T201
