"""Primary keys that grow with time (UUID version 7, RFC 9562 §5.7).

Random keys would scatter each new row over the whole index; these land at its end, so that the
millionth row costs what the first one did.
"""

from __future__ import annotations

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A fresh key: 48 bits of milliseconds, then 74 random bits."""
    number = int.from_bytes(os.urandom(10), "big") | time.time_ns() // 1_000_000 << 80
    number = number & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)
