"""Primary keys that grow with time (UUID version 7, RFC 9562 §5.7 and §6.2, method 3).

Random keys would scatter each new row over the whole index; these land at its end, so that the
millionth row costs what the first one did. Within a process each is greater than the one before.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from functools import cache

from django.db import connection

_MILLISECOND = 1_000_000  # nanoseconds
_last = 0


def new_id() -> uuid.UUID:
    """A fresh key: 48 bits of milliseconds, 12 of their fraction, 62 random bits."""
    global _last
    _last = moment = max((time.time_ns() << 12) // _MILLISECOND, _last + 1)
    random = int.from_bytes(os.urandom(8), "big") >> 2
    head = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64
    return uuid.UUID(int=head | 0x2 << 62 | random)


def new_key() -> str:
    """A fresh key as this database writes it: what bulk statements read and write."""
    return as_key(new_id())


def keys_in(texts: Iterable[str]) -> list[uuid.UUID]:
    """The keys among what a page sent; what is none is left out."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def as_key(pk: uuid.UUID) -> str:
    """A key as this database writes it."""
    return str(pk) if _has_uuids() else pk.hex


@cache
def _has_uuids() -> bool:
    """Asked once: the way to the answer leads through the thread's storage of connections."""
    return connection.features.has_native_uuid_field
