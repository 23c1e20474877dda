"""What providers tell us of sent messages, taken in: few plain statements, however many events.

Callbacks come in their hundred thousands after a launch, on the server that families' pages use as
well, so what is usual (sent, delivered) goes without the ORM: `make bench` holds it against a view
that does nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

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


class Told(NamedTuple):
    """One thing that a provider says of one message."""

    provider: str
    event_id: str
    message: str  # our own number of it, as the provider hands it back
    provider_id: str
    kind: str
    code: str
    at: dt.datetime
    to: str | None  # the state that it moves the message to


class About(NamedTuple):
    """An event, and the message that it is about, if we know it."""

    told: Told
    message: int | None = None
    has_id: bool = False  # the message has its provider's id already
    is_dated: bool = False  # and the moment at which it was sent


def find(told: Sequence[Told]) -> list[About]:
    """Each event once, with its message: the one of our number, unless the provider's id
    contradicts it, else the one of the provider's id."""
    once = {each.event_id: each for each in reversed(told)}
    numbers = {key: int(each.message) for key, each in once.items() if _is_id(each.message)}
    known = {row[0]: row for row in _rows("id", set(numbers.values()))}
    about = {}
    for key, number in numbers.items():
        if (row := known.get(number)) and _fits(once[key], row[1]):
            about[key] = About(once[key], number, bool(row[1]), bool(row[2]))
    lost = {t.provider_id for t in once.values() if t.event_id not in about and _has_own_id(t)}
    found = {row[1]: row for row in _rows("provider_id", lost)}
    for key, each in once.items():
        if key not in about:
            row = found.get(each.provider_id) if _has_own_id(each) else None
            about[key] = About(each, row[0], True, bool(row[2])) if row else About(each)
    return [about[key] for key in reversed(once)]


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


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < 19


def _rows(column: str, values: set[int] | set[str]) -> list[tuple[int, str, bool]]:
    """The messages with these values: number, the provider's id, and whether they are dated."""
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, provider_id, sent_at IS NOT NULL FROM {_MESSAGE} "
            f"WHERE {column} IN ({_places(values)})",
            list(values),
        )
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
    """Sets the state where it may follow, and the provider's id where it is not known yet.

    A statement for all that happened in one second for one reason: a batch spans few of them. When
    it was sent is set only where that is not known: what is set is written to the index as well.
    """
    moved: dict[tuple[tuple[str, Any], ...], list[int | None]] = defaultdict(list)
    named: dict[str, list[int | None]] = defaultdict(list)
    for each in kept:
        news = []
        if to == MessageState.DELIVERED:
            news.append(("delivered_at = %s", _moment(each.told.at)))
        if to == MessageState.FAILED:
            news.append(("reason = %s", (each.told.code or each.told.kind)[:40]))
        if not each.is_dated:
            news.append(("sent_at = COALESCE(sent_at, %s)", _moment(each.told.at)))
        moved[tuple(news)].append(each.message)
        if each.told.provider_id and not each.has_id:
            named[each.told.provider_id].append(each.message)
    with connection.cursor() as cursor:
        for sets, messages in moved.items():
            cursor.execute(
                f"UPDATE {_MESSAGE} SET state = '{to}', claim = NULL, lease_until = NULL"
                f"{''.join(f', {news}' for news, _value in sets)} "
                f"WHERE state IN ({_BEFORE[to]}) AND id IN ({_places(messages)})",
                [*(value for _news, value in sets), *messages],
            )
        for provider_id, messages in named.items():
            cursor.execute(
                f"UPDATE {_MESSAGE} SET provider_id = %s "
                f"WHERE provider_id = '' AND id IN ({_places(messages)})",
                [provider_id, *messages],
            )


def _places(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


@lru_cache(maxsize=256)  # the events of a batch share a few seconds
def _moment(at: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
