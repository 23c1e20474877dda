"""Text messages through Twilio: https://www.twilio.com/docs/messaging/api/message-resource"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from campaigns.transports import Outcome, Parcel, Result

TIMEOUT_SECONDS = 15
CLOCK_SKEW = dt.timedelta(minutes=2)
TOO_MANY = 429
TWILIO_FAILED = {"failed", "undelivered", "canceled"}

logger = logging.getLogger(__name__)


class _Http(AsyncTwilioHttpClient):
    """Twilio's own client, speaking to TWILIO_API_URL."""

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        address = settings.TWILIO_API_URL + parts.path + (f"?{parts.query}" if parts.query else "")
        return await super().request(method, address, *args, **kwargs)

    def log_request(self, kwargs: Any) -> None:
        """Twilio's own log line would carry numbers and words."""

    def log_response(self, status_code: int, response: Any) -> None:
        """See log_request."""


class TwilioSms:
    name = "twilio"
    most = 500

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """One request a parcel, TWILIO_CONCURRENCY of them at a time, on pooled connections.

        Nothing is retried here: Twilio has no idempotency key, and a request whose answer was
        lost may have been accepted.
        """
        return asyncio.run(self._each(parcels, self._create))

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """Looks for each parcel in Twilio's log: same number, same words, since its claim."""
        return asyncio.run(self._each(parcels, self._look_up))

    async def _each(
        self, parcels: Sequence[Parcel], act: Callable[[Client, Parcel], Awaitable[Outcome]]
    ) -> list[Outcome]:
        seats = asyncio.Semaphore(max(1, settings.TWILIO_CONCURRENCY))
        async with _Http(timeout=TIMEOUT_SECONDS, pool_connections=True) as http:
            client = Client(
                settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http
            )

            async def seated(parcel: Parcel) -> Outcome:
                async with seats:
                    return await act(client, parcel)

            return await asyncio.gather(*(seated(parcel) for parcel in parcels))

    async def _create(self, client: Client, parcel: Parcel) -> Outcome:
        if settings.TWILIO_MESSAGING_SERVICE_SID:
            sender = {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
        else:
            sender = {"from_": settings.TWILIO_FROM}
        try:
            made = await client.messages.create_async(
                to=parcel.to,
                body=parcel.body,
                status_callback=f"{settings.PUBLIC_URL}/webhooks/twilio/status/",
                **sender,
            )
        except TwilioRestException as error:
            return _refusal(parcel, error)
        except aiohttp.ClientConnectorError:
            return Outcome(parcel.message_id, Result.LATER, code="no_connection")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logger.warning("Twilio's answer was lost (%s)", type(error).__name__)
            return Outcome(parcel.message_id, Result.UNKNOWN, code="no_answer")
        return Outcome(parcel.message_id, Result.ACCEPTED, made.sid or "")

    async def _look_up(self, client: Client, parcel: Parcel) -> Outcome:
        since = (parcel.claimed_at or timezone.now()) - CLOCK_SKEW
        try:
            # Not filtered by DateSent: a message that waits in Twilio's queue has none yet.
            listed = await client.messages.list_async(to=parcel.to, limit=50)
        except (TwilioRestException, aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return Outcome(parcel.message_id, Result.UNKNOWN, code="log_unreachable")
        for found in listed:
            made_at = found.date_created or found.date_sent
            if found.body == parcel.body and (made_at is None or made_at >= since):
                failed = str(found.status) in TWILIO_FAILED
                return Outcome(
                    parcel.message_id,
                    Result.REFUSED if failed else Result.ACCEPTED,
                    found.sid or "",
                    str(found.error_code or "failed") if failed else "",
                )
        return Outcome(parcel.message_id, Result.ABSENT)


def _refusal(parcel: Parcel, error: TwilioRestException) -> Outcome:
    """An error answer: too many requests is later, a broken server unknown, all else a refusal."""
    if error.status == TOO_MANY:
        return Outcome(parcel.message_id, Result.LATER, code=str(error.code or 20429))
    if error.status >= 500:
        return Outcome(parcel.message_id, Result.UNKNOWN, code=str(error.status))
    return Outcome(parcel.message_id, Result.REFUSED, code=str(error.code or error.status))
