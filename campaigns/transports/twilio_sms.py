"""Texts through Twilio's Messages API (https://www.twilio.com/docs/messaging/api/message-resource).

Asynchronous with a bounded number of requests in flight over pooled connections. Nothing is ever
tried twice here: Twilio has no idempotency key, so retries belong to the outbox.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import aiohttp
from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from campaigns.transports import Fate, Outcome, Parcel

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)
TWILIO = "https://api.twilio.com"
CLOCKS_DIFFER_BY = dt.timedelta(minutes=2)


class _Http(AsyncTwilioHttpClient):
    """Twilio's client, pointed at TWILIO_API_URL, with a timeout that it does not forget.

    Its own `timeout` argument never reaches the request, so the session carries ours.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=False)
        self.session = aiohttp.ClientSession(
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(limit=settings.TWILIO_CONCURRENCY),
        )

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if url.startswith(TWILIO):
            url = settings.TWILIO_API_URL + url.removeprefix(TWILIO)
        return await super().request(method, url, *args, **kwargs)


class TwilioSms:
    name = "twilio"

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        return asyncio.run(_all(_send, parcels))

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        return asyncio.run(_all(_find, parcels)) if parcels else []


async def _all(do: Any, parcels: Sequence[Parcel]) -> list[Outcome]:
    """`do` for each parcel, TWILIO_CONCURRENCY of them at a time."""
    async with _Http() as http:
        client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http)
        waiting = iter(parcels)
        outcomes: list[Outcome] = []

        async def work() -> None:
            for parcel in waiting:
                outcome = await do(client, parcel)
                outcomes.append(outcome)

        seats = min(settings.TWILIO_CONCURRENCY, len(parcels))
        await asyncio.gather(*(work() for _ in range(seats)))
    return outcomes


async def _send(client: Client, parcel: Parcel) -> Outcome:
    if parcel.too_late:
        return Outcome(parcel.message, Fate.NOT_SENT)
    sender = (
        {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
        if settings.TWILIO_MESSAGING_SERVICE_SID
        else {"from_": settings.TWILIO_FROM}
    )
    # The query names our message, so a callback that overtakes the answer still finds it.
    callback = f"{settings.PUBLIC_URL}{reverse('twilio-status')}?message={parcel.message}"
    try:
        made = await client.messages.create_async(
            to=parcel.to, body=parcel.body, status_callback=callback, **sender
        )
    except TwilioRestException as error:
        return _refusal(parcel, error)
    except aiohttp.ClientConnectorError:
        return Outcome(parcel.message, Fate.NOT_SENT)  # nobody was there to accept it
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return Outcome(parcel.message, Fate.UNKNOWN)
    return Outcome(parcel.message, Fate.ACCEPTED, made.sid or "")


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
        logged = await client.messages.list_async(to=parcel.to, limit=50, page_size=50)
    except (TwilioRestException, aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return Outcome(parcel.message, Fate.UNKNOWN)
    for one in logged:
        if one.body == parcel.body and (one.date_created is None or one.date_created >= since):
            return Outcome(parcel.message, Fate.ACCEPTED, one.sid or "")
    return Outcome(parcel.message, Fate.NOT_SENT)
