"""Texts through Twilio's Messages API (https://www.twilio.com/docs/messaging/api/message-resource).

Asynchronous with a bounded number of requests in flight over pooled connections. Nothing is ever
tried twice here: Twilio has no idempotency key, so retries belong to the outbox.
"""

from __future__ import annotations

import asyncio
import atexit
import datetime as dt
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import aiohttp
from django.conf import settings
from django.urls import reverse
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from campaigns.transports import Fate, Outcome, Parcel

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)
TWILIO = "https://api.twilio.com"
LONGEST_VALIDITY = 36_000  # seconds; Twilio's default, too
CLOCKS_DIFFER_BY = dt.timedelta(minutes=2)

T = TypeVar("T")


class _Http(AsyncTwilioHttpClient):
    """Twilio's client, pointed at TWILIO_API_URL, with a timeout that it does not forget.

    Its own `timeout` argument never reaches the request, so the session carries ours.
    """

    def __init__(self, url: str, seats: int) -> None:
        super().__init__(pool_connections=False)
        self.url = url
        self.session = aiohttp.ClientSession(
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(limit=seats, keepalive_timeout=60),
        )

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if url.startswith(TWILIO):
            url = self.url + url.removeprefix(TWILIO)
        return await super().request(method, url, *args, **kwargs)


class _Line:
    """One event loop in a thread of its own: its connections stay open from batch to batch, and
    all batches that are in the air at once share its seats."""

    def __init__(self, url: str, account: str, token: str, seats: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.seats = seats
        threading.Thread(target=self.loop.run_forever, daemon=True, name="twilio").start()
        self.run(self._open(url, account, token))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        self.run(self.http.close())
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def all(
        self, do: Callable[[Client, Parcel], Awaitable[Outcome]], parcels: Sequence[Parcel]
    ) -> list[Outcome]:
        """`do` for each parcel, as many at a time as there are seats.

        A seat is kept until the batch is through, so that the oldest batch goes first: while the
        next one fills the air, there is time to settle it and to prepare another.
        """
        waiting = iter(parcels)

        async def work() -> list[Outcome]:
            async with self.free:
                return [await do(self.client, parcel) for parcel in waiting]

        found = await asyncio.gather(*(work() for _ in range(min(self.seats, len(parcels)))))
        return [outcome for each in found for outcome in each]

    async def _open(self, url: str, account: str, token: str) -> None:
        self.http = _Http(url, self.seats)
        self.client = Client(account, token, http_client=self.http)
        self.free = asyncio.Semaphore(self.seats)


_open_line: tuple[tuple[Any, ...], _Line] | None = None
_opening = threading.Lock()


def _line() -> _Line:
    """This process's line: made anew after a fork, and when the settings have changed."""
    global _open_line
    wanted = (
        settings.TWILIO_API_URL,
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
        settings.TWILIO_CONCURRENCY,
    )
    with _opening:
        if _open_line is None or _open_line[0] != (os.getpid(), *wanted):
            if _open_line is not None and _open_line[0][0] == os.getpid():
                _open_line[1].close()
            _open_line = (os.getpid(), *wanted), _Line(*wanted)
        return _open_line[1]


@atexit.register
def _hang_up() -> None:
    if _open_line is not None and _open_line[0][0] == os.getpid():
        _open_line[1].close()


class TwilioSms:
    name = "twilio"
    has_a_log = True
    together = False

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        line = _line()
        return line.run(line.all(_send, parcels)) if parcels else []

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        line = _line()
        return line.run(line.all(_find, parcels)) if parcels else []


async def _send(client: Client, parcel: Parcel) -> Outcome:
    if parcel.too_late:
        return Outcome(parcel.message, Fate.NOT_SENT)
    try:
        made = await client.messages.create_async(
            to=parcel.to,
            body=parcel.body,
            status_callback=_callback(parcel.message),
            validity_period=_validity(parcel),
            **_from(parcel.sender),
        )
    except TwilioRestException as error:
        return _refusal(parcel, error)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        return Outcome(parcel.message, Fate.NOT_SENT)  # nobody was there to accept it
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return Outcome(parcel.message, Fate.UNKNOWN)
    return Outcome(parcel.message, Fate.ACCEPTED, made.sid or "")


def _validity(parcel: Parcel) -> int | object:
    """What Twilio still queues when the lawful hours end, it must not send (error 30036)."""
    left = parcel.seconds_left
    return int(left) if left < LONGEST_VALIDITY else values.unset


def _from(sender: str) -> dict[str, str]:
    """The parcel's own sender, else that of the settings."""
    sender = sender or settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM
    return {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}


def _callback(message: int) -> str:
    """Where Twilio tells what became of it. The query names our message, so a callback that
    overtakes the answer still finds it."""
    return f"{settings.PUBLIC_URL}{_callback_path()}?message={message}"


@lru_cache(maxsize=1)
def _callback_path() -> str:
    return reverse("twilio-status")


def _refusal(parcel: Parcel, error: TwilioRestException) -> Outcome:
    if error.status == 429:
        return Outcome(parcel.message, Fate.NOT_SENT, code="20429", wait=1)
    if error.status >= 500:
        return Outcome(parcel.message, Fate.UNKNOWN)
    if error.status == 401:
        return Outcome(parcel.message, Fate.REFUSED, code="20003")
    return Outcome(parcel.message, Fate.REFUSED, code=str(error.code or error.status))


async def _find(client: Client, parcel: Parcel) -> Outcome:
    """Looks for the parcel in Twilio's log: same number, same words, since the claim.

    Not filtered by DateSent: a text that Twilio still queues has none yet.
    """
    since = (parcel.claimed_at or dt.datetime.now(dt.UTC)) - CLOCKS_DIFFER_BY
    try:
        async with asyncio.timeout(parcel.give_up_at - time.monotonic()):
            logged = await client.messages.list_async(to=parcel.to, limit=50, page_size=50)
    except (TwilioException, aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return Outcome(parcel.message, Fate.UNKNOWN)  # it is away; it will be asked again
    for one in logged:
        if one.body == parcel.body and (one.date_created is None or one.date_created >= since):
            return Outcome(parcel.message, Fate.ACCEPTED, one.sid or "")
    return Outcome(parcel.message, Fate.NOT_SENT)
