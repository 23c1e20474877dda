"""What providers tell us of sent messages, taken in: few plain statements, however many events.

Callbacks come in their hundred thousands after a launch, on the server that families' pages use as
well, so what is usual (sent, delivered) goes without the ORM: `make bench` holds it against a view
that does nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.models import Event, Message, MessageState
from campaigns.models.outbox import MOVES

_EVENT, _MESSAGE = Event._meta.db_table, Message._meta.db_table
# The states that each state may be reached from, as a list for SQL: words of ours, never input.
_BEFORE = {
    to: ", ".join(f"'{state}'" for state, allowed in MOVES.items() if to in allowed)
    for to in MessageState.values
}


@dataclass(frozen=True)
class Told:
    """One thing that a provider says of one message."""

    provider: str
    event_id: str
    message: str  # our own number of it, as the provider hands it back
    provider_id: str
    kind: str
    code: str
    at: dt.datetime
    to: str | None  # the state that it moves the message to


@dataclass(frozen=True)
class About:
    """An event, and the message that it is about, if we know it."""

    told: Told
    message: int | None = None
    has_id: bool = False  # the message has its provider's id already


def find(told: Sequence[Told]) -> list[About]:
    """Each event once, with its message: the one of our number, unless the provider's id
    contradicts it, else the one of the provider's id."""
    once = {each.event_id: each for each in reversed(told)}
    numbers = {int(each.message) for each in told if _is_id(each)}
    known = dict(_rows(f"SELECT id, provider_id FROM {_MESSAGE} WHERE id IN", numbers))
    about = {
        each.event_id: About(each, int(each.message), bool(known[int(each.message)]))
        for each in once.values()
        if _is_id(each) and int(each.message) in known and _fits(each, known[int(each.message)])
    }
    lost = {t.provider_id for t in once.values() if t.event_id not in about and _has_own_id(t)}
    rows = _rows(f"SELECT id, provider_id FROM {_MESSAGE} WHERE provider_id IN", lost)
    found = {provider_id: number for number, provider_id in rows}
    return [
        about.get(each.event_id)
        or About(each, found.get(each.provider_id) if _has_own_id(each) else None, has_id=True)
        for each in reversed(once.values())
    ]


def keep(about: Sequence[About]) -> list[About]:
    """Stores events once each and moves their messages forward; returns those that were new.

    The caller holds the transaction, so that what a new event asks for is done with it or not at
    all. 1. One INSERT passes over what is known; what it returns is new. 2. Guarded updates: only
    states that may become the new one move.
    """
    new = _insert(about)
    moves = [each for each in new if each.message and each.told.to]
    for to in dict.fromkeys(each.told.to for each in moves):
        if to:
            _move(to, [each for each in moves if each.told.to == to])
    return new


def _fits(each: Told, provider_id: str) -> bool:
    return not _has_own_id(each) or provider_id in ("", each.provider_id)


def _has_own_id(each: Told) -> bool:
    """Twilio's id names one text; SendGrid's a whole request."""
    return each.provider == "twilio" and bool(each.provider_id)


def _is_id(each: Told) -> bool:
    return each.message.isascii() and each.message.isdecimal() and len(each.message) < 19


def _rows(select: str, values: set[int] | set[str]) -> list[tuple[int, str]]:
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{select} ({', '.join(['%s'] * len(values))})", list(values))
        return cursor.fetchall()


def _insert(kept: Sequence[About]) -> list[About]:
    if not kept:
        return []
    now = _moment(timezone.now())
    rows = [
        (k.told.provider, k.told.event_id, k.message, k.told.kind, k.told.code, _moment(k.told.at),
         now)
        for k in kept
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_EVENT} (provider, provider_event_id, message_id, kind, code, at, "
            f"received_at) VALUES {', '.join(['(%s, %s, %s, %s, %s, %s, %s)'] * len(rows))} "
            "ON CONFLICT DO NOTHING RETURNING provider_event_id",
            [value for row in rows for value in row],
        )
        new = {event_id for (event_id,) in cursor.fetchall()}
    return [each for each in kept if each.told.event_id in new]


def _move(to: str, kept: Sequence[About]) -> None:
    """Sets the state where it may follow, and the provider's id where it is not known yet."""
    delivered = to == MessageState.DELIVERED
    failed = to == MessageState.FAILED
    moved = [
        (*([_moment(k.told.at)] if delivered else []),
         *([(k.told.code or k.told.kind)[:40]] if failed else []),
         _moment(k.told.at), k.message)
        for k in kept
    ]  # fmt: skip
    named = [(k.told.provider_id, k.message) for k in kept if k.told.provider_id and not k.has_id]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_MESSAGE} SET state = '{to}', claim = NULL, lease_until = NULL, "
            f"{'delivered_at = %s, ' if delivered else ''}{'reason = %s, ' if failed else ''}"
            f"sent_at = COALESCE(sent_at, %s) WHERE id = %s AND state IN ({_BEFORE[to]})",
            moved,
        )
        if named:
            cursor.executemany(
                f"UPDATE {_MESSAGE} SET provider_id = %s WHERE id = %s AND provider_id = ''", named
            )


@lru_cache(maxsize=256)  # the events of a batch share a few seconds
def _moment(at: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
